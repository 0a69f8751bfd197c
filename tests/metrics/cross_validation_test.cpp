#include "patronus/metrics/cross_validation.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "support/failure.h"

namespace patronus {
namespace {

/// The test parts as plain lists.
std::vector<std::vector<int64_t>> test_parts(const std::vector<Fold>& folds) {
  std::vector<std::vector<int64_t>> parts;
  for (const auto& fold : folds) {
    const auto* rows = fold.test.data_ptr<int64_t>();
    parts.emplace_back(rows, rows + fold.test.size(0));
  }
  return parts;
}

TEST(KFolds, AreThoseOfScikitLearn) {
  EXPECT_EQ(test_parts(k_folds(13)),
            (std::vector<std::vector<int64_t>>{{4, 6, 11}, {2, 8, 10}, {1, 7, 9}, {0, 3}, {5, 12}}));
}

TEST(KFolds, TestEveryRowOnceAndTrainOnTheRest) {
  auto tested = at::zeros({103}, at::kLong);
  const auto folds = k_folds(103);
  for (size_t k = 0; k < folds.size(); ++k) {
    EXPECT_EQ(folds[k].test.size(0), k < 3 ? 21 : 20);
    const auto all = std::get<0>(at::cat({folds[k].train, folds[k].test}).sort());
    EXPECT_TRUE(at::equal(all, at::arange(103, at::kLong)));
    tested.index_fill_(0, folds[k].test, 1);
  }
  EXPECT_EQ(tested.sum().item<int64_t>(), 103);
}

TEST(KFolds, FewerRowsThanFoldsAreRefused) {
  EXPECT_EQ(test::message_of([] { k_folds(4); }),
            "cross-validation: 4 rows cannot be split into 5 folds; take more images");
  EXPECT_EQ(k_folds(5).back().train.size(0), 4);
}

}  // namespace
}  // namespace patronus
