#include "interop/npy.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "support/failure.h"

namespace patronus {
namespace {

/// A file of version 1 with this header, and `count` doubles 0 1 2 ...
std::string npy_with(const std::string& header, int count, char version = 1) {
  std::string bytes("\x93NUMPY");
  bytes += {version, '\0', static_cast<char>(header.size()), '\0'};
  if (version == 2) bytes += std::string(2, '\0');
  bytes += header;
  for (int i = 0; i < count; ++i) {
    const double value = i;
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return bytes;
}

std::string refusal_of_npy(const std::string& bytes) {
  return test::message_of([&] { decode_npy(bytes); });
}

TEST(Npy, ReadsBothVersionsAndBothTypes) {
  const std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n";
  const auto expected = at::arange(6, at::kDouble).view({2, 3});
  EXPECT_TRUE(at::equal(decode_npy(npy_with(header, 6)), expected));
  EXPECT_TRUE(at::equal(decode_npy(npy_with(header, 6, 2)), expected));
  const auto halves = decode_npy(npy_with("{'descr': '<f4', 'fortran_order': False, 'shape': (4,)}", 2));
  EXPECT_EQ(halves.scalar_type(), at::kFloat);
  EXPECT_EQ(halves.sizes(), at::IntArrayRef{4});
}

TEST(Npy, WhatIsWrittenReadsBack) {
  for (const auto& array : {at::rand({3, 4}, at::kDouble), at::rand({5}, at::kDouble).slice(0, 0, 5, 2),
                            at::rand({}, at::kDouble), at::empty({0, 3}, at::kDouble)}) {
    const std::string bytes = encode_npy(array);
    EXPECT_TRUE(at::equal(decode_npy(bytes), array)) << array.sizes();
    EXPECT_EQ((bytes.size() - array.nbytes()) % 64, 0u) << "numpy maps arrays that are aligned";
  }
}

TEST(Npy, RefusesOtherArraysByName) {
  const auto header = [](const std::string& type, const std::string& order, const std::string& shape) {
    return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + "}";
  };
  EXPECT_EQ(refusal_of_npy(npy_with(header("<i8", "False", "(2,)"), 2)),
            "elements of type '<i8'; expected '<f8' or '<f4'");
  const std::string disagree = "damaged: its shape and its size do not agree";
  EXPECT_EQ(refusal_of_npy(npy_with(header("<f8", "False", "(3,)"), 2)), disagree);
  EXPECT_EQ(refusal_of_npy(npy_with(header("<f8", "False", "(-1, -2)"), 2)), disagree);
  EXPECT_EQ(refusal_of_npy(npy_with(header("<f8", "False", "(-1, 0)"), 0)), disagree);
  EXPECT_EQ(refusal_of_npy(npy_with(header("<f8", "False", "(4611686018427387904, 4)"), 0)), disagree);
  EXPECT_EQ(refusal_of_npy(npy_with(header("<f8", "False", "(2,)"), 2) + "x"), disagree);
  EXPECT_EQ(refusal_of_npy(npy_with("{'descr': '<f8', 'shape': (2,)}", 2)), "no entry 'fortran_order'");
  EXPECT_EQ(refusal_of_npy(npy_with("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}", 2)),
            "found a list; expected text");
  EXPECT_EQ(refusal_of_npy(npy_with("hello", 0, 3)), "version 3 of numpy's .npy format; expected 1 or 2");
  EXPECT_EQ(refusal_of_npy("hello"), "not numpy's .npy format");
  EXPECT_EQ(refusal_of_npy(""), "not numpy's .npy format");
}

TEST(Npy, RefusesALongHeader) {
  constexpr size_t kBytes = 1 << 20;
  const std::string start("\x93NUMPY\2\0\0\0\x10\0", 12);
  EXPECT_EQ(refusal_of_npy(start + std::string(kBytes, '[')),
            "a header of 1048576 bytes; expected at most 10000");
}

}  // namespace
}  // namespace patronus
