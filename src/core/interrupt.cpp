#include "patronus/core/interrupt.h"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace patronus {
namespace {

std::atomic<int> received{0};
std::atomic<int64_t> received_at{0};  // milliseconds of a clock that only rises

constexpr int kSignals[]{SIGINT, SIGTERM, SIGHUP};

/// Lets the signals end the program again; one that is ignored stays so. Safe in a handler.
void give_back_signals() {
  for (const int signal : kSignals) {
    if (std::signal(signal, SIG_DFL) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

/// Safe in a handler.
int64_t now() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

extern "C" void remember_signal(int signal) {
  constexpr int64_t kSame = 1000;  // timeout(1) signals a program and at once all of its group
  if (received == 0) {
    received_at = now();  // first, for another signal may come in between
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
    if (ignored && signal == SIGHUP) std::signal(signal, SIG_IGN);  // nohup's wish
  }
}

InterruptGuard::~InterruptGuard() {
  give_back_signals();
}

int interrupt_signal() {
  return received;
}

ExitCode exit_code_of(int signal) {
  return static_cast<ExitCode>(128 + signal);
}

}  // namespace patronus
