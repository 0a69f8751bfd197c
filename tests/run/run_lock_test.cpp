#include "patronus/run/run_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

TEST(RunLock, BelongsToOneAtATimeAndNamesItsOwner) {
  const test::TemporaryFolder folder;
  const RunDirectory run(folder / "run");
  std::optional<RunLock> lock(run);
  EXPECT_EQ(read_file(run.file(".patronus-lock")).find("process " + std::to_string(getpid()) + " on "), 0u);
  const std::string message = test::message_of([&] { RunLock second(run); });
  EXPECT_EQ(message, run.path().string() + ": " + read_file(run.file(".patronus-lock")) +
                         " is writing here; wait until it ends, or choose another folder with --run");
  lock.reset();
  EXPECT_FALSE(std::filesystem::exists(run.path())) << "nothing was written there";
  EXPECT_NO_THROW(RunLock next(run));
}

TEST(RunLock, OfAKilledProcessIsTakenOver) {
  const test::TemporaryFolder folder;
  const RunDirectory run(folder / "run");
  write_file(run.folder("") / ".patronus-lock",
             "process 1 on elsewhere, with a long name that must not stay");
  run.write_status("running", 0);
  std::ofstream(run.folder("samples") / ".half.png.1-0.tmp") << "half";
  const RunLock lock(run);
  EXPECT_EQ(read_file(run.file(".patronus-lock")).find("elsewhere"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(run.file("samples/.half.png.1-0.tmp"))) << "what it left half written";
}

}  // namespace
}  // namespace patronus
