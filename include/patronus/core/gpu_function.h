#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// Path of libpatronus_gpu.so: in `../lib/patronus` relative to the program's folder.
std::filesystem::path gpu_library_path();

/// Whether a loaded library is the libpatronus_gpu.so built from the sources of this program.
bool is_of_our_sources(void* library);

/// Address of a function with C linkage in libpatronus_gpu.so, which contains everything that needs CUDA's
/// libraries. The library is loaded only if a GPU driver is installed, as loading takes a third of a
/// command's start. Null if it is not loaded, was built from other sources (gpu_library_error), or lacks the
/// function.
void* find_gpu_function(const char* name);

/// Address of a function declared in a header, typed: `gpu_function<decltype(f)>("f")`.
template <class Function>
Function* gpu_function(const char* name) {
  return reinterpret_cast<Function*>(find_gpu_function(name));
}

/// Why the GPU cannot be used although a driver is installed; empty if nothing is wrong.
const std::string& gpu_library_error();

}  // namespace patronus
