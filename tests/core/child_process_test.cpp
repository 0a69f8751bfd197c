#include "patronus/core/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "patronus/core/interrupt.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

/// Runs a line of shell; gives its exit status and what it wrote.
test::Outcome run_shell(const std::string& line, const std::vector<std::string>& environment = {}) {
  const test::TemporaryFolder folder;
  const int output = open((folder / "output").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  const int status =
      run_child({.argv = {"/bin/sh", "-c", line}, .output = output, .environment = environment});
  close(output);
  return {status, test::file_text(folder / "output"), ""};
}

TEST(ChildProcess, ItsStatusAndAllThatItWritesAreKept) {
  const auto outcome = run_shell("echo said; echo wrong >&2; cat; exit 7");
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.output, "said\nwrong\n") << "and there was nothing to read";
  EXPECT_EQ(run_shell("kill -9 $$").status, 128 + SIGKILL);
}

TEST(ChildProcess, ItsEnvironmentIsOursWithChanges) {
  setenv("PATRONUS_TEST_KEPT", "kept", 1);
  setenv("PATRONUS_TEST_CHANGED", "before", 1);
  const auto outcome =
      run_shell("echo $PATRONUS_TEST_KEPT $PATRONUS_TEST_CHANGED", {"PATRONUS_TEST_CHANGED=after"});
  EXPECT_EQ(outcome.output, "kept after\n");
}

TEST(ChildProcess, ItsStatusIsKnownWhereEndsOfChildrenWereIgnored) {
  const auto before = signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(run_shell("exit 7").status, 7);
  signal(SIGCHLD, before);
}

TEST(ChildProcess, ASignalIsPassedOnOnceAndItsEndAwaited) {
  const InterruptGuard guard;
  const test::TemporaryFolder folder;
  const auto ready = folder / "ready";
  std::jthread interrupter([&] {
    while (!std::filesystem::exists(ready)) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    raise(SIGTERM);
  });
  const auto outcome = run_shell("trap 'echo saved; exit 3' TERM; touch " + ready.string() +
                                 "; for i in $(seq 60); do sleep 1; done");
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(outcome.output, "saved\n");
}

TEST(ChildProcess, AProgramThatIsNotThereIsNamed) {
  EXPECT_EQ(test::message_of([] { run_child({.argv = {"/absent/program"}, .output = 1}); }),
            "/absent/program: cannot be started: No such file or directory");
}

}  // namespace
}  // namespace patronus
