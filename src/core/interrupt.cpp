#include "patronus/core/interrupt.h"

#include <atomic>
#include <csignal>

namespace patronus {
namespace {

std::atomic<int> received{0};

extern "C" void remember_signal(int signal) {
  received = signal;
  std::signal(signal, SIG_DFL);
}

constexpr int kSignals[]{SIGINT, SIGTERM, SIGHUP};

}  // namespace

InterruptGuard::InterruptGuard() {
  received = 0;
  for (const int signal : kSignals) {
    const bool ignored = std::signal(signal, remember_signal) == SIG_IGN;
    if (ignored && signal == SIGHUP) std::signal(signal, SIG_IGN);  // nohup's wish
  }
}

InterruptGuard::~InterruptGuard() {
  for (const int signal : kSignals) {
    if (std::signal(signal, SIG_DFL) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

int interrupt_signal() {
  return received;
}

ExitCode exit_code_of(int signal) {
  return static_cast<ExitCode>(128 + signal);
}

}  // namespace patronus
