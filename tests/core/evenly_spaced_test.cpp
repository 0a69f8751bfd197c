#include "patronus/core/evenly_spaced.h"

#include <gtest/gtest.h>

namespace patronus {
namespace {

using Positions = std::vector<int64_t>;

TEST(EvenlySpaced, IsFromTheFirstToTheLast) {
  EXPECT_EQ(evenly_spaced(9, 3), (Positions{0, 4, 8}));
  EXPECT_EQ(evenly_spaced(10, 4), (Positions{0, 3, 6, 9}));
}

TEST(EvenlySpaced, IsAllWhereThereAreFewer) {
  EXPECT_EQ(evenly_spaced(3, 8), (Positions{0, 1, 2}));
  EXPECT_EQ(evenly_spaced(1, 8), (Positions{0}));
  EXPECT_EQ(evenly_spaced(0, 8), (Positions{}));
  EXPECT_EQ(evenly_spaced(5, 1), (Positions{0}));
}

}  // namespace
}  // namespace patronus
