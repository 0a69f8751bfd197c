#include "patronus/io/file_crc.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

TEST(FileCrc, IsTheUsualOne) {
  const test::TemporaryFolder folder;
  const auto crc = [&](const std::string& bytes) {
    write_file(folder / "a.bin", bytes);
    return file_crc32(folder / "a.bin");
  };
  EXPECT_EQ(crc("123456789"), "cbf43926") << "the check value of CRC-32";
  EXPECT_EQ(crc(""), "00000000");
  EXPECT_EQ(crc(std::string(1, '\0')), "d202ef8d");
  // By Python's zlib: a file longer than what is read at once.
  EXPECT_EQ(crc(std::string(200'000, 'x')), "51bf0272");
}

TEST(FileCrc, OfWhatCannotBeReadIsNone) {
  const test::TemporaryFolder folder;
  for (const auto& path : {folder / "absent", folder.path()}) {
    EXPECT_EQ(test::message_of([&] { file_crc32(path); }), path.string() + ": cannot be read");
  }
}

}  // namespace
}  // namespace patronus
