#include "patronus/io/byte_reader.h"

#include <gtest/gtest.h>

#include "support/failure.h"

namespace patronus {
namespace {

TEST(ByteReader, TakesOneAfterTheOther) {
  const std::string bytes("ab\x01\x02\x03\xFFline\n\nrest", 16);
  ByteReader reader(bytes, "it ends early");
  EXPECT_EQ(reader.take(2), "ab");
  EXPECT_EQ(reader.byte(), 1);
  EXPECT_EQ(reader.little_endian(2), 0x0302u);
  EXPECT_EQ(reader.byte(), 255);
  EXPECT_EQ(reader.line(), "line");
  EXPECT_EQ(reader.line(), "");
  EXPECT_EQ(reader.rest(), "rest");
  EXPECT_EQ(reader.take(0), "");
  EXPECT_EQ(reader.take(4), "rest");
  EXPECT_EQ(reader.rest(), "");
}

TEST(ByteReader, AtTheEndSaysSoWhateverIsAskedFor) {
  const auto refusal = [](const auto& read) {
    ByteReader reader("abc", "it ends early");
    reader.byte();
    return test::message_of([&] { read(reader); });
  };
  EXPECT_EQ(refusal([](ByteReader& reader) { reader.take(3); }), "it ends early");
  EXPECT_EQ(refusal([](ByteReader& reader) { reader.take(~size_t{0}); }), "it ends early");
  EXPECT_EQ(refusal([](ByteReader& reader) { reader.little_endian(3); }), "it ends early");
  EXPECT_EQ(refusal([](ByteReader& reader) { reader.line(); }), "it ends early") << "a line has an end";
  EXPECT_EQ(refusal([](ByteReader& reader) { reader.take(2); }), "no error");
}

TEST(LoadUnsigned, ReadsBothOrdersAtAnyOffset) {
  const std::string bytes("\x12\x34\x56\x78\x9A\xBC\xDE\xF0", 8);
  EXPECT_EQ(load_unsigned(std::endian::big, bytes, 0, 8), 0x123456789ABCDEF0u);
  EXPECT_EQ(load_unsigned(std::endian::little, bytes, 0, 8), 0xF0DEBC9A78563412u);
  EXPECT_EQ(load_unsigned(std::endian::big, bytes, 3, 2), 0x789Au);
  EXPECT_EQ(load_unsigned(std::endian::little, bytes, 3, 2), 0x9A78u);
  EXPECT_EQ(load_unsigned(std::endian::little, bytes, 7, 1), 0xF0u);
  EXPECT_EQ(load_unsigned(std::endian::big, bytes, 8, 0), 0u);
}

}  // namespace
}  // namespace patronus
