// train-latent, on a tiny run that all of these tests start from.
#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/workshop.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/table.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/latent_checkpoint.h"
#include "patronus/training/metrics_log.h"
#include "support/named_tensors.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::Workshop;

/// A training that no machine ends before it is stopped, and what is left of it when it goes on until `step`.
const std::vector<std::string> kEndlessLatent{"latent.max_steps=1000000", "latent.log_every=4",
                                              "latent.checkpoint_every=3"};
std::vector<std::string> endless_latent_until(int64_t step) {
  auto words = kEndlessLatent;
  words.push_back("latent.max_steps=" + std::to_string(step));
  return words;
}

class TrainLatent : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    workshop_ = std::make_unique<Workshop>();
    ASSERT_EQ(workshop_->train("trained", {"latent.sampling.sampler=ddim", "latent.sampling.steps=3"}).status,
              0);
  }
  static void TearDownTestSuite() { workshop_.reset(); }
  void SetUp() override { copy_run("run"); }

  /// A fresh copy of the trained run, without a latent model.
  static void copy_run(const std::string& name, const std::string& original = "trained") {
    fs::remove_all(path(name));
    fs::copy(path(original), path(name), fs::copy_options::recursive);
  }
  /// Puts a copy with a finished latent model in place of `run`.
  static void copy_finished_run() {
    if (!fs::exists(path("finished"))) {
      copy_run("finished");
      ASSERT_EQ(train_latent("finished").status, 0);
    }
    copy_run("run", "finished");
  }
  static fs::path path(const std::string& name) { return workshop_->path() / name; }
  static std::vector<std::string> command(const std::string& run, const std::vector<std::string>& more = {}) {
    return test::concat({"train-latent", "--run", run, "--threads", "1", "--device", "cpu"}, more);
  }
  static Outcome train_latent(const std::string& run, const std::vector<std::string>& more = {}) {
    return workshop_->patronus(command(run, more));
  }
  static std::string first_error(const std::string& run, const std::vector<std::string>& more = {}) {
    return workshop_->mistake(command(run, more));
  }
  static nlohmann::json status(const std::string& run) {
    return nlohmann::json::parse(read_file(path(run) / "latent/status.json"));
  }
  static LatentCheckpoint last(const std::string& run) {
    return read_latent_checkpoint(path(run) / "latent/checkpoints/last");
  }
  static int train_until(double step, int signal) {
    return workshop_->train_until(command("run", kEndlessLatent), "run/latent", step, signal);
  }

  /// An error that the latent model belongs to the EMA weights of step 12, and the run's checkpoint of `step`
  /// gives others.
  static void expect_other_weights(const std::string& error, const std::string& step,
                                   const std::string& others) {
    const std::string begin =
        "2 error: run/latent: describes the activations of the ema weights of step 12 (";
    EXPECT_EQ(error.find(begin), 0u) << error;
    EXPECT_NE(error.find("), but run/checkpoints/step-00000" + step + ".pt gives the " + others + " ("),
              std::string::npos)
        << error;
    EXPECT_NE(error.find("; remove that folder and run `patronus train-latent` again"), std::string::npos)
        << error;
  }

  static std::unique_ptr<Workshop> workshop_;
};
std::unique_ptr<Workshop> TrainLatent::workshop_;

TEST_F(TrainLatent, WritesItsArtifactsIntoTheRun) {
  const Outcome outcome = train_latent("run");
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  for (const char* name :
       {"config.yaml", "environment.json", "status.json", "log.txt", "metrics.jsonl", "loss.png",
        "checkpoints/step-0000012.pt", "checkpoints/last", "closeness.json", "activations.csv",
        "samples/images.png", "samples/histograms.png", "samples/correlations.png"}) {
    EXPECT_TRUE(fs::exists(path("run") / "latent" / name)) << name;
  }
  EXPECT_EQ(status("run")["state"], "done");
  EXPECT_EQ(last("run").step, 12);
  EXPECT_EQ(last("run").source.step, 12);
  EXPECT_EQ(last("run").source.weights, Weights::kEma);
  EXPECT_EQ(last("run").source.hash, weights_hash(read_checkpoint(path("run") / "checkpoints/last").ema));
  EXPECT_EQ(last("run").mean.size(0), 6);
  EXPECT_GE(read_metric(RunDirectory(path("run") / "latent"), "test_loss").values.size(), 2u);
}

