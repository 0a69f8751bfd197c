#include "patronus/core/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "support/run_program.h"

namespace patronus {
namespace {

/// What a signal would do now.
sighandler_t handler_of(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler;
}

class GuardedSignals : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGHUP, SIG_DFL); }  // whatever nohup these tests run under
  void TearDown() override { std::signal(SIGHUP, SIG_DFL); }
};

TEST_F(GuardedSignals, AreRememberedWithOthersThatComeAtOnce) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const InterruptGuard guard;
    EXPECT_EQ(interrupt_signal(), 0);
    std::raise(signal);
    EXPECT_EQ(interrupt_signal(), signal);
    std::raise(SIGTERM);
    EXPECT_EQ(interrupt_signal(), signal);
  }
}

TEST_F(GuardedSignals, EndTheProgramWhereAnotherOneCameASecondBefore) {
  const auto raise_two = [] {
    const InterruptGuard guard;
    std::raise(SIGINT);
    usleep(1'100'000);
    std::raise(SIGTERM);
    return 0;
  };
  EXPECT_EQ(test::run_in_fork(raise_two, ".").status, 128 + SIGTERM);
}

TEST_F(GuardedSignals, OfAnEarlierGuardAreForgottenAndTheHandlersGivenBack) {
  {
    const InterruptGuard guard;
    std::raise(SIGTERM);
  }
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) EXPECT_EQ(handler_of(signal), SIG_DFL);
  EXPECT_EQ(interrupt_signal(), 0);
}

TEST_F(GuardedSignals, LeaveAClosedTerminalToNohup) {
  std::signal(SIGHUP, SIG_IGN);
  {
    const InterruptGuard guard;
    std::raise(SIGHUP);
    EXPECT_EQ(interrupt_signal(), 0);
    std::raise(SIGTERM);
    EXPECT_EQ(handler_of(SIGHUP), SIG_IGN) << "after another signal too";
  }
  EXPECT_EQ(handler_of(SIGHUP), SIG_IGN);
}

TEST(ExitCodeOfASignal, Is128AndItsNumber) {
  EXPECT_EQ(static_cast<int>(exit_code_of(SIGINT)), 130);
  EXPECT_EQ(static_cast<int>(exit_code_of(SIGTERM)), 143);
}

}  // namespace
}  // namespace patronus
