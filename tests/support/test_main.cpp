#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "patronus/core/process.h"

int main(int argc, char** argv) {
  patronus::keep_freed_memory();
  testing::InitGoogleTest(&argc, argv);
  // ctest runs tests beside each other, and waiting OpenMP threads spin: two on one core are ten times as
  // slow as one.
  at::set_num_threads(1);
  return RUN_ALL_TESTS();
}
