#include "patronus/io/folder_lock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

using WhenBusy = FolderLock::WhenBusy;

TEST(FolderLock, IsRemovedWhereItsOwnerWasKilledAndNotWhileItLives) {
  const test::TemporaryFolder folder;
  const auto place = folder / "x.lock";
  {
    const FolderLock lock(place, WhenBusy::kFail, "--out");
    remove_abandoned_lock(place);
    EXPECT_TRUE(std::filesystem::exists(place / ".patronus-lock"));
  }
  std::filesystem::create_directory(place);
  write_file(place / ".patronus-lock", "process 1 on host");
  remove_abandoned_lock(place);
  EXPECT_FALSE(std::filesystem::exists(place));
  remove_abandoned_lock(place);
}

TEST(FolderLock, NamesItsOwnerAndGoesWithIt) {
  const test::TemporaryFolder folder;
  std::optional<FolderLock> lock(std::in_place, folder.path(), WhenBusy::kFail, "--out");
  const std::string message =
      test::message_of([&] { FolderLock second(folder.path(), WhenBusy::kFail, "--out"); });
  EXPECT_EQ(message, folder.path().string() + ": " + read_file(folder / ".patronus-lock") +
                         " is writing here; wait until it ends, or choose another folder with --out");
  lock.reset();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(FolderLock, IsWaitedForOnDemandAlsoWhereItsFolderGoesWithIt) {
  const test::TemporaryFolder folder;
  const auto results = folder / "results";
  std::optional<FolderLock> first(std::in_place, results, WhenBusy::kFail, "--out");
  std::atomic<bool> given_back = false, waited = false;
  std::thread second([&] {
    const FolderLock lock(results, WhenBusy::kWait, "--out");
    waited = given_back && std::filesystem::exists(results);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  given_back = true;
  first.reset();
  second.join();
  EXPECT_TRUE(waited);
}

}  // namespace
}  // namespace patronus
