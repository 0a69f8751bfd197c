#include "patronus/core/process.h"

#include <unistd.h>

namespace patronus {

std::string this_process() {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return "process " + std::to_string(getpid()) + " on " + host;
}

}  // namespace patronus
