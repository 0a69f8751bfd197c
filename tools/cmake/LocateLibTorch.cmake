# Where a LibTorch 2.11 is, without looking further than the file system and python3. The first that fits wins:
#   1. LIBTORCH_ROOT (-D or environment)        4. the per-user cache that tools/quickstart fills
#   2. CMAKE_PREFIX_PATH (-D or environment)    5. nothing
#   3. the torch that python3 imports
# A place that was pointed at (1) and is not a LibTorch 2.11 is an error, never passed over in silence.
# `cmake -P` on this file prints the directory, or nothing: tools/environment.sh asks the same question this way.
set(PATRONUS_LIBTORCH_SERIES 2.11)

# The version of the torch directory `root`; empty when it holds no complete LibTorch.
function(patronus_libtorch_version root version)
  set(found "")
  if(EXISTS "${root}/lib/libtorch_cpu.so" AND EXISTS "${root}/lib/libc10.so"
     AND EXISTS "${root}/include/torch/csrc/api/include/torch/torch.h")
    set(header "${root}/include/torch/headeronly/version.h")
    if(NOT EXISTS "${header}")  # before 2.10
      set(header "${root}/include/torch/csrc/api/include/torch/version.h")
    endif()
    file(STRINGS "${header}" lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
    string(REGEX REPLACE "[^0-9;]" "" numbers "${lines}")
    list(JOIN numbers "." found)
  endif()
  set(${version} "${found}" PARENT_SCOPE)
endfunction()

# Directories that may hold a LibTorch although nobody pointed at them, in order of preference.
function(patronus_libtorch_candidates result)
  set(places "")
  string(REPLACE ":" ";" prefixes "$ENV{CMAKE_PREFIX_PATH}")
  foreach(prefix IN LISTS CMAKE_PREFIX_PATH prefixes)
    # torch.utils.cmake_prefix_path is <torch>/share/cmake, a site-packages folder holds torch/.
    list(APPEND places "${prefix}" "${prefix}/../.." "${prefix}/torch")
  endforeach()
  execute_process(
    COMMAND python3 -c "from importlib.util import find_spec; print(find_spec('torch').submodule_search_locations[0])"
    OUTPUT_VARIABLE imported OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(imported)
    list(APPEND places "${imported}")
  endif()
  set(cache "$ENV{XDG_CACHE_HOME}")
  if(NOT cache)
    set(cache "$ENV{HOME}/.cache")
  endif()
  # `complete` is written when the installation is: an interrupted one is not used.
  file(GLOB cached "${cache}/patronus/torch-2.11.0/lib/python3*/site-packages/torch")
  if(EXISTS "${cache}/patronus/torch-2.11.0/complete")
    list(APPEND places ${cached})
  endif()
  set(${result} "${places}" PARENT_SCOPE)
endfunction()

# Sets `root` and `version`, both empty when there is none; `passed_over` names LibTorch of other versions on the way.
function(patronus_locate_libtorch root version passed_over)
  set(pointed_at "${LIBTORCH_ROOT}")
  if(NOT pointed_at)
    set(pointed_at "$ENV{LIBTORCH_ROOT}")
  endif()
  if(pointed_at)
    set(places "${pointed_at}")
  else()
    patronus_libtorch_candidates(places)
  endif()
  set(others "")
  foreach(place IN LISTS places)
    patronus_libtorch_version("${place}" found)
    if("${found}" MATCHES "^2\\.11\\.")
      get_filename_component(place "${place}" ABSOLUTE)
      set(${root} "${place}" PARENT_SCOPE)
      set(${version} "${found}" PARENT_SCOPE)
      return()
    elseif(found)
      list(APPEND others "${found} in ${place}")
    endif()
  endforeach()
  if(pointed_at)
    list(JOIN others ", " others)
    if(NOT others)
      set(others "none")
    endif()
    message(FATAL_ERROR "LIBTORCH_ROOT=${pointed_at}: LibTorch ${PATRONUS_LIBTORCH_SERIES} expected (a folder with "
      "include/ and lib/), found: ${others}; point it at another, or unset it and run tools/quickstart")
  endif()
  set(${root} "" PARENT_SCOPE)
  set(${version} "" PARENT_SCOPE)
  set(${passed_over} "${others}" PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  patronus_locate_libtorch(root version passed_over)
  execute_process(COMMAND ${CMAKE_COMMAND} -E echo "${root}")
endif()