TEST_F(TrainLatent, TheSameCommandOnAFinishedModelDoesNothing) {
  copy_finished_run();
  const auto written = fs::last_write_time(path("run") / "latent/checkpoints/step-0000012.pt");
  const Outcome again = train_latent("run");
  EXPECT_EQ(again.status, 0);
  EXPECT_NE(again.errors.find("run/latent is finished at step 12; latent.max_steps=24 would train on"),
            std::string::npos)
      << again.errors;
  EXPECT_EQ(fs::last_write_time(path("run") / "latent/checkpoints/step-0000012.pt"), written);
}

TEST_F(TrainLatent, SaysHowCloseTheVectorsItDrawsAreToTheData) {
  const Outcome outcome = train_latent("run");
  EXPECT_NE(outcome.errors.find("vectors drawn, against the training images' activations: Fréchet distance "),
            std::string::npos)
      << outcome.errors;
  const auto numbers = nlohmann::json::parse(read_file(path("run") / "latent/closeness.json"));
  for (const char* of : {"latent_model", "test_images"}) {
    for (const char* key : {"frechet", "ks_mean", "ks_largest", "correlation_error"}) {
      EXPECT_GE(numbers[of][key].get<double>(), 0) << of << " " << key;
    }
  }
  EXPECT_EQ(numbers["vectors_drawn"], 2000);
  const Table prototypes = read_csv(path("run") / "latent/activations.csv");
  EXPECT_EQ(prototypes.rows.size(), 6u);
  // A report that was lost is written again.
  fs::remove(path("run") / "latent/closeness.json");
  EXPECT_EQ(train_latent("run").status, 0);
  EXPECT_EQ(nlohmann::json::parse(read_file(path("run") / "latent/closeness.json")), numbers);
}

TEST_F(TrainLatent, MoreStepsMayBeAskedFor) {
  copy_finished_run();
  EXPECT_EQ(train_latent("run", {"--max-steps", "16"}).status, 0);
  EXPECT_EQ(last("run").step, 16);
}

TEST_F(TrainLatent, KilledAndResumedGivesTheWeightsOfAnUnbrokenRun) {
  EXPECT_EQ(train_until(20, SIGKILL), 128 + SIGKILL);
  const auto rest = endless_latent_until(last("run").step + 20);
  EXPECT_EQ(train_latent("run", rest).status, 0);
  copy_run("unbroken");
  EXPECT_EQ(train_latent("unbroken", rest).status, 0);
  EXPECT_EQ(last("run").step, last("unbroken").step);
  test::expect_same(last("run").model, last("unbroken").model);
  test::expect_same(last("run").ema, last("unbroken").ema);
  const auto losses = [](const std::string& run) {
    return read_metric(RunDirectory(path(run) / "latent"), "loss").values;
  };
  EXPECT_EQ(losses("run"), losses("unbroken"));
}

TEST_F(TrainLatent, SignalsSaveAndTheSameCommandGoesOn) {
  for (const int signal : {SIGINT, SIGTERM}) {
    copy_run("run");
    EXPECT_EQ(train_until(5, signal), 128 + signal);
    EXPECT_EQ(status("run")["state"], "interrupted");
    const int64_t saved = last("run").step;
    EXPECT_EQ(status("run")["step"], saved);
    const Outcome resumed = train_latent("run", endless_latent_until(saved + 1));
    EXPECT_EQ(resumed.status, 0);
    EXPECT_NE(resumed.errors.find("going on from step " + std::to_string(saved) + " of "), std::string::npos)
        << resumed.errors;
  }
}

