#pragma once
#include <string>

namespace patronus {

/// Host name of the machine.
std::string host_name();

/// Describes this process: "process 4711 on node-b".
std::string this_process();

}  // namespace patronus
