#include "patronus/metrics/assignment.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

#include "patronus/core/random.h"

namespace patronus {
namespace {

double total_gain(const at::Tensor& gain, const std::vector<int64_t>& column_of) {
  double total = 0;
  for (size_t row = 0; row < column_of.size(); ++row) {
    if (column_of[row] != kUnassigned)
      total += gain[static_cast<int64_t>(row)][column_of[row]].item<double>();
  }
  return total;
}

/// The largest total gain, by trying all assignments of rows to columns; there are no more rows than columns.
double largest_total(const at::Tensor& gain) {
  std::vector<int64_t> columns(gain.size(1));
  std::iota(columns.begin(), columns.end(), 0);
  double largest = -std::numeric_limits<double>::infinity();
  do {
    largest = std::max(largest, total_gain(gain, {columns.begin(), columns.begin() + gain.size(0)}));
  } while (std::next_permutation(columns.begin(), columns.end()));
  return largest;
}

void expect_best(const at::Tensor& gain) {
  const auto column_of = best_assignment(gain);
  ASSERT_EQ(std::ssize(column_of), gain.size(0));
  std::set<int64_t> used(column_of.begin(), column_of.end());
  used.erase(kUnassigned);
  EXPECT_EQ(std::ssize(used), std::min(gain.size(0), gain.size(1))) << "each column once";
  const double largest = largest_total(gain.size(0) <= gain.size(1) ? gain : gain.t());
  EXPECT_NEAR(total_gain(gain, column_of), largest, 1e-12) << gain;
}

TEST(BestAssignment, IsTheBestOfAll) {
  for (const auto& [rows, columns] :
       {std::pair(1, 1), {3, 3}, {6, 6}, {2, 6}, {5, 6}, {6, 2}, {6, 5}, {1, 4}, {4, 1}}) {
    for (uint64_t seed = 0; seed < 10; ++seed)
      expect_best(at::randn({rows, columns}, make_generator(seed), at::kDouble));
  }
}

TEST(BestAssignment, IsTheBestWhereManyGainsAreEqual) {
  for (uint64_t seed = 0; seed < 20; ++seed)
    expect_best(at::randint(-1, 2, {5, 6}, make_generator(seed), at::kDouble));
  expect_best(at::zeros({4, 4}, at::kDouble));
}

TEST(BestAssignment, GivesUpALargeGainForALargerSum) {
  const auto gain = at::tensor({0.9, 0.8, 0.85, 0.1}, at::kDouble).view({2, 2});
  EXPECT_EQ(best_assignment(gain), (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(best_assignment(gain.slice(1, 0, 1)), (std::vector<int64_t>{0, kUnassigned}));
}

TEST(BestAssignment, UndoesAPermutation) {
  const auto order = random_permutation(300, 1);
  const auto column_of = best_assignment(at::eye(300, at::kFloat).index_select(0, order));
  EXPECT_TRUE(at::equal(at::tensor(column_of), order));
}

TEST(BestAssignment, OfNothingIsNothingAndOfNaNAMistake) {
  EXPECT_TRUE(best_assignment(at::zeros({0, 3})).empty());
  EXPECT_EQ(best_assignment(at::zeros({2, 0})), std::vector<int64_t>(2, kUnassigned));
  EXPECT_THROW(best_assignment(at::full({2, 2}, NAN)), c10::Error);
}

}  // namespace
}  // namespace patronus
