#pragma once
#include <string>

namespace patronus {

/// "process 4711 on node-b".
std::string this_process();

}  // namespace patronus
