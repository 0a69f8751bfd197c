#include "patronus/distributed/process_group.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include "patronus/core/random.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/distributed/difference_between_ranks.h"
#include "patronus/distributed/gather_rows.h"
#include "support/three_ranks.h"

namespace patronus {
namespace {

using test::ThreeRanks;

TEST_F(ThreeRanks, ReduceBroadcastAndCompare) {
  if (!is_rank()) return run_as_ranks();
  const ProcessGroup group = join();
  ASSERT_EQ(group.size(), 3);
  const auto rank = static_cast<double>(group.rank());

  const auto a = at::full({2, 3}, rank).to(at::kFloat), b = at::full({}, 10 * rank).to(at::kFloat);
  group.average({a, b});
  EXPECT_TRUE(at::equal(a, at::ones({2, 3})));
  EXPECT_EQ(b.item<double>(), 10);

  const auto weights = at::full({4, 2, 3, 3}, rank).contiguous(at::MemoryFormat::ChannelsLast);
  const auto steps = at::full({1}, group.rank() + 7, at::kLong);
  group.broadcast({weights, steps});
  EXPECT_TRUE(at::equal(weights, at::zeros({4, 2, 3, 3})));
  EXPECT_EQ(steps.item<int64_t>(), 7);

  // Views and other strides are averaged where they lie.
  const auto wide = at::full({4, 6}, rank).to(at::kFloat);
  const auto image =
      at::full({2, 3, 2, 2}, 3 * rank).to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
  group.average({wide.narrow(1, 2, 2), image});
  EXPECT_TRUE(at::equal(wide.narrow(1, 2, 2), at::ones({4, 2})));
  EXPECT_TRUE((wide.narrow(1, 0, 2) == rank).all().item<bool>()) << "and nothing beside them";
  EXPECT_TRUE(at::equal(image, at::full({2, 3, 2, 2}, 3.0F)));

  EXPECT_EQ(group.all_reduce_max(group.rank() == 1 ? 15 : 0), 15);
  EXPECT_EQ(group.all_reduce_max(-5 - group.rank()), -5);
  EXPECT_EQ(group.all_reduce_min(7 - group.rank()), 5);
  EXPECT_TRUE(group.all(true));
  EXPECT_FALSE(group.all(group.rank() != 1));
  EXPECT_TRUE(at::equal(group.local_rows(at::arange(6)), at::arange(2) + 2 * group.rank()));
  EXPECT_EQ(group.all_gather_texts("greeting", "rank" + std::to_string(group.rank())),
            (std::vector<std::string>{"rank0", "rank1", "rank2"}));
  EXPECT_EQ(difference_between_ranks(group, "same", {{"seed", "0"}}), std::nullopt);
  EXPECT_EQ(difference_between_ranks(group, "seeds", {{"seed", group.rank() == 2 ? "1" : "0"}, {"x", "0"}}),
            group.name(2) + ": has another seed (1 instead of 0) than rank 0");
  Properties mine{{"data", "a"}};
  if (group.rank() == 1) mine = {{"size", "64"}};
  if (group.rank() == 2) mine = {{"data", "b"}};
  EXPECT_EQ(
      difference_between_ranks(group, "names", mine),
      group.name(1) + ": has another data (nothing instead of a), size (64 instead of nothing) than rank 0")
      << "of the first that differs";
  EXPECT_TRUE(group.name(1).starts_with("rank 1 (process ")) << group.name(1);
  EXPECT_THROW(group.local_rows(at::arange(7)), c10::Error);
  group.barrier();  // rank 0 stays until the others have read what all said
}

TEST_F(ThreeRanks, OnEachMachineTheFirstRankDoesTheWorkBeforeTheOthers) {
  if (!is_rank()) return run_as_ranks();
  const ProcessGroup group = join();
  const test::TemporaryFolder folder;
  const auto folders = group.all_gather_texts("folder", folder.path().string());
  const std::filesystem::path shared = folders.front();
  bool was_there = false;
  first_on_each_machine(group, [&] {
    was_there = std::filesystem::exists(shared / "made");
    std::ofstream(shared / "made") << "made";
  });
  EXPECT_EQ(was_there, group.rank() > 0) << "all of them run on this machine";
  group.barrier();  // before the folder goes
}

/// Standardises columns over all rows, as BatchNorm does, and squares what a fixed matrix makes of a row.
at::Tensor loss_of(const at::Tensor& rows, const ProcessGroup& group) {
  const auto all = gather_rows(rows, group);
  const auto standardised = (all - all.mean(0)) * (all.var(0, /*unbiased=*/false) + 1e-5).rsqrt();
  const auto weights = at::arange(1, 5, rows.options()).view({4, 1}) / 10;
  const auto correlations = standardised.t().matmul(standardised).square().mean();
  return (group.local_rows(standardised).matmul(weights) + 0.3).pow(4).mean() + 0.1 * correlations;
}

TEST_F(ThreeRanks, GradientsThroughGatheredRowsAreThoseOfOneProcess) {
  if (!is_rank()) return run_as_ranks();
  const ProcessGroup group = join();
  const auto rows = at::randn({6, 4}, make_generator(1), at::kDouble);

  const auto whole = rows.clone().requires_grad_(true);
  loss_of(whole, {}).backward();

  const auto own = group.local_rows(rows).clone().requires_grad_(true);
  const auto loss = loss_of(own, group);
  loss.backward();
  const auto mean = loss.detach().clone();
  group.sum(mean);
  EXPECT_NEAR(mean.item<double>() / 3, loss_of(rows, {}).item<double>(), 1e-12);
  EXPECT_TRUE(at::allclose(own.grad() / 3, group.local_rows(whole.grad()), 1e-10, 1e-12));
  EXPECT_TRUE(at::equal(group.local_rows(gather_rows(own.detach(), group)), own.detach()));
}

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() &&
         at::equal(a.contiguous().flatten().view(at::kByte), b.contiguous().flatten().view(at::kByte));
}

TEST_F(ThreeRanks, ShareRowsWithTheBitsOfOneProcess) {
  if (!is_rank()) return run_as_ranks();
  const ProcessGroup group = join();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const int64_t count : {1, 2, 3, 10, 23}) {  // two ranks have nothing to do, ..., several rounds
    std::vector<int64_t> begun;
    const auto make = [&](int64_t first, int64_t batch) -> std::vector<at::Tensor> {
      begun.push_back(first);
      const auto rows = at::arange(first, first + batch);
      const auto numbers = at::where(rows == 0, -0.F, at::where(rows == 1, kNan, rows.to(at::kFloat) / 7));
      return {numbers.unsqueeze(1).expand({batch, 2}), rows % 2 == 0, rows.to(at::kDouble) / 3, rows};
    };
    const BatchedWork work{"making", "rows", count, 3};
    const auto shared = compute_batches_across_ranks(group, work, make);
    EXPECT_EQ(begun.size(), static_cast<size_t>(((count + 2) / 3 - group.rank() + 2) / 3));
    const auto alone = compute_batches_across_ranks({}, work, make);
    ASSERT_EQ(shared.size(), alone.size());
    for (size_t i = 0; i < alone.size(); ++i) EXPECT_TRUE(same_bits(shared[i], alone[i])) << count << i;
  }
}

