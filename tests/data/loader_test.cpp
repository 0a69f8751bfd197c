#include "patronus/data/loader.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/core/to_vector.h"

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

TEST(BatchOrder, GroupsAreDrawnEquallyOftenAndTheirImagesToo) {
  const auto large = at::arange(8), small = at::tensor({9, 10}, at::kLong);
  BatchOrder order(12, 4, 7, {large, small});
  EXPECT_EQ(order.batches_per_epoch(), 3);
  const auto epoch = epoch_of_batches(order, 0), count = epoch.bincount({}, 12);
  EXPECT_EQ(epoch.numel(), 12);
  EXPECT_EQ(count.slice(0, 0, 8).sum().item<int64_t>(), 6);
  EXPECT_EQ(count.slice(0, 0, 8).max().item<int64_t>(), 1) << "a part of them, other ones each time";
  EXPECT_EQ(to_vector<int64_t>(count.slice(0, 8, 12)), (std::vector<int64_t>{0, 3, 3, 0}));
  EXPECT_FALSE(epoch.equal(epoch_of_batches(order, 1)));
  EXPECT_FALSE(std::get<0>(epoch.sort()).equal(epoch)) << "groups are mixed";

  BatchOrder resumed(12, 4, 7, {large, small});
  EXPECT_TRUE(resumed.batch_indices(4).equal(order.batch_indices(4)));
}

TEST(BatchOrder, OfGroupsThatDoNotDivideItAnEpochHasOneMoreOfTheFirst) {
  BatchOrder order(10, 10, 7, {at::arange(3), at::arange(3, 6), at::arange(6, 9)});
  const auto group = order.batch_indices(0).div(3, "trunc");
  EXPECT_EQ(to_vector<int64_t>(group.bincount()), (std::vector<int64_t>{4, 3, 3}));
}

}  // namespace
}  // namespace patronus
