#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/commands.h"
#include "cli/shared_run.h"
#include "cli/workshop.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_directory.h"
#include "patronus/training/metrics_log.h"
#include "support/run_ranks.h"

namespace patronus {
namespace {

using test::Outcome;
using test::Ranks;
using test::Workshop;
using Words = std::vector<std::string>;

/// A training on all that ranks must share: batch statistics, correlations, flips, noise. Without dropout,
/// whose masks are each rank's own. With 16 channels, each of GroupNorm's 8 groups has two: with one, biases
/// before it have no gradient but rounding, of which Adam makes full steps.
Words shared_training(const std::string& run, const Words& more = {}) {
  Words words{"--threads",
              "1",
              "training.batch_size=12",
              "model.unet.dropout=0",
              "model.unet.base_channels=16",
              "runtime.precision=fp32",
              "training.decorrelation_weight=0.02",
              "training.log_every=1",
              "training.learning_rate_schedule=constant"};
  return test::train_command(run, test::concat(words, more));
}

void train_on_ranks(const Workshop& workshop, size_t count, const std::string& run, const Words& more = {}) {
  for (const Outcome& rank : test::fork_ranks(count, shared_training(run, more), workshop.path())) {
    ASSERT_EQ(rank.status, 0) << rank.errors;
  }
}

Checkpoint last_of(const Workshop& workshop, const std::string& run) {
  return read_checkpoint(workshop.path() / run / "checkpoints/last");
}

/// How far apart two trainings ended, relative to how far the first one moved from its start: L2 norms over
/// all weights that start from the seed (prototypes start from data).
double relative_distance(const Checkpoint& a, const Checkpoint& b, NamedTensors Checkpoint::*weights) {
  const auto start = make_model(a.config).state();
  double apart = 0, moved = 0;
  for (size_t i = 0; i < start.size(); ++i) {
    const auto& name = start[i].first;
    if (name.ends_with("prototype_vectors") || name.starts_with("cond_norm")) continue;
    apart += ((a.*weights)[i].second - (b.*weights)[i].second).square().sum().item<double>();
    moved += ((a.*weights)[i].second - start[i].second).square().sum().item<double>();
  }
  return std::sqrt(apart / moved);
}

// Two orders of summing the K = 12 * 32 * 32 * 3 squared errors of a batch in fp32 (unit roundoff u = 2^-24)
// give gradients that are apart by about sqrt(K) u = 1.1e-5 relatively. Adam's update follows its gradients'
// ratios, so that each of the 12 steps adds as much to the distance between the weights, relative to how far
// they moved.
constexpr double kRounding = 1.1e-5;
constexpr double kTolerance = 12 * kRounding;

void expect_same_training(const Workshop& workshop, const std::string& run, const std::string& expected) {
  const Checkpoint a = last_of(workshop, expected), b = last_of(workshop, run);
  EXPECT_EQ(a.step, b.step);
  EXPECT_LT(relative_distance(a, b, &Checkpoint::model), kTolerance) << run;
  EXPECT_LT(relative_distance(a, b, &Checkpoint::ema), kTolerance) << run;
  const auto values_of = [&](const std::string& of, const char* key) {
    return read_metric(RunDirectory(workshop.path() / of), key).values;
  };
  // Of later steps the norm depends on the weights, more strongly than they move.
  const double norm = values_of(expected, "gradient_norm").front();
  EXPECT_NEAR(values_of(run, "gradient_norm").front(), norm, kRounding * norm);
  for (const char* key : {"loss", "denoising_loss", "decorrelation_loss"}) {
    const auto one = values_of(expected, key), many = values_of(run, key);
    ASSERT_EQ(one.size(), many.size()) << key;
    for (size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(many[i], one[i], kTolerance * one[i]) << key << i;
  }
}

TEST(TrainOnRanks, IsTheTrainingOfOneProcess) {
  const Workshop workshop;
  ASSERT_EQ(workshop.patronus(shared_training("one")).status, 0);
  for (const size_t count : {2, 3}) {
    const std::string run = "ranks-" + std::to_string(count);
    train_on_ranks(workshop, count, run);
    expect_same_training(workshop, run, "one");
  }
}

TEST(TrainOnRanks, GoesOnWithAnotherNumberOfRanks) {
  const Workshop workshop;
  ASSERT_EQ(workshop.patronus(shared_training("one")).status, 0);
  ASSERT_EQ(workshop.patronus(shared_training("many", {"training.max_steps=4"})).status, 0);
  train_on_ranks(workshop, 3, "many", {"training.max_steps=8"});
  train_on_ranks(workshop, 2, "many");
  expect_same_training(workshop, "many", "one");
}

TEST(TrainOnRanks, GoesOnWithMuonAsIfNothingHadHappened) {
  const Workshop workshop;
  const auto train = [&](const std::string& run, const std::string& steps) {
    train_on_ranks(workshop, 2, run, {"training.optimizer=muon", "training.max_steps=" + steps});
  };
  train("unbroken", "12");
  train("broken", "4");
  train("broken", "12");
  EXPECT_NE(last_of(workshop, "unbroken").optimizer.find("momentum"), nullptr);
  const auto checkpoint = [&](const std::string& run) {
    return read_file(workshop.path() / run / "checkpoints/step-0000012.pt");
  };
  EXPECT_TRUE(checkpoint("broken") == checkpoint("unbroken"));
}

TEST(TrainOnRanks, RefusesABatchThatCannotBeShared) {
  const Workshop workshop;
  const auto ranks =
      test::fork_ranks(3, test::train_command("run", {"training.batch_size=8"}), workshop.path());
  std::string errors;
  for (const Outcome& rank : ranks) {
    EXPECT_EQ(rank.status, 2);
    errors += rank.errors;
  }
  const std::string message =
      "training.batch_size is 8, which 3 ranks cannot share evenly; expected a multiple of 3";
  EXPECT_NE(errors.find(message), std::string::npos) << errors;
  EXPECT_EQ(errors.find(message), errors.rfind(message)) << "said by more than one:\n" << errors;
  EXPECT_FALSE(std::filesystem::exists(workshop.path() / "run"));
}

TEST(TrainOnRanks, RefusesARankWithOtherSettings) {
  const Workshop workshop;
  const std::vector<Words> arguments{shared_training("run"),
                                     shared_training("run", {"training.learning_rate=0.1"})};
  Ranks ranks(
      2, [&](size_t rank) { return cli::run_command_line(arguments[rank]); }, workshop.path());
  std::string errors;
  for (const Outcome& rank : ranks.wait()) {
    EXPECT_EQ(rank.status, 2);
    errors += rank.errors;
  }
  EXPECT_NE(
      errors.find("): has another training.learning_rate (0.1 instead of 0.003) than rank 0; start every "
                  "rank with the same program and configuration"),
      std::string::npos)
      << errors;
}

TEST(TrainOnRanks, RefusesARankOnWhichAnImageCannotBeRead) {
  const Workshop workshop;
  const auto images = [&](int64_t rank) { return workshop.path() / ("images-" + std::to_string(rank)); };
  for (const int64_t rank : {0, 1}) {
    std::filesystem::create_directory(images(rank));
    for (int64_t i = 0; i < 24; ++i) {
      write_png(images(rank) / (std::to_string(i) + ".png"), at::full({3, 32, 32}, 10 * i, at::kByte));
    }
  }
  const auto damaged = images(1) / "7.png";
  write_file(damaged, std::string(std::filesystem::file_size(damaged), 'x'));
  const auto train = [&](size_t rank) {
    return cli::run_command_line(shared_training(
        "run", {"data.kind=images", "data.path=" + images(static_cast<int64_t>(rank)).string(),
                "data.skip_unreadable=true"}));
  };
  Ranks ranks(2, train, workshop.path());
  std::string errors;
  for (const Outcome& rank : ranks.wait()) {
    EXPECT_EQ(rank.status, 3);
    errors += rank.errors;
  }
  EXPECT_NE(errors.find(" images as decoded ("), std::string::npos) << errors;
}

/// Waits until the run has come to a checkpoint.
void wait_for_checkpoint(const Workshop& workshop, const std::string& run) {
  for (int i = 0; i < 6000 && !std::filesystem::exists(workshop.path() / run / "checkpoints/last"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

const Words kLong{"training.max_steps=100000", "runtime.rank_timeout_s=5"};

/// A training of three ranks that loses one of them, killed or stopped.
class RankLoss {
 public:
  RankLoss(size_t lost, int signal)
      : lost_(lost),
        ranks_(
            3, [](size_t) { return cli::run_command_line(shared_training("run", kLong)); },
            workshop_.path()) {
    wait_for_checkpoint(workshop_, "run");
    ranks_.send(lost, signal);
  }

  void expect_end_of_the_others_and_a_good_checkpoint() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(40);
    const std::string name = "error: rank " + std::to_string(lost_) + " (process ";
    for (size_t rank = 0; rank < 3; ++rank) {
      if (rank == lost_) continue;
      const Outcome outcome = ranks_.wait(rank, end);
      EXPECT_EQ(outcome.status, 1);
      EXPECT_NE(outcome.errors.find(name), std::string::npos) << outcome.errors;
      EXPECT_EQ(outcome.errors.find("frame #"), std::string::npos) << "no traces: " << outcome.errors;
      EXPECT_EQ(outcome.errors.find("[c10d]"), std::string::npos) << outcome.errors;
    }
    EXPECT_GT(last_of(workshop_, "run").step, 0);
  }

 private:
  size_t lost_;
  Workshop workshop_;
  Ranks ranks_;
};

TEST(TrainOnRanks, TheLossOfOneEndsTheOthersAndLeavesAGoodCheckpoint) {
  // One that is stopped is waited for until a timeout, the longest where it serves the store: begun first.
  RankLoss stopped(0, SIGSTOP), first_killed(0, SIGKILL), last_killed(2, SIGKILL);
  for (RankLoss* loss : {&first_killed, &last_killed, &stopped}) {
    loss->expect_end_of_the_others_and_a_good_checkpoint();
  }
}

TEST(TrainOnRanks, ASignalToOneInterruptsAll) {
  const Workshop workshop;
  Ranks ranks(
      2, [](size_t) { return cli::run_command_line(shared_training("run", kLong)); }, workshop.path());
  wait_for_checkpoint(workshop, "run");
  ranks.send(1, SIGTERM);
  for (const Outcome& rank : ranks.wait()) EXPECT_EQ(rank.status, 143) << rank.errors;
  const auto status = nlohmann::json::parse(read_file(workshop.path() / "run/status.json"));
  EXPECT_EQ(status["state"], "interrupted");
  EXPECT_EQ(last_of(workshop, "run").step, status["step"].get<int64_t>());
}

TEST(TrainOnRanks, AFailureOfOneIsToldByAll) {
  const Workshop workshop;
  std::filesystem::create_directories(workshop.path() / "run");
  write_file(workshop.path() / "run/not-a-run", "");
  for (const Outcome& rank : test::fork_ranks(2, shared_training("run"), workshop.path())) {
    EXPECT_NE(rank.errors.find("run: is not empty (not-a-run) and not a run of this program"),
              std::string::npos)
        << rank.errors;
  }
}

/// All files below a folder, by their path in it, with their bytes.
std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[std::filesystem::relative(entry.path(), folder).string()] = read_file(entry.path());
  }
  return files;
}

class AnalysisOnRanks : public test::SharedRun {
 protected:
  /// The command writes the same files from three ranks as from one process.
  static void expect_same_files(Words words, const std::string& run = "run") {
    const std::string name = words.front();
    words.insert(words.end(), {"--run", run, "--device", "cpu", "--threads", "1", "--quiet", "--out"});
    Words one = words, many = words;
    one.push_back("one-" + name);
    many.push_back("many-" + name);
    ASSERT_EQ(workshop().patronus(one).status, 0);
    const auto ranks = test::fork_ranks(3, many, workshop().path());
    for (const Outcome& rank : ranks) ASSERT_EQ(rank.status, 0) << rank.errors;
    EXPECT_EQ(ranks[1].errors + ranks[2].errors, "") << "rank 0 alone talks";
    const auto expected = files_of(path("one-" + name)), files = files_of(path("many-" + name));
    ASSERT_FALSE(expected.empty());
    for (const auto& [file, bytes] : expected) {
      if (file.starts_with("command-")) continue;  // names the folder
      ASSERT_TRUE(files.contains(file)) << file;
      EXPECT_TRUE(files.at(file) == bytes) << file << " differs";
    }
    EXPECT_EQ(files.size(), expected.size());
  }
};

// Batches, raised prototypes, and images as parts of larger batches are what ranks share; the other commands
// stand on the same functions.
TEST_F(AnalysisOnRanks, WritesTheFilesOfOneProcess) {
  expect_same_files({"sample", "--split", "test", "--count", "7", "--batch-size", "2"});
  expect_same_files({"manipulate", "--edit", "2=max", "--disable", "1", "--count", "3", "--steps", "3",
                     "--batch-size", "2"});
  expect_same_files({"visualize-prototypes", "data.faces.train_images=150", "--candidates", "2", "--steps",
                     "2", "--nearest", "70", "--batch-size", "5"});
  expect_same_files({"explain", "--count", "3", "--strongest", "2", "--steps", "2"});
  expect_same_files({"interpolate", "--count", "2", "--frames", "3", "--steps", "3", "--batch-size", "1"});
  expect_same_files(
      {"compare", "--with", "run/checkpoints/step-0000008.pt", "--split", "train", "--images", "64"});
  expect_same_files({"emergence", "--count", "3", "--steps", "2", "--batch-size", "2"});
  expect_same_files(
      {"evaluate", "--parts", "representation,similarity,control,reconstruction,likelihood,generation",
       "--features", "random", "--sets", "2", "--set-images", "6", "--reconstructions", "5",
       "--likelihood-images", "4", "--bound-steps", "3", "--control-images", "1", "--steps", "3"},
      judged_run());
  expect_same_files({"diagnose", "data.faces.test_images=240", "--quick", "--images", "8", "--steps", "2",
                     "--generated", "20", "--seed", "0"},
                    judged_run());
}

TEST(OtherCommands, AreNotForSeveralRanks) {
  const Workshop workshop;
  for (const Outcome& rank : test::fork_ranks(2, {"info", "--run", "run"}, workshop.path())) {
    EXPECT_EQ(rank.status, 2);
    EXPECT_EQ(rank.errors,
              "error: this command works in one process, but a launcher started 2; run it without torchrun, "
              "srun or mpirun\n");
  }
}

}  // namespace
}  // namespace patronus
