#include "patronus/core/interrupt.h"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace patronus {
namespace {

std::atomic<int> received{0};
std::atomic<int64_t> received_at{0};  // milliseconds of a monotonic clock

constexpr int kSignals[]{SIGINT, SIGTERM, SIGHUP};

/// Restores the default action of signals, except those ignored before. Async-signal-safe.
void give_back_signals() {
  for (const int signal : kSignals) {
    if (std::signal(signal, SIG_DFL) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

/// Async-signal-safe.
int64_t now() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

extern "C" void remember_signal(int signal) {
  constexpr int64_t kSame = 1000;  // timeout(1) signals both the program and its process group
  if (received == 0) {
    received_at = now();  // set first, as another signal may interrupt here
    received = signal;
  } else if (now() - received_at >= kSame) {
    give_back_signals();
    raise(signal);
  }
}

}  // namespace

InterruptGuard::InterruptGuard() {
  received = 0;
  for (const int signal : kSignals) {
    const bool ignored = std::signal(signal, remember_signal) == SIG_IGN;
    if (ignored && signal == SIGHUP) std::signal(signal, SIG_IGN);  // set by nohup
  }
}

InterruptGuard::~InterruptGuard() {
  give_back_signals();
  received = 0;
}

int interrupt_signal() {
  return received;
}

ExitCode exit_code_of(int signal) {
  return static_cast<ExitCode>(128 + signal);
}

}  // namespace patronus
