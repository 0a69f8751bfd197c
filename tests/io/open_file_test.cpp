#include "patronus/io/open_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "patronus/core/interrupt.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

TEST(OpenFile, SaysWhyItCannotBeOpenedOrMade) {
  const test::TemporaryFolder folder;
  try {
    const OpenFile file(folder / "absent", O_RDONLY);
    FAIL() << "there is no such file";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
  }
  EXPECT_EQ(test::message_of([&] { OpenFile::create(folder / "absent/a", O_RDWR); }),
            (folder / "absent/a").string() + ": cannot be made: No such file or directory");
  EXPECT_EQ(test::message_of([&] { OpenFile::create(folder.path(), O_RDWR); }),
            folder.path().string() + ": cannot be made: Is a directory");
}

TEST(OpenFile, IsMadeOnceAndKeepsWhatItHolds) {
  const test::TemporaryFolder folder;
  write_file(folder / "a", "text");
  const OpenFile kept = OpenFile::create(folder / "a", O_RDWR), made = OpenFile::create(folder / "b", O_RDWR);
  EXPECT_EQ(read_file(folder / "a"), "text");
  EXPECT_EQ(read_file(folder / "b"), "");
  EXPECT_EQ(made.path(), folder / "b");
}

TEST(OpenFile, IsClosedWhenItGoesAndNotByWhatItWasMovedFrom) {
  const test::TemporaryFolder folder;
  int descriptor = -1;
  {
    auto first = std::make_unique<OpenFile>(OpenFile::create(folder / "a", O_RDWR));
    descriptor = first->descriptor();
    const OpenFile second = std::move(*first);
    first.reset();
    EXPECT_EQ(second.descriptor(), descriptor);
    EXPECT_NE(fcntl(descriptor, F_GETFD), -1) << "open still";
    EXPECT_NE(fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0) << "children do not get it";
  }
  EXPECT_EQ(fcntl(descriptor, F_GETFD), -1);
}

TEST(OpenFile, IsLockedByOneUntilThatGoes) {
  const test::TemporaryFolder folder;
  auto first = std::make_unique<OpenFile>(OpenFile::create(folder / "a", O_RDWR));
  const OpenFile second(folder / "a", O_RDWR);
  EXPECT_FALSE(first->try_lock());
  EXPECT_FALSE(first->try_lock()) << "it has the lock";
  EXPECT_EQ(second.try_lock(), std::errc::operation_would_block);
  EXPECT_FALSE(second.try_lock_or_warn("writing here"));
  std::atomic<bool> has_it = false;
  std::jthread waiting([&] {
    second.wait_for_lock();
    has_it = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(has_it);
  first.reset();
  waiting.join();
  EXPECT_TRUE(has_it);
  EXPECT_EQ(OpenFile(folder / "a", O_RDWR).try_lock(), std::errc::operation_would_block);
}

TEST(OpenFile, KnowsWhetherItStillLiesAtItsPath) {
  const test::TemporaryFolder folder;
  const OpenFile file = OpenFile::create(folder / "a", O_RDWR);
  EXPECT_TRUE(file.is_at_its_path());
  std::filesystem::rename(folder / "a", folder / "b");
  EXPECT_FALSE(file.is_at_its_path()) << "gone";
  write_file(folder / "a", "another");
  EXPECT_FALSE(file.is_at_its_path()) << "another of its name";
  std::filesystem::rename(folder / "b", folder / "a");
  EXPECT_TRUE(file.is_at_its_path());
}

TEST(OpenFile, AWaitForALockEndsWithASignal) {
  const test::TemporaryFolder folder;
  const InterruptGuard guard;
  const OpenFile first = OpenFile::create(folder / "a", O_RDWR),
                 second = OpenFile::create(folder / "a", O_RDWR);
  ASSERT_FALSE(first.try_lock());
  std::raise(SIGTERM);
  EXPECT_EQ(test::message_of([&] { second.wait_for_lock(); }),
            (folder / "a").string() + ": interrupted while waiting for its lock");
}

}  // namespace
}  // namespace patronus
