#include "patronus/core/gpu_function.h"

#include <dlfcn.h>
#include <link.h>

#include <filesystem>
#include <string_view>

#include "core/cuda.h"
#include "patronus/core/child_process.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

struct GpuLibrary {
  void* handle = nullptr;
  std::string error;
};

/// LibTorch's CUDA library, next to its CPU library; a CPU-only LibTorch has none.
fs::path cuda_library_of_libtorch() {
  void* of_cpu = dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD);
  link_map* loaded = nullptr;
  if (of_cpu == nullptr || dlinfo(of_cpu, RTLD_DI_LINKMAP, &loaded) != 0) return {};
  return fs::path(loaded->l_name).parent_path() / "libtorch_cuda.so";
}

/// Loads libpatronus_gpu.so or, if it was not built for lack of CUDA headers, LibTorch's CUDA library alone.
GpuLibrary load() {
  std::error_code error;
  const fs::path of_libtorch = cuda_library_of_libtorch();
  if (!fs::exists(of_libtorch, error) || dlopen("libcuda.so.1", RTLD_LAZY) == nullptr) return {};
  const fs::path path = PATRONUS_HAS_GPU_LIBRARY ? gpu_library_path() : of_libtorch;
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (handle == nullptr) return {nullptr, dlerror()};
  if (PATRONUS_HAS_GPU_LIBRARY && !is_of_our_sources(handle)) {
    return {nullptr, path.string() +
                         ": was built from other sources than this program; install both from one "
                         "build, or use --device cpu"};
  }
  return {handle, ""};
}

/// Loaded before `main`: LibTorch looks for CUDA only once, possibly as early as it seeds a generator.
const GpuLibrary library = load();

}  // namespace

bool is_of_our_sources(void* library) {
  auto* const sources =
      reinterpret_cast<decltype(gpu_library_sources)*>(dlsym(library, "gpu_library_sources"));
  return sources != nullptr && std::string_view(sources()) == PATRONUS_GPU_SOURCES;
}

std::filesystem::path gpu_library_path() {
  return fs::path(this_program()).parent_path().parent_path() / "lib" / "patronus" / "libpatronus_gpu.so";
}

void* find_gpu_function(const char* name) {
  return library.handle != nullptr ? dlsym(library.handle, name) : nullptr;
}

const std::string& gpu_library_error() {
  return library.error;
}

}  // namespace patronus
