#include "patronus/io/file_hash.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

using test::TemporaryFolder;

TEST(FileSha256, IsTheStandardsOne) {
  const TemporaryFolder folder;
  const auto sha256 = [&](const std::string& bytes) {
    write_file(folder / "a.bin", bytes);
    return file_sha256(folder / "a.bin");
  };
  // FIPS 180-2's examples, and the empty message.
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(file_identity(folder / "a.bin"), "sha256 cdc76e5c");
}

TEST(FileSha256, OfWhatCannotBeReadIsNone) {
  const TemporaryFolder folder;
  for (const auto& path : {folder / "absent", folder.path()}) {
    EXPECT_EQ(test::message_of([&] { file_sha256(path); }), path.string() + ": cannot be read");
  }
}

TEST(HashInName, MustBeThatOfTheBytes) {
  const TemporaryFolder folder;
  const auto check = [&](const std::string& name) {
    write_file(folder / name, "abc");
    return test::message_of([&] { check_hash_in_name(folder / name); });
  };
  EXPECT_EQ(check("weights-ba7816bf.pth"), "no error");
  EXPECT_EQ(check("weights-ba7816bf8f01cfea.pth"), "no error");
  EXPECT_EQ(check("weights-2015.pth"), "no error") << "too short for a hash";
  EXPECT_EQ(check("weights-20240115.pth"), "no error") << "a date";
  EXPECT_EQ(check("ba7816b0.pth"), "no error") << "nothing but a name";
  EXPECT_EQ(check("weights-ba7816b0.pth"),
            (folder / "weights-ba7816b0.pth").string() +
                ": its name promises a sha256 of ba7816b0, its bytes have ba7816bf; fetch it again");
}

}  // namespace
}  // namespace patronus
