#include "patronus/core/interrupt.h"

#include <atomic>
#include <csignal>

namespace patronus {
namespace {

std::atomic<int> received{0};

constexpr int kSignals[]{SIGINT, SIGTERM, SIGHUP};

/// Lets the signals end the program again; one that is ignored stays so. Safe in a handler.
void give_back_signals() {
  for (const int signal : kSignals) {
    if (std::signal(signal, SIG_DFL) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

extern "C" void remember_signal(int signal) {
  received = signal;
  give_back_signals();
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
