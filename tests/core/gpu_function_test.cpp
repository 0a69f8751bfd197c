#include "patronus/core/gpu_function.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "support/on_device.h"

namespace patronus {
namespace {

bool was_built() {
  return std::filesystem::exists(gpu_library_path());
}

class GpuFunctionOn : public test::OnDevice {};
PATRONUS_ON_DEVICES(GpuFunctionOn);

TEST_P(GpuFunctionOn, IsThereWhereThereIsAGpu) {
  if (!was_built()) GTEST_SKIP() << "built without CUDA's headers";
  EXPECT_EQ(gpu_library_error(), "");
  EXPECT_EQ(find_gpu_function("no_such_function"), nullptr);
  if (!device().is_cuda()) return;
  EXPECT_NE(find_gpu_function("record_cuda_graph"), nullptr);
}

TEST(GpuFunction, IsOfNoOtherLibrary) {
  void* other = dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD);
  ASSERT_NE(other, nullptr);
  EXPECT_FALSE(is_of_our_sources(other));
}

/// On a machine without a GPU too: what the program looks up there, and all that the library itself needs.
TEST(GpuFunction, AllOfThemAreInTheLibrary) {
  if (!was_built()) GTEST_SKIP() << "built without CUDA's headers";
  void* library = dlopen(gpu_library_path().c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  EXPECT_TRUE(is_of_our_sources(library));
  for (const char* name : {"describe_cuda", "cuda_compute_capability_major", "free_cuda_bytes",
                           "peak_cuda_bytes", "reset_peak_cuda_bytes", "record_cuda_graph"}) {
    EXPECT_NE(dlsym(library, name), nullptr) << name;
  }
  if (dlsym(library, "draw_normal_on_gpu") == nullptr) GTEST_SKIP() << "built without nvcc";
  for (const char* name : {"gpu_supports_channels", "normalize_on_gpu", "differentiate_on_gpu"}) {
    EXPECT_NE(dlsym(library, name), nullptr) << name;
  }
}

}  // namespace
}  // namespace patronus
