#pragma once
#include <ATen/Parallel.h>

namespace patronus::test {

/// Sets the number of threads during its lifetime, for tests of parallel work; other tests use one
/// (test_main.cpp).
class Threads {
 public:
  explicit Threads(int count) : before_(at::get_num_threads()) { at::set_num_threads(count); }
  ~Threads() { at::set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

}  // namespace patronus::test
