# Part of FindLibTorch: target torch::cuda where the CUDA headers are complete. The torch wheel brings most of them, but not
# crt/ and nv/; these come from the toolkit, from three small wheels beside torch, or from an offline bundle.
file(GLOB _wheel_headers "${_site_packages}/nvidia/cu[0-9]*/include" "${_site_packages}/nvidia/cuda_runtime/include")
file(GLOB _cudart "${_site_packages}/nvidia/cu[0-9]*/lib/libcudart.so.*"
  "${_site_packages}/nvidia/cuda_runtime/lib/libcudart.so.*" "${_torch_lib}/libcudart*.so.*"
  "$ENV{CUDA_HOME}/lib64/libcudart.so" "/usr/local/cuda/lib64/libcudart.so")
if("${_cudart}" MATCHES "libcudart\\.so\\.13")
  list(APPEND _wheel_headers "${_bundle}/cuda-13/include")
endif()
set(_cuda_headers "")
foreach(_header cuda_runtime_api.h crt/host_defines.h nv/target cuda_profiler_api.h)
  # The wheels' first: they fit the libraries that torch brings. (_bundle: see Dependencies.cmake)
  find_path(_folder ${_header} NO_CACHE HINTS ${_wheel_headers} ENV CUDA_HOME PATHS /usr/local/cuda
            PATH_SUFFIXES include include/cccl cccl)
  list(APPEND _cuda_headers "${_folder}")
  unset(_folder)
endforeach()
list(REMOVE_DUPLICATES _cuda_headers)
if("${_cuda_headers}" MATCHES "NOTFOUND" OR NOT _cudart)
  message(STATUS "CUDA headers: no (CUDA graphs and NCCL are off; install the CUDA toolkit, or: pip install "
    "nvidia-cuda-crt nvidia-cuda-cccl nvidia-cuda-profiler-api, of the CUDA version of torch)")
  return()
endif()
list(JOIN _cuda_headers ", " _shown)
message(STATUS "CUDA headers: yes (${_shown})")
list(GET _cudart 0 _cudart)
add_library(torch::cuda INTERFACE IMPORTED)
target_include_directories(torch::cuda SYSTEM INTERFACE ${_cuda_headers})
# Kernels register themselves from static initialisers of libtorch_cuda.so: the linker must keep it although nothing
# may refer to it.
target_link_libraries(torch::cuda INTERFACE torch::cpu "-Wl,--push-state,--no-as-needed" "${_torch_lib}/libtorch_cuda.so"
  "${_torch_lib}/libc10_cuda.so" "-Wl,--pop-state" "${_cudart}")

find_path(_nccl nccl.h NO_CACHE HINTS "${_site_packages}/nvidia/nccl/include")
if(_nccl)
  message(STATUS "NCCL: yes (${_nccl})")
  target_include_directories(torch::cuda SYSTEM INTERFACE "${_nccl}")
  target_compile_definitions(torch::cuda INTERFACE USE_C10D_NCCL)
else()
  message(STATUS "NCCL: no (several GPUs cannot be used together)")
endif()
