#include "patronus/core/unknown.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/core/to_vector.h"

namespace patronus {
namespace {

TEST(KnownRows, AscendAndMayBeNone) {
  const auto rows = known_rows(at::tensor({kUnknown, int64_t{0}, int64_t{5}, kUnknown, int64_t{1}}));
  EXPECT_EQ(rows.scalar_type(), at::kLong);
  EXPECT_EQ(to_vector<int64_t>(rows), (std::vector<int64_t>{1, 2, 4}));
  EXPECT_EQ(known_rows(at::full({3}, kUnknown)).sizes(), at::IntArrayRef{0});
  EXPECT_EQ(known_rows(at::zeros({1}, at::kLong)).sizes(), at::IntArrayRef{1}) << "of one a list still";
}

TEST(ToVector, IsRowMajorWhateverTheStridesAndTypes) {
  const auto matrix = at::arange(6, at::kInt).view({2, 3});
  EXPECT_EQ(to_vector(matrix.t()), (std::vector<double>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(to_vector<int64_t>(at::tensor({1.75, -1.75})), (std::vector<int64_t>{1, -1}));
  EXPECT_EQ(to_vector(at::tensor(7.5F)), std::vector<double>{7.5});
  EXPECT_TRUE(to_vector(at::empty({0, 3})).empty());
}

}  // namespace
}  // namespace patronus
