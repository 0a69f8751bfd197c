#pragma once

namespace patronus {

/// While one lives, Ctrl-C and SIGTERM set a flag instead of ending the program, so that work can be saved;
/// a second signal ends it at once.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// The signal that arrived (SIGINT, SIGTERM), or 0.
int interrupt_signal();

}  // namespace patronus