TEST_F(ThreeRanks, RefuseToShareRowsInBatchesOfDifferentSizes) {
  if (!is_rank()) return run_as_ranks();
  const ProcessGroup group = join();
  const auto make = [](int64_t first, int64_t batch) -> std::vector<at::Tensor> {
    return {at::arange(first, first + batch)};
  };
  EXPECT_THROW(compute_batches_across_ranks(group, {"making", "rows", 10, 2 + group.rank()}, make),
               c10::Error);
  group.barrier();
}

TEST_F(ThreeRanks, WorkInsideOfSharedWorkIsDoneAlone) {
  if (!is_rank()) return run_as_ranks();
  const ProcessGroup group = join();
  const auto inner = [](int64_t first, int64_t batch) -> std::vector<at::Tensor> {
    return {at::arange(first, first + batch)};
  };
  const auto outer = [&](int64_t first, int64_t) -> std::vector<at::Tensor> {
    return {first * compute_batches_across_ranks(group, {"inner", "rows", 4, 1}, inner).front().unsqueeze(0)};
  };
  // Rank 1 alone has two rows: were the inner work shared, the others would wait for ever.
  const auto rows = compute_batches_across_ranks(group, {"outer", "rows", 4, 1}, outer).front();
  EXPECT_TRUE(at::equal(rows, at::arange(4).unsqueeze(1) * at::arange(4)));
}

