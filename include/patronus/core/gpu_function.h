#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// Where libpatronus_gpu.so is: `../lib/patronus` from the program.
std::filesystem::path gpu_library_path();

/// Whether a library that was loaded is libpatronus_gpu.so, from the sources of this program.
bool is_of_our_sources(void* library);

/// The address of a function with C linkage in libpatronus_gpu.so, which has all of the program that needs
/// CUDA's libraries. It is loaded, with them, where a GPU's driver is installed: they take a third of the
/// time in which a command starts. Null where it is not loaded, is of other sources (gpu_library_error), or
/// was built without that function.
void* find_gpu_function(const char* name);

/// A function that a header declares: `gpu_function<decltype(f)>("f")`.
template <class Function>
Function* gpu_function(const char* name) {
  return reinterpret_cast<Function*>(find_gpu_function(name));
}

/// Why the GPU of a machine that has a driver cannot be used; empty where nothing is wrong.
const std::string& gpu_library_error();

}  // namespace patronus
