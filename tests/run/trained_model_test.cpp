#include "patronus/run/trained_model.h"

#include <gtest/gtest.h>

#include <bit>

#include "support/on_device.h"
#include "support/small_model.h"
#include "support/three_ranks.h"

namespace patronus {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

TEST(ImagesThatFit, TakeAtMostAQuarterOfTheMemory) {
  EXPECT_EQ(batch_size_for_memory(kMiB, 1024 * kMiB), 256);
  EXPECT_EQ(batch_size_for_memory(kMiB + 1, 1024 * kMiB), 128);
  EXPECT_EQ(batch_size_for_memory(kMiB, 1024 * kMiB - 1), 128);
}

TEST(ImagesThatFit, AreNeitherMoreThanAGpuNeedsNorNone) {
  EXPECT_EQ(batch_size_for_memory(1, 80 * 1024 * kMiB), 1024);
  EXPECT_EQ(batch_size_for_memory(512 * kMiB, 1024 * kMiB), 8);
}

TEST(BatchSize, AreThoseAskedForOrThoseThatSuitTheDevice) {
  TrainedModel trained = test::small_model();
  EXPECT_EQ(batch_size_for(trained, 3, 500), 3);
  EXPECT_EQ(batch_size_for(trained, {}, 500), 64);
  trained.max_batch_size = 256;
  EXPECT_EQ(batch_size_for(trained, {}, 500), 256);
  trained.max_batch_size = 16;
  EXPECT_EQ(batch_size_for(trained, {}, 500), 16);
}

class BatchSizeOfRanks : public test::ThreeRanks {};

TEST_F(BatchSizeOfRanks, LeaveNoneWithoutWork) {
  if (!is_rank()) return run_as_ranks();
  TrainedModel trained = test::small_model();
  trained.ranks = join();
  trained.max_batch_size = 256;
  EXPECT_EQ(batch_size_for(trained, {}, 500), 167);
  EXPECT_EQ(batch_size_for(trained, {}, 5000), 256);
  EXPECT_EQ(batch_size_for(trained, {}, 30), 64)
      << "as on a processor, where the batches do not depend on ranks";
  EXPECT_EQ(batch_size_for(trained, 200, 500), 200);
}

class LoadedModelOn : public test::OnDevice {};
PATRONUS_ON_DEVICES(LoadedModelOn);

TEST_P(LoadedModelOn, HasTheLargestBatchThatSuitsItsDevice) {
  const test::TemporaryFolder folder;
  const RunConfig config = test::small_run();
  write_checkpoint(folder / "a.pt", {.step = 1,
                                     .config = config,
                                     .model = make_model(config).state(),
                                     .ema = {},
                                     .optimizer = {},
                                     .decorrelation = {}});
  const auto trained =
      load_trained_model(folder / "a.pt", Weights::kRaw, {"runtime.device=" + std::string(GetParam())});
  if (trained.device.is_cpu()) {
    EXPECT_EQ(trained.max_batch_size, kMaxCpuBatchSize);
  } else {
    EXPECT_TRUE(std::has_single_bit(static_cast<uint64_t>(trained.max_batch_size)));
    EXPECT_GT(trained.max_batch_size, kMaxCpuBatchSize) << "of a small model";
  }
}

}  // namespace
}  // namespace patronus