TEST_F(ThreeRanks, TheLastWordsOfOneReachTheOthers) {
  if (!is_rank()) return run_as_ranks();
  const ProcessGroup group = join();
  const std::string second = group.name(1);
  if (group.rank() == 1) {
    EXPECT_TRUE(group.fail("the disk is full"));
    return;
  }
  try {
    group.all_reduce_max(0);
    FAIL() << "a rank is gone";
  } catch (const LostRankError& error) {
    EXPECT_EQ(error.what(), second + " ended: the disk is full");
  }
}

TEST(ProcessGroup, OfThisProcessAloneLeavesEverythingAsItIs) {
  const ProcessGroup alone;
  EXPECT_EQ(alone.size(), 1);
  EXPECT_TRUE(alone.is_first() && alone.is_first_on_machine());
  const auto rows = at::arange(6);
  EXPECT_TRUE(alone.local_rows(rows).is_same_size(rows));
  EXPECT_TRUE(gather_rows(rows, alone).is_same(rows));
  EXPECT_EQ(alone.all_reduce_max(3), 3);
  alone.barrier();
  EXPECT_EQ(alone.all_gather_texts("greeting", "hello"), std::vector<std::string>{"hello"});
  EXPECT_EQ(difference_between_ranks(alone, "seeds", {{"seed", "1"}}), std::nullopt);
  EXPECT_TRUE(alone.fail("the disk is full")) << "it is to be said here";
  int done = 0;
  first_on_each_machine(alone, [&] { ++done; });
  EXPECT_EQ(done, 1);
}

TEST(DifferenceBetweenRanks, IsLookedForInNamesThatAreNoText) {
  EXPECT_EQ(difference_between_ranks(ProcessGroup(), "names", {{"caf\xE9.csv", "1"}}), std::nullopt);
}

TEST(ProcessGroup, OfThisProcessAloneWorksOnTheDeviceThatIsChosen) {
  const ProcessGroup alone;
  for (const char* device : {"cpu", "cuda", "cuda:3"}) {
    EXPECT_EQ(alone.local_device(at::Device(device)), at::Device(device)) << "and asks for no GPU";
  }
  EXPECT_EQ(alone.name(0), "this process");
}

TEST_F(ThreeRanks, ShareWorkAgainAfterSomeThatFailed) {
  if (!is_rank()) return run_as_ranks();
  const ProcessGroup group = join();
  const auto failing = [](int64_t, int64_t) -> std::vector<at::Tensor> { throw DataError("damaged"); };
  EXPECT_THROW(compute_batches_across_ranks(group, {"making", "rows", 6, 1}, failing), DataError);
  int64_t made = 0;
  const auto rows =
      compute_batches_across_ranks(group, {"making", "rows", 6, 1}, [&](int64_t first, int64_t count) {
        made += count;
        return std::vector{at::arange(first, first + count)};
      });
  EXPECT_EQ(made, 2) << "a third of them";
  EXPECT_TRUE(at::equal(rows[0], at::arange(6)));
}

