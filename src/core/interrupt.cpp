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

}  // namespace

InterruptGuard::InterruptGuard() {
  received = 0;
  std::signal(SIGINT, remember_signal);
  std::signal(SIGTERM, remember_signal);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

int interrupt_signal() {
  return received;
}

}  // namespace patronus
