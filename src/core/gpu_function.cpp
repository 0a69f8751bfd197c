#include "patronus/core/gpu_function.h"

#include <dlfcn.h>

#include <filesystem>

#include "patronus/core/child_process.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

struct GpuLibrary {
  void* handle = nullptr;
  std::string error;
};

/// Beside the program in the build tree and after installation.
fs::path library_path() {
  return fs::path(this_program()).parent_path().parent_path() / "lib" / "patronus" / "libpatronus_gpu.so";
}

/// Where it could not be built, for want of CUDA's headers, LibTorch's own library serves a GPU too.
GpuLibrary load() {
  if (dlopen("libcuda.so.1", RTLD_LAZY) == nullptr) return {};
  std::error_code error;
  const fs::path own = library_path();
  const std::string library = fs::exists(own, error) ? own.string() : "libtorch_cuda.so";
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL);
  return handle != nullptr ? GpuLibrary{handle, ""} : GpuLibrary{nullptr, dlerror()};
}

/// Loaded before `main`: LibTorch looks for CUDA once, as early as where a generator is seeded.
const GpuLibrary library = load();

}  // namespace

void* find_gpu_function(const char* name) {
  return library.handle != nullptr ? dlsym(library.handle, name) : nullptr;
}

const std::string& gpu_library_error() {
  return library.error;
}

}  // namespace patronus
