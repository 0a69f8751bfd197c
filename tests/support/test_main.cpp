#include <ATen/Parallel.h>
#include <gtest/gtest.h>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  // Results of the numerics are compared at a fixed number of threads.
  at::set_num_threads(2);
  return RUN_ALL_TESTS();
}