TEST_F(TrainLatent, SaysWhatBecomesOfTheLearningRateWhenItGoesOnLonger) {
  const std::string cosine = "latent.learning_rate_schedule=cosine", line = "the learning rate is now ";
  const Outcome first = train_latent("run", {cosine});
  EXPECT_EQ(first.errors.find(line), std::string::npos) << first.errors;
  const Outcome more = train_latent("run", {cosine, "latent.max_steps=16"});
  EXPECT_NE(more.errors.find(line + "0.000439 instead of 0: its schedule ends at step 16 instead of 12\n"),
            std::string::npos)
      << more.errors;
}

TEST_F(TrainLatent, DivergenceStopsItAndKeepsTheLastGoodCheckpoint) {
  copy_finished_run();
  const fs::path file = path("run") / "latent/checkpoints/step-0000012.pt";
  LatentCheckpoint checkpoint = read_latent_checkpoint(file);
  checkpoint.config.latent.learning_rate = 1e30;
  checkpoint.config.latent.clip_gradient = 0;
  snapshot(checkpoint)(file);
  const Outcome outcome =
      train_latent("run", {"latent.learning_rate=1e30", "latent.clip_gradient=0", "latent.max_steps=60"});
  EXPECT_EQ(outcome.status, 4) << outcome.errors;
  EXPECT_NE(outcome.errors.find("; the last good checkpoint is kept; lower latent.learning_rate or set "
                                "latent.clip_gradient=1\n"),
            std::string::npos)
      << outcome.errors;
  EXPECT_EQ(status("run")["state"], "failed");
  EXPECT_EQ(last("run").step, 12);
}

TEST_F(TrainLatent, RefusesToResumeWithOtherSettingsOrAnotherModel) {
  copy_finished_run();
  EXPECT_EQ(
      first_error("run", {"latent.unet.base_channels=16", "--seed", "3"}),
      "2 error: run/latent: holds a latent model with another seed (0, not 3), latent.unet.base_channels "
      "(8, not 16); remove that folder to train anew");
  expect_other_weights(first_error("run", {"--weights", "raw"}), "12", "raw weights of step 12");
}

TEST_F(TrainLatent, RefusesToGoOnWithOtherImages) {
  copy_finished_run();
  EXPECT_EQ(
      first_error("run", {"latent.max_steps=20", "data.faces.train_images=60"}),
      "3 error: run/latent: began with other data, which differ in training images (60, were 64), names of "
      "training images, sizes of training images, sizes of test images; remove run/latent/data.json to go on "
      "with the data as they are now");
}

TEST_F(TrainLatent, UnconditionalImagesDependOnTheirNumberAlone) {
  // Rounding differs with the size of a batch, and processors. Sampling with noise prediction magnifies it by
  // up to 1 / sqrt(alpha_bar_T), with v-prediction not at all.
  ASSERT_EQ(train_latent("run", {"latent.diffusion.prediction=v"}).status, 0);
  const auto draw = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"sample", "--run", "run", "--device", "cpu", "--precision", "fp32"});
    const Outcome outcome = workshop_->patronus(more);
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
  };
  const auto drawn = [](const std::string& folder, const std::string& key) {
    return read_tensor_file(path(folder) / "samples.pt").at(key).tensor();
  };
  draw({"--count", "5", "--out", "five"});
  draw({"--first", "2", "--count", "3", "--batch-size", "2", "--out", "three"});
  EXPECT_EQ(drawn("five", "images").size(0), 5);
  for (const char* key : {"images", "activation"}) {
    const auto part = drawn("five", key).slice(0, 2, 5);
    EXPECT_TRUE(at::allclose(drawn("three", key), part, 0, 1e-4)) << key;
  }
  EXPECT_FALSE(at::allclose(drawn("five", "activation")[0], drawn("five", "activation")[1], 0, 1e-2));
  EXPECT_TRUE(fs::exists(path("three") / "images/00004.png"));
  EXPECT_EQ(
      workshop_->mistake({"sample", "--run", "run", "--device", "cpu", "--count", "0"}),
      "2 error: --count 0: samples that come from no images have no end; say how many, or give --split");
  draw({"--count", "2", "--out", "more-steps", "latent.sampling.steps=5"});
  EXPECT_FALSE(
      at::allclose(drawn("more-steps", "activation"), drawn("five", "activation").slice(0, 0, 2), 0, 1e-2));
}

