#include "patronus/core/process.h"

#include <unistd.h>

namespace patronus {

std::string host_name() {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return host;
}

std::string this_process() {
  return "process " + std::to_string(getpid()) + " on " + host_name();
}

}  // namespace patronus
