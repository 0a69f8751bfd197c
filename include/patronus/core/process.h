#pragma once
#include <string>

namespace patronus {

/// Host name of the machine.
std::string host_name();

/// Describes this process: "process 4711 on node-b".
std::string this_process();

/// Makes malloc keep freed memory for the next tensors, in place of returning it to the system, which clears
/// every page again. For the start of a program; does nothing where the C library is not glibc.
void keep_freed_memory();

}  // namespace patronus
