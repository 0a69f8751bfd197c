#include "patronus/data/loader.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

namespace patronus {
namespace {

at::Tensor epoch_of_batches(BatchOrder& order, int64_t epoch) {
  std::vector<at::Tensor> batches;
  for (int64_t i = 0; i < order.batches_per_epoch(); ++i) {
    batches.push_back(order.batch_indices(epoch * order.batches_per_epoch() + i));
  }
  return at::cat(batches);
}

TEST(BatchOrder, ShowsEveryImageAtMostOnceAnEpoch) {
  BatchOrder order(23, 5, 7);
  EXPECT_EQ(order.batches_per_epoch(), 4);
  const auto sorted = std::get<0>(epoch_of_batches(order, 0).sort());
  EXPECT_EQ(sorted.numel(), 20);
  EXPECT_TRUE(sorted.diff().gt(0).all().item<bool>());
  EXPECT_GE(sorted[0].item<int64_t>(), 0);
  EXPECT_LT(sorted[19].item<int64_t>(), 23);
}

TEST(BatchOrder, EpochsAndSeedsDiffer) {
  BatchOrder order(40, 8, 7), other(40, 8, 8);
  EXPECT_FALSE(epoch_of_batches(order, 0).equal(epoch_of_batches(order, 1)));
  EXPECT_FALSE(epoch_of_batches(order, 0).equal(epoch_of_batches(other, 0)));
}

TEST(BatchOrder, BatchDependsOnSeedAndStepAlone) {
  BatchOrder order(23, 5, 7), resumed(23, 5, 7);
  std::vector<at::Tensor> seen;
  for (int64_t step = 0; step < 30; ++step) seen.push_back(order.batch_indices(step));
  for (const int64_t step : {29, 3, 17, 4, 0}) {
    EXPECT_TRUE(resumed.batch_indices(step).equal(seen[step])) << step;
  }
}

TEST(BatchOrder, FewerImagesThanABatchAreRepeatedEvenly) {
  BatchOrder order(3, 8, 7);
  EXPECT_EQ(order.batches_per_epoch(), 1);
  const auto batch = order.batch_indices(5);
  EXPECT_EQ(batch.numel(), 8);
  EXPECT_EQ(batch.bincount({}, 3).min().item<int64_t>(), 2);
  EXPECT_EQ(batch.bincount({}, 3).max().item<int64_t>(), 3);
}

}  // namespace
}  // namespace patronus
