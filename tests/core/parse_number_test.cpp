#include "patronus/core/parse_number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace patronus {
namespace {

TEST(NumberIn, IsTheWholeText) {
  EXPECT_EQ(parse_number<int64_t>("12"), 12);
  EXPECT_EQ(parse_number<int64_t>("-3"), -3);
  EXPECT_EQ(parse_number<double>("1e-3"), 1e-3);
  for (const char* other : {"", "12 ", " 12", "+12", "1x", "x"}) {
    EXPECT_EQ(parse_number<int64_t>(other), std::nullopt) << other;
    EXPECT_EQ(parse_number<double>(other), std::nullopt) << other;
  }
  EXPECT_EQ(parse_number<int64_t>("1.5"), std::nullopt);
}

TEST(NumberIn, FitsItsTypeAndIsFinite) {
  EXPECT_EQ(parse_number<int64_t>("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse_number<int64_t>("9223372036854775808"), std::nullopt);
  for (const char* other : {"inf", "-inf", "nan", "1e400"}) {
    EXPECT_EQ(parse_number<double>(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace patronus
