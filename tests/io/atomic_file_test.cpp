#include "patronus/io/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "patronus/core/error.h"
#include "support/failure.h"
#include "support/run_program.h"
#include "support/tiny_disk.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

size_t files_in(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(AtomicFile, WritesAndReplacesTheWholeFile) {
  const test::TemporaryFolder folder;
  const std::string bytes("a\0b\n", 4);
  write_file(folder / "x.bin", "a much longer first version");
  write_file(folder / "x.bin", bytes);
  EXPECT_EQ(test::file_text(folder / "x.bin"), bytes);
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(AtomicFile, KeepsTheOldFileAndNoTemporaryOneWhenTheWriterThrows) {
  const test::TemporaryFolder folder;
  write_file(folder / "x.txt", "old");
  const auto write_half = [](const fs::path& temporary) {
    std::ofstream(temporary) << "ne";
    throw std::runtime_error("the writer broke\nbacktrace");
  };
  EXPECT_EQ(test::message_of([&] { write_atomically(folder / "x.txt", write_half); }),
            (folder / "x.txt").string() + ": cannot be written: the writer broke");
  EXPECT_EQ(test::file_text(folder / "x.txt"), "old");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(AtomicFile, PassesAnErrorOfTheWriterUnchanged) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(test::message_of(
                [&] { write_atomically(folder / "x", [](const auto&) { throw DataError("no tensor"); }); }),
            "no tensor");
}

TEST(AtomicFile, NamesThePathAndTheReasonOfTheSystem) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(test::message_of([&] { write_file(folder / "absent/x.txt", "text"); }),
            (folder / "absent/x.txt").string() + ": cannot be written: No such file or directory");
  fs::create_directory(folder / "taken");
  write_file(folder / "taken/inside", "text");
  EXPECT_EQ(test::message_of([&] { write_file(folder / "taken", "text"); }),
            (folder / "taken").string() + ": cannot be written: Is a directory");
}

TEST(AtomicFile, CanBeAskedBeforehandWhetherItCanBeWritten) {
  const test::TemporaryFolder folder;
  write_file(folder / "x.txt", "text");
  EXPECT_NO_THROW(require_writable(folder / "x.txt"));
  EXPECT_NO_THROW(require_writable(folder / "new.txt"));
  EXPECT_EQ(read_file(folder / "x.txt"), "text");
  EXPECT_EQ(files_in(folder.path()), 1u);
  EXPECT_EQ(test::message_of([&] { require_writable(folder / "absent/x.txt"); }),
            (folder / "absent/x.txt").string() + ": cannot be written: No such file or directory");
  EXPECT_EQ(test::message_of([&] { require_writable(folder.path()); }),
            folder.path().string() + ": cannot be written: Is a directory");
}

TEST(AtomicFile, ReadsAllBytesBackOrSaysWhyNot) {
  const test::TemporaryFolder folder;
  const std::string bytes(200'000, '\0');
  write_file(folder / "x.bin", bytes);
  EXPECT_EQ(read_file(folder / "x.bin"), bytes);
  EXPECT_EQ(test::message_of([&] { read_file(folder / "absent"); }),
            (folder / "absent").string() + ": cannot be read: No such file or directory");
  write_file(folder / "Absent", "");
  EXPECT_EQ(test::message_of([&] { read_file(folder / "absent"); }),
            (folder / "absent").string() + ": cannot be read: No such file or directory; did you mean " +
                (folder / "Absent").string() + "?");
  EXPECT_EQ(test::message_of([&] { read_file(folder.path()); }),
            folder.path().string() + ": cannot be read: Is a directory");
}

TEST(AtomicFile, AFailureThatMayPassIsNoFaultOfTheData) {
  const test::TemporaryFolder folder;
  write_file(folder / "x.bin", "text");
  rlimit usual{};
  getrlimit(RLIMIT_NOFILE, &usual);
  const rlimit none{0, usual.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  std::optional<Error> failure;
  try {
    read_file(folder / "x.bin");
  } catch (const Error& error) {
    failure = error;
  }
  setrlimit(RLIMIT_NOFILE, &usual);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->code(), ExitCode::kOther);
  EXPECT_EQ(failure->what(), (folder / "x.bin").string() + ": cannot be read: Too many open files");
  try {
    read_file("/proc/self/mem");
    ADD_FAILURE() << "there is nothing at address 0";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kOther) << error.what();
  }
}

TEST(AtomicFile, FullDiskKeepsTheOldFileAndSaysSo) {
  const test::TemporaryFolder folder;
  const test::TinyDisk disk(folder.path(), 64);
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system needs root's rights";
  const std::string message = (folder / "x.bin").string() + ": cannot be written: No space left on device";
  const std::string too_much(1 << 20, 'x');
  write_file(folder / "x.bin", "old");
  EXPECT_EQ(test::message_of([&] { write_file(folder / "x.bin", too_much); }), message);
  const auto by_stream = [&](const fs::path& temporary) {
    std::ofstream file(temporary);
    file.exceptions(std::ios::badbit | std::ios::failbit);
    file << too_much << std::flush;
  };
  EXPECT_EQ(test::message_of([&] { write_atomically(folder / "x.bin", by_stream); }), message);
  EXPECT_EQ(test::file_text(folder / "x.bin"), "old");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(AtomicFile, LeavesTheTemporaryFilesOfAnotherProcessThatHasItsNumber) {
  const test::TemporaryFolder folder;
  int next = 0;
  write_atomically(folder / "x", [&](const fs::path& temporary) {  // .x.PROCESS-COUNT.tmp
    const std::string name = temporary.stem();
    next = std::stoi(name.substr(name.rfind('-') + 1)) + 1;
  });
  const auto path_of = [&](int count) {
    return folder / (".x." + std::to_string(getpid()) + "-" + std::to_string(count) + ".tmp");
  };
  const int end = next + 1000;
  for (int count = next; count < end; ++count) std::ofstream(path_of(count)) << "another's";
  write_file(folder / "x", "ours");
  EXPECT_EQ(test::file_text(folder / "x"), "ours");
  for (int count = next; count < end; ++count) ASSERT_EQ(test::file_text(path_of(count)), "another's");
}

TEST(AtomicFile, WhatAKilledWriterLeftIsRemovedAndWhatIsBeingWrittenIsNot) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / ".x.pt.123-0.tmp") << "half of it";
  fs::create_directory(folder / "samples");
  std::ofstream(folder / "samples/.z.png.123-1.tmp") << "of it";
  std::ofstream(folder / "mine.tmp") << "no temporary file of ours";
  std::ofstream(folder / ".notes.tmp") << "neither";
  write_atomically(folder / "y.pt", [&](const fs::path& temporary) {
    std::ofstream(temporary) << "a new one";
    EXPECT_EQ(remove_abandoned_files(folder.path(), Depth::kFolder), 10u);
    EXPECT_EQ(remove_abandoned_files(folder.path(), Depth::kAll), 5u) << "below it";
    EXPECT_TRUE(fs::exists(temporary));
  });
  EXPECT_EQ(test::file_text(folder / "y.pt"), "a new one");
  EXPECT_EQ(files_in(folder.path()), 4u) << "the three and the folder";
  EXPECT_EQ(remove_abandoned_files(folder.path(), Depth::kAll), 0u);
  EXPECT_EQ(remove_abandoned_files(folder / "absent", Depth::kAll), 0u);
}

}  // namespace
}  // namespace patronus
