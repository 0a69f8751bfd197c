#include "patronus/core/process.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace patronus {

std::string host_name() {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return host;
}

std::string this_process() {
  return "process " + std::to_string(getpid()) + " on " + host_name();
}

void keep_freed_memory() {
#ifdef __GLIBC__
  // Larger blocks go back as soon as they are freed. Until 2.34 glibc took at most 32 MiB.
  if (mallopt(M_MMAP_THRESHOLD, INT_MAX) == 0) mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

}  // namespace patronus
