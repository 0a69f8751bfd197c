#include "patronus/core/gpu_function.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "patronus/core/child_process.h"
#include "patronus/core/device.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

TEST(GpuFunction, IsLoadedWhereThereIsAGpuAlone) {
  EXPECT_EQ(find_gpu_function("no_such_function"), nullptr);
  EXPECT_EQ(gpu_library_error(), "");
  if (select_device("auto").is_cuda()) GTEST_SKIP() << "this machine has a CUDA device";
  EXPECT_EQ(find_gpu_function("record_cuda_graph"), nullptr);
}

/// On a machine without a GPU too: what the program looks up there, and all that the library itself needs.
TEST(GpuFunction, AllOfThemAreInTheLibrary) {
  const fs::path path =
      fs::path(this_program()).parent_path().parent_path() / "lib/patronus/libpatronus_gpu.so";
  if (!fs::exists(path)) GTEST_SKIP() << "built without CUDA's headers";
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  for (const char* name : {"describe_cuda", "cuda_compute_capability_major", "free_cuda_bytes",
                           "peak_cuda_bytes", "reset_peak_cuda_bytes", "record_cuda_graph"}) {
    EXPECT_NE(dlsym(library, name), nullptr) << name;
  }
  if (dlsym(library, "draw_normal_on_gpu") == nullptr) GTEST_SKIP() << "built without nvcc";
  for (const char* name : {"gpu_takes", "normalize_on_gpu", "differentiate_on_gpu"})
    EXPECT_NE(dlsym(library, name), nullptr) << name;
}

}  // namespace
}  // namespace patronus
