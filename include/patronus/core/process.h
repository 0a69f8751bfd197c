#pragma once
#include <string>

namespace patronus {

/// Name of the machine.
std::string host_name();

/// "process 4711 on node-b".
std::string this_process();

}  // namespace patronus