TEST(ShareRows, OfThisProcessAloneAreMadeInBatchesAndLieInOrder) {
  std::vector<std::pair<int64_t, int64_t>> batches;
  const auto make = [&](int64_t first, int64_t count) -> std::vector<at::Tensor> {
    batches.emplace_back(first, count);
    const auto rows = at::arange(first, first + count);
    return {rows, (rows.unsqueeze(1) * 10 + at::arange(3)).t().contiguous().t()};
  };
  const auto rows = compute_batches_across_ranks({}, {"making", "rows", 8, 3}, make);
  EXPECT_EQ(batches, (std::vector<std::pair<int64_t, int64_t>>{{0, 3}, {3, 3}, {6, 2}}));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_TRUE(at::equal(rows[0], at::arange(8)));
  EXPECT_TRUE(at::equal(rows[1], at::arange(8).unsqueeze(1) * 10 + at::arange(3)));
  EXPECT_TRUE(rows[1].is_contiguous()) << "whatever the batches are";
  EXPECT_THROW(compute_batches_across_ranks({}, {"making", "rows", 0, 3}, make), c10::Error);
  EXPECT_THROW(compute_batches_across_ranks({}, {"making", "rows", 3, 0}, make), c10::Error);
}

TEST(ShareRows, OfBatchesThatDifferInShapeTypeOrNumberAreRefused) {
  using Rows = std::vector<at::Tensor>;
  const auto first_then = [](const Rows& other) {
    return [other](int64_t first, int64_t) { return first == 0 ? Rows{at::zeros({2, 3})} : other; };
  };
  for (const Rows& other : {Rows{at::zeros({2, 1})}, Rows{at::zeros({1, 3})},
                            Rows{at::zeros({2, 3}, at::kDouble)}, Rows{at::zeros({2, 3}), at::zeros({2})}}) {
    EXPECT_THROW(compute_batches_across_ranks({}, {"making", "rows", 4, 2}, first_then(other)), c10::Error);
  }
  EXPECT_NO_THROW(
      compute_batches_across_ranks({}, {"making", "rows", 4, 2}, first_then({at::zeros({2, 3})})));
}

TEST_F(ThreeRanks, NumberThemselvesOnTheirMachineWhereTheLauncherDoesNot) {
  if (!is_rank()) return run_as_ranks();
  auto launch = find_launch([](const char* name) { return std::getenv(name); });
  launch->local_rank.reset();
  const ProcessGroup group(*launch, at::kCPU, std::chrono::seconds(60));
  EXPECT_EQ(group.is_first_on_machine(), group.rank() == 0);
  group.barrier();  // rank 0 stays until the others have read their numbers
}

TEST_F(ThreeRanks, WaitForOneThatComesLateToSharedWork) {
  if (!is_rank()) return run_as_ranks();
  const auto launch = find_launch([](const char* name) { return std::getenv(name); });
  const ProcessGroup group(*launch, at::kCPU, std::chrono::seconds(6));
  if (group.rank() == 1) std::this_thread::sleep_for(std::chrono::seconds(8));
  const auto rows = compute_batches_across_ranks(group, {"counting", "rows", 6, 2},
                                                 [](int64_t first, int64_t count) -> std::vector<at::Tensor> {
                                                   return {at::arange(first, first + count)};
                                                 });
  EXPECT_TRUE(rows[0].equal(at::arange(6)));
}

TEST_F(ThreeRanks, WaitForLongWorkOfOneAndForNoOther) {
  if (!is_rank()) return run_as_ranks();
  const auto launch = find_launch([](const char* name) { return std::getenv(name); });
  const ProcessGroup group(*launch, at::kCPU, std::chrono::seconds(6));
  if (group.rank() == 1) std::this_thread::sleep_for(std::chrono::seconds(8));
  group.barrier();
  EXPECT_EQ(group.all_reduce_max(group.rank()), 2) << "all are there still";
}

}  // namespace
}  // namespace patronus
