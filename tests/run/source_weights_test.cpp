#include "patronus/run/source_weights.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/run/checkpoint.h"
#include "support/failure.h"
#include "support/named_tensors.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// A run with two checkpoints, of which `checkpoints/last` names the earlier one, which has an average.
class SourceWeightsTest : public testing::Test {
 protected:
  SourceWeightsTest() {
    run_.folder("checkpoints");
    config_.runtime.threads = 3;
    config_.runtime.device = "cuda:1";
    model_ = make_model(config_).state();
    for (const auto& [name, tensor] : model_) ema_.emplace_back(name, tensor + 1);
    write_checkpoint(run_.checkpoint(10),
                     {.step = 10, .config = config_, .model = model_, .ema = ema_, .optimizer = {}});
    write_checkpoint(run_.checkpoint(20),
                     {.step = 20, .config = config_, .model = model_, .ema = {}, .optimizer = {}});
    write_file(run_.file("checkpoints/last"), "step-0000010.pt\n");
  }
  static std::string complaint(const fs::path& source) {
    return test::message_of([&] { source_checkpoint(source); });
  }

  test::TemporaryFolder folder_;
  RunDirectory run_{folder_ / "run"};
  RunConfig config_ = test::small_run();
  NamedTensors model_, ema_;
};

TEST_F(SourceWeightsTest, ComeFromTheLastCheckpointOfARunOrTheOneThatIsNamed) {
  EXPECT_EQ(source_checkpoint(run_.path()), run_.checkpoint(10));
  EXPECT_EQ(source_checkpoint(run_.file("checkpoints/last")), run_.checkpoint(10));
  EXPECT_EQ(source_checkpoint(run_.checkpoint(20)), run_.checkpoint(20));
}

TEST_F(SourceWeightsTest, ThatAreNotThereAreSaid) {
  const std::string none = (folder_ / "none").string();
  EXPECT_EQ(complaint(none), "training.from: " + none + ": no such run or checkpoint");
  EXPECT_EQ(complaint(folder_.path()),
            "training.from: " + folder_.path().string() + " holds no checkpoint; name a trained run");
  const std::string long_name(5000, 'a');
  EXPECT_EQ(complaint(long_name), "training.from: " + long_name + ": no such run or checkpoint");
  fs::remove(run_.checkpoint(10));
  EXPECT_EQ(complaint(run_.file("checkpoints/last")),
            "training.from: " + run_.file("checkpoints/last").string() + ": no such run or checkpoint");
}

TEST_F(SourceWeightsTest, AreTheAverageWhereThereIsOne) {
  const SourceWeights average = source_weights(run_.path());
  EXPECT_EQ(average.weights, Weights::kEma);
  EXPECT_EQ(average.step, 10);
  test::expect_same(average.tensors, ema_);
  const SourceWeights raw = source_weights(run_.checkpoint(20));
  EXPECT_EQ(raw.weights, Weights::kRaw);
  test::expect_same(raw.tensors, model_);
  EXPECT_EQ(source_text(average),
            "ema weights of step 10 of " + run_.checkpoint(10).string() + ", " + weights_hash(ema_));
}

TEST_F(SourceWeightsTest, BringTheirSettingsButForWhereTheyRan) {
  const RunConfig config = source_config(run_.path());
  EXPECT_EQ(config.runtime.threads, 0);
  EXPECT_EQ(config.runtime.device, "auto");
  RunConfig expected = config_;
  expected.runtime = {};
  EXPECT_EQ(to_yaml(config), to_yaml(expected));
}

TEST_F(SourceWeightsTest, NameWhatTheyWereTrainedWithOtherwiseInModelAndDiffusionAlone) {
  const SourceWeights source = source_weights(run_.path());
  EXPECT_TRUE(differing_model_settings(source, config_).empty());
  RunConfig now = config_;
  now.model.prototypes.scale_factor = 3;
  now.diffusion.timesteps = 500;
  now.training.learning_rate = 1;
  now.latent.diffusion.timesteps = 50;
  now.seed = 9;
  EXPECT_EQ(differing_model_settings(source, now),
            (std::vector<std::string>{"model.prototypes.scale_factor", "diffusion.timesteps"}));
}

TEST_F(SourceWeightsTest, AreKeptInTheRunThatBeginsWithThem) {
  const RunDirectory next(folder_ / "next");
  next.folder("");
  write_source(next, source_weights(run_.path()));
  EXPECT_EQ(Json::parse(read_file(next.file("from.json"))),
            (Json{{"checkpoint", run_.checkpoint(10).string()},
                  {"weights", "ema"},
                  {"step", 10},
                  {"hash", weights_hash(ema_)}}));
}

TEST_F(SourceWeightsTest, SettingsOfARunThatBeginsWithThemAreTheirsWithChanges) {
  write_file(folder_ / "more.yaml", "training: {learning_rate: 0.5, max_steps: 99}\n");
  const RunConfig config = load_run_config(
      {folder_ / "more.yaml"}, {"training.from=" + run_.path().string() + "/", "training.max_steps=7"});
  EXPECT_EQ(config.training.from, run_.path().string()) << "without the slash";
  EXPECT_EQ(config.training.learning_rate, 0.5);
  EXPECT_EQ(config.training.max_steps, 7);
  EXPECT_EQ(config.model.prototypes.count, config_.model.prototypes.count);
  EXPECT_EQ(config.training.batch_size, config_.training.batch_size);
}

TEST_F(SourceWeightsTest, WhereTheyAreGoneARunGoesOnWithItsOwnSettings) {
  const std::string gone = "training.from=" + (folder_ / "gone").string();
  const RunDirectory next(folder_ / "next");
  next.folder("checkpoints");
  const auto load = [&] { return load_run_config({}, {gone, "training.max_steps=7"}, next.path()); };
  EXPECT_EQ(test::message_of(load),
            "training.from: " + (folder_ / "gone").string() + ": no such run or checkpoint");
  RunConfig own = config_;
  own.model.prototypes.count = 5;
  write_checkpoint(next.checkpoint(1), {.step = 1, .config = own, .model = {}, .ema = {}, .optimizer = {}});
  const RunConfig config = load();
  EXPECT_EQ(config.model.prototypes.count, 5);
  EXPECT_EQ(config.training.max_steps, 7);
  EXPECT_EQ(config.training.from, (folder_ / "gone").string());
}

}  // namespace
}  // namespace patronus