TEST_F(TrainLatent, SampleWithoutALatentModelSaysHowToTrainOne) {
  EXPECT_EQ(
      workshop_->mistake({"sample", "--run", "run", "--device", "cpu"}),
      "2 error: run/latent: there is no latent model, from which images without a condition come; train "
      "it with `patronus train-latent --run run`");
}

TEST_F(TrainLatent, SampleRefusesALatentModelOfOtherWeightsOrOtherSettings) {
  copy_finished_run();
  EXPECT_EQ(workshop_->mistake({"sample", "--run", "run", "--device", "cpu", "latent.unet.dropout=0.5"}),
            "2 error: run/latent/checkpoints/step-0000012.pt: was trained with another latent.unet.dropout; "
            "it cannot be "
            "changed afterwards");
  ASSERT_EQ(workshop_->train("run", {"--max-steps", "16"}).status, 0);
  expect_other_weights(workshop_->mistake({"sample", "--run", "run", "--device", "cpu"}), "16",
                       "ema weights of step 16");
}

TEST_F(TrainLatent, OfOtherWeightsOfTheSameStepIsRefused) {
  copy_finished_run();
  fs::remove_all(path("run") / "checkpoints");
  ASSERT_EQ(workshop_->train("retrained", {"--seed", "5"}).status, 0);
  fs::copy(path("retrained") / "checkpoints", path("run") / "checkpoints", fs::copy_options::recursive);
  expect_other_weights(workshop_->mistake({"sample", "--run", "run", "--device", "cpu"}), "12",
                       "ema weights of step 12");
  expect_other_weights(first_error("run", {"latent.max_steps=20"}), "12", "ema weights of step 12");
}

TEST_F(TrainLatent, ThatDoesNotFitIsAnErrorWhereGenerationIsAskedForByName) {
  copy_finished_run();
  EXPECT_EQ(
      workshop_->mistake({"evaluate", "--run", "run", "--device", "cpu", "--parts", "generation",
                          "--features", "random", "--sets", "1", "--set-images", "4",
                          "latent.unet.dropout=0.5"}),
      "2 error: run/latent/checkpoints/step-0000012.pt: was trained with another latent.unet.dropout; it "
      "cannot be changed afterwards");
}

TEST_F(TrainLatent, ExplainsMistakesInOneLine) {
  EXPECT_EQ(workshop_->mistake({"train-latent"}),
            "2 error: which run? give --run runs/<name>, --config <name> or --checkpoint <file>");
  EXPECT_EQ(first_error("run", {"latent.epoch=3"}),
            "2 error: unknown key latent.epoch; did you mean latent.epochs?");
  EXPECT_EQ(first_error("run", {"latent.unet.base_channels=12"}),
            "2 error: latent.unet.base_channels: must be a multiple of 8, got 12");
  EXPECT_EQ(
      first_error("run", {"latent.sampling.sampler=ddpm"}),
      "2 error: latent.sampling: steps 3: the sampler ddpm always takes all 30; leave the steps out, or "
      "use ddim or dpm-solver");
  EXPECT_FALSE(fs::exists(path("run") / "latent"));
}

TEST_F(TrainLatent, ActivationsThatAreNotFiniteAreADataError) {
  const fs::path file = path("run") / "checkpoints/step-0000012.pt";
  Checkpoint checkpoint = read_checkpoint(file);
  for (auto& [name, tensor] : checkpoint.ema) {
    if (name == "proactBlock.prototype_vectors") tensor[2] = 1e30;  // squared it is beyond float32
  }
  write_checkpoint(file, checkpoint);
  EXPECT_EQ(first_error("run"),
            "3 error: run/checkpoints/step-0000012.pt: 64 of 64 training images' activations are not finite, "
            "the first is number 0");
}

}  // namespace
}  // namespace patronus
