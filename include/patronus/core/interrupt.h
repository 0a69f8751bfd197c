#pragma once
#include "patronus/core/error.h"

namespace patronus {

/// During its lifetime, Ctrl-C, SIGTERM and SIGHUP (a closed terminal; not under nohup) set a flag instead of
/// ending the program, so that work can be saved. A second signal of any of these ends it at once.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// The signal that arrived since an InterruptGuard began (SIGINT, SIGTERM, SIGHUP); 0 without any, and once
/// the guard has ended.
int interrupt_signal();

/// Exit status after a signal: 128 + its number.
ExitCode exit_code_of(int signal);

}  // namespace patronus
