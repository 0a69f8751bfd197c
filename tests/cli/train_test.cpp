#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/shared_run.h"
#include "patronus/io/atomic_file.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_directory.h"
#include "patronus/training/metrics_log.h"
#include "patronus/training/optimization.h"
#include "support/named_tensors.h"
#include "support/tiny_disk.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::run_patronus;
using test::TemporaryFolder;
using test::train_command;
using test::Workshop;

/// A training that no machine ends before it is stopped. Its learning rate does not depend on its length, so
/// that it may be cut short when it goes on.
const std::vector<std::string> kEndless{"training.max_steps=1000000",
                                        "training.learning_rate_schedule=constant", "training.log_every=4",
                                        "training.checkpoint_every=3"};

std::vector<std::string> endless_until(int64_t step) {
  auto words = kEndless;
  words.push_back("training.max_steps=" + std::to_string(step));
  return words;
}

nlohmann::json status_of(const Workshop& workshop, const std::string& run) {
  return nlohmann::json::parse(read_file(workshop.path() / run / "status.json"));
}

/// Tests on copies of one finished run.
class FinishedRun : public test::SharedRun {
 protected:
  void SetUp() override { copy_run("copy"); }
  static Outcome train(const std::vector<std::string>& more = {}) { return workshop().train("copy", more); }
};

TEST_F(FinishedRun, HasTheArtifactsOfARun) {
  for (const char* name : {"config.yaml", "environment.json", "status.json", "log.txt", "metrics.jsonl",
                           "checkpoints/step-0000012.pt", "checkpoints/last", "samples/samples-0000012.png",
                           "samples/reconstruction-0000012.png"}) {
    EXPECT_TRUE(fs::exists(path("copy") / name)) << name;
  }
  EXPECT_EQ(status_of(workshop(), "copy")["state"], "done");
  EXPECT_EQ(status_of(workshop(), "copy")["step"], 12);
  EXPECT_EQ(read_checkpoint(path("copy/checkpoints/last")).step, 12);
}

TEST_F(FinishedRun, IsLeftAloneByTheSameCommand) {
  const auto written = fs::last_write_time(path("copy/checkpoints/step-0000012.pt"));
  RunDirectory(path("copy")).write_status("running", 12);  // killed before it said more
  const Outcome again = train();
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(status_of(workshop(), "copy")["state"], "done");
  EXPECT_NE(again.errors.find("copy is finished at step 12; training.max_steps=24 would train on"),
            std::string::npos)
      << again.errors;
  EXPECT_EQ(fs::last_write_time(path("copy/checkpoints/step-0000012.pt")), written);
}

TEST_F(FinishedRun, MayBeAskedForMoreSteps) {
  const Outcome more = train({"--max-steps", "16"});
  EXPECT_EQ(more.status, 0) << more.errors;
  EXPECT_NE(more.errors.find("the learning rate is now 0.000439 instead of 0: its schedule ends at step 16 "
                             "instead of 12\n"),
            std::string::npos)
      << more.errors;
  EXPECT_EQ(status_of(workshop(), "copy")["step"], 16);
}

TEST_F(FinishedRun, RefusesToGoOnWithOtherSettings) {
  EXPECT_EQ(workshop().mistake(train_command("copy", {"training.learning_rate=0.1", "--seed", "3"})),
            "2 error: copy: holds a run with another seed (0, not 3), training.learning_rate (0.003, not "
            "0.1); choose "
            "a new folder, for example --run copy-2");
  EXPECT_EQ(workshop().mistake(train_command("copy/", {"training.learning_rate=0.1"})),
            "2 error: copy: holds a run with another training.learning_rate (0.003, not 0.1); choose a new "
            "folder, for example "
            "--run copy-2");
  EXPECT_EQ(train({"training.log_every=5", "training.keep_checkpoints=1"}).status, 0);
}

/// Trains a run in the folder `broken`, which gets `signal` and goes on, and one of the same length in
/// `unbroken`, and expects the same weights of both. Gives the step that the first went on from.
int64_t expect_same_weights_after(int signal, const Workshop& workshop) {
  EXPECT_EQ(workshop.train_until(train_command("broken", kEndless), "broken", 8, signal), 128 + signal);
  const auto last = [&](const std::string& run) {
    return read_checkpoint(workshop.path() / run / "checkpoints/last");
  };
  const int64_t from = last("broken").step;
  const auto rest = endless_until(from + 8);
  EXPECT_EQ(workshop.train("broken", rest).status, 0);
  EXPECT_EQ(workshop.train("unbroken", rest).status, 0);
  EXPECT_EQ(last("broken").step, last("unbroken").step);
  test::expect_same(last("broken").model, last("unbroken").model);
  test::expect_same(last("broken").ema, last("unbroken").ema);
  return from;
}

MetricSeries losses_of(const Workshop& workshop, const std::string& run) {
  return read_metric(RunDirectory(workshop.path() / run), "loss");
}

TEST(Train, KilledAndResumedGivesTheWeightsAndMetricsOfAnUnbrokenRun) {
  const Workshop workshop;
  expect_same_weights_after(SIGKILL, workshop);
  EXPECT_EQ(losses_of(workshop, "broken").values, losses_of(workshop, "unbroken").values);
}

TEST(Train, InterruptedAndResumedGivesTheWeightsOfAnUnbrokenRunAndALineOfItsOwn) {
  const Workshop workshop;
  const int64_t interrupted = expect_same_weights_after(SIGINT, workshop);
  const auto steps = [&](const std::string& run) {
    const MetricSeries losses = losses_of(workshop, run);
    return std::set<double>(losses.steps.begin(), losses.steps.end());
  };
  auto expected = steps("unbroken");
  expected.insert(static_cast<double>(interrupted));
  EXPECT_EQ(steps("broken"), expected);
}

TEST(Train, TheStatusNamesACheckpointBeforeTheNextLineOfTheLog) {
  const Workshop workshop;
  const auto named = [&] {
    return fs::exists(workshop.path() / "run/status.json") &&
           !status_of(workshop, "run")["checkpoint"].is_null();
  };
  auto words = train_command("run", kEndless);
  words.insert(words.end(), {"training.log_every=150", "training.checkpoint_every=150"});
  EXPECT_EQ(test::interrupt_patronus(words, workshop.path(), named, SIGKILL), 128 + SIGKILL);
  const auto status = status_of(workshop, "run");
  EXPECT_EQ(status["checkpoint"], "step-0000150.pt");
  EXPECT_EQ(status["step"], 150);
}

TEST(Train, ASecondProcessOnARunTouchesNothing) {
  const Workshop workshop;
  const RunDirectory run(workshop.path() / "run");
  Outcome second;
  const auto tried = [&] {
    if (test::last_step(run) < 8) return false;
    second = workshop.train("run", kEndless);
    return true;
  };
  test::interrupt_patronus(train_command("run", kEndless), workshop.path(), tried, SIGTERM);
  EXPECT_EQ(second.status, 1);
  EXPECT_EQ(second.errors.find("error: run: process "), 0u) << second.errors;
  EXPECT_NE(second.errors.find(" is writing here; wait until it ends"), std::string::npos) << second.errors;
  const int64_t saved = status_of(workshop, "run")["step"];
  EXPECT_EQ(read_checkpoint(*run.last_checkpoint()).step, saved);
  const auto steps = read_metric(run, "loss").steps;
  ASSERT_FALSE(steps.empty());
  EXPECT_EQ(steps.front(), 3) << "the first process's lines are still there";
  EXPECT_EQ(steps.back(), double(saved));
}

TEST_F(FinishedRun, GoesOnWhereTheNameOfTheLastCheckpointIsLost) {
  const fs::path last = path("copy/checkpoints/last");
  fs::remove(last);
  const Outcome more = train({"--max-steps", "16"});
  EXPECT_EQ(more.status, 0);
  EXPECT_NE(more.errors.find(
                "copy/checkpoints/last: names no checkpoint that is there; step-0000012.pt is the newest"),
            std::string::npos)
      << more.errors;
  EXPECT_NE(more.errors.find("going on from step 12 of 16"), std::string::npos) << more.errors;
  EXPECT_EQ(read_checkpoint(last).step, 16);
  EXPECT_EQ(read_metric(RunDirectory(path("copy")), "loss").steps.front(), 2);

  fs::remove_all(path("copy/checkpoints"));
  const Outcome lost = train({"--max-steps", "20"});
  EXPECT_EQ(lost.status, 3);
  EXPECT_NE(lost.errors.find("error: copy/checkpoints: the run's checkpoints are lost"), std::string::npos)
      << lost.errors;
  EXPECT_EQ(test::last_step(RunDirectory(path("copy"))), 16);
}

TEST(Train, LeavesAFolderOfSomethingElseAsItIs) {
  const Workshop workshop;
  const std::vector<std::string> names{"events.out.tfevents.1", "metrics.jsonl", "step-0000001.pt",
                                       "config.yaml"};
  fs::create_directories(workshop.path() / "mine");
  for (const auto& name : names) write_file(workshop.path() / "mine" / name, "mine");
  const Outcome outcome = test::fork_patronus(train_command("mine"), workshop.path());
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.errors.find("error: mine: is not empty ("), 0u) << outcome.errors;
  for (const auto& name : names) EXPECT_EQ(read_file(workshop.path() / "mine" / name), "mine") << name;
  EXPECT_EQ(std::distance(fs::directory_iterator(workshop.path() / "mine"), {}), 4);
}

TEST(Train, TheLearningRateOfALineIsThatOfItsStep) {
  const Workshop workshop;
  ASSERT_EQ(workshop.train("run", {"training.warmup_steps=10", "training.log_every=1"}).status, 0);
  const MetricSeries rates = read_metric(RunDirectory(workshop.path() / "run"), "learning_rate");
  const TrainingConfig config = read_checkpoint(workshop.path() / "run/checkpoints/last").config.training;
  ASSERT_EQ(rates.values.size(), 12u);
  for (size_t i = 0; i < rates.values.size(); ++i) {
    EXPECT_DOUBLE_EQ(rates.values[i], learning_rate_at(config, static_cast<int64_t>(i), 12)) << i;
  }
}

TEST(Train, NoPictureIsDrawnWithWeightsThatAreNotFinite) {
  for (const std::string optimizer : {"adamw", "muon"}) {
    const Workshop workshop;
    const Outcome outcome =
        workshop.train("run", {"training.optimizer=" + optimizer, "training.learning_rate=1e300",
                               "training.sample_every=1", "training.clip_gradient=0"});
    EXPECT_EQ(outcome.status, 4) << outcome.errors;
    EXPECT_FALSE(fs::exists(workshop.path() / "run/samples/samples-0000001.png"));
  }
}

class TrainInterrupted : public testing::TestWithParam<int> {};

TEST_P(TrainInterrupted, SavesAndSaysHowToGoOn) {
  const Workshop workshop;
  EXPECT_EQ(workshop.train_until(train_command("run", kEndless), "run", 5, GetParam()), 128 + GetParam());
  EXPECT_EQ(status_of(workshop, "run")["state"], "interrupted");
  const int64_t saved = read_checkpoint(workshop.path() / "run/checkpoints/last").step;
  EXPECT_EQ(status_of(workshop, "run")["step"], saved);
  EXPECT_GE(saved, 5);
  const Outcome resumed = workshop.train("run", endless_until(saved + 1));
  EXPECT_EQ(resumed.status, 0);
  EXPECT_NE(resumed.errors.find("going on from step " + std::to_string(saved) + " of "), std::string::npos)
      << resumed.errors;
}

INSTANTIATE_TEST_SUITE_P(Signals, TrainInterrupted, testing::Values(SIGINT, SIGTERM, SIGHUP),
                         [](const auto& info) { return "Signal" + std::to_string(info.param); });

TEST_F(FinishedRun, WhoseNewestCheckpointIsDamagedSaysSoAndGoesOnFromTheOneBeforeWhenItIsRemoved) {
  const fs::path newest = path("copy/checkpoints/step-0000012.pt");
  fs::resize_file(newest, fs::file_size(newest) - 1000);
  const std::string advice =
      "error: copy/checkpoints/step-0000012.pt: damaged or not a file of torch.save; remove it to go on from "
      "step-0000008.pt, which is whole\n";
  for (const auto& outcome : {train(), workshop().patronus({"info", "--run", "copy", "--device", "cpu"})}) {
    EXPECT_EQ(outcome.status, 3);
    EXPECT_NE(outcome.errors.find(advice), std::string::npos) << outcome.errors;
  }
  fs::remove(newest);
  const Outcome resumed = train();
  EXPECT_EQ(resumed.status, 0);
  EXPECT_NE(resumed.errors.find("going on from step 8 of 12"), std::string::npos) << resumed.errors;
}

TEST_F(FinishedRun, ThatDivergesStopsAndKeepsTheLastGoodCheckpoint) {
  // The run goes on with a learning rate that no model survives.
  const fs::path last = path("copy/checkpoints/step-0000012.pt");
  Checkpoint checkpoint = read_checkpoint(last);
  checkpoint.config.training.learning_rate = 1e30;
  checkpoint.config.training.clip_gradient = 0;
  write_checkpoint(last, checkpoint);
  const Outcome outcome =
      train({"training.learning_rate=1e30", "training.clip_gradient=0", "training.max_steps=40"});
  ASSERT_EQ(outcome.status, 4) << outcome.errors;
  EXPECT_EQ(status_of(workshop(), "copy")["state"], "failed");
  const std::string message = status_of(workshop(), "copy")["message"];
  EXPECT_NE(message.find("is not finite at step 1"), std::string::npos) << message;
  const Checkpoint kept = read_checkpoint(path("copy/checkpoints/last"));
  EXPECT_EQ(kept.step, 12);
  for (const auto& [name, tensor] : kept.model) EXPECT_TRUE(tensor.isfinite().all().item<bool>()) << name;
}

TEST(Train, AFullDiskCostsNoCheckpointThatWasWritten) {
  const Workshop workshop;
  fs::create_directories(workshop.path() / "run");
  const test::TinyDisk disk(workshop.path() / "run", 3000);
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system needs root's rights";
  const Outcome outcome = workshop.train(
      "run", {"training.checkpoint_every=1", "training.keep_checkpoints=100", "training.max_steps=60"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.errors.find("cannot be written: No space left on device"), std::string::npos)
      << outcome.errors;
  EXPECT_GE(read_checkpoint(workshop.path() / "run/checkpoints/last").step, 1);
}

TEST(Train, ExplainsMistakesInOneLine) {
  const Workshop workshop;
  const auto errors = [&](const std::vector<std::string>& more) {
    const Outcome outcome = test::fork_patronus(train_command("run", more), workshop.path());
    return std::to_string(outcome.status) + " " + outcome.errors;
  };
  EXPECT_EQ(errors({"training.learning_rat=1"}),
            "2 error: unknown key training.learning_rat; did you mean training.learning_rate?\n");
  EXPECT_EQ(errors({"training.batch_size=1"}), "2 error: training.batch_size must be 2 to 65536, got 1\n");
  EXPECT_EQ(errors({"--device", "gpu"}), "2 error: device 'gpu': expected auto, cpu, cuda or cuda:N\n");
  EXPECT_FALSE(fs::exists(workshop.path() / "run"));

  std::ofstream(workshop.path() / "bad.yaml") << "model:\n  prototype:\n    count: 3\n";
  const Outcome bad = test::fork_patronus({"train", "--config", "bad.yaml"}, workshop.path());
  EXPECT_EQ(bad.status, 2);
  EXPECT_EQ(bad.errors, "error: bad.yaml:2: unknown key model.prototype; did you mean model.prototypes?\n");
}

TEST(Train, DrawsEachCombinationOfValuesThatItBalancesEquallyOften) {
  const Workshop workshop;
  const std::string tied = "data.faces.correlation=1";  // of blond hair and smiling
  const Outcome balanced = workshop.train("balanced", {tied, "training.balance=[blond_hair, long_hair]"});
  ASSERT_EQ(balanced.status, 0) << balanced.errors;
  const std::string line =
      "training.balance: 4 combinations drawn equally often: blond_hair=0, long_hair=0: ";
  EXPECT_NE(balanced.errors.find(line), std::string::npos) << balanced.errors;
  ASSERT_EQ(workshop.train("plain", {tied}).status, 0);
  const auto losses = [&](const std::string& run) {
    return read_metric(RunDirectory(workshop.path() / run), "loss").values;
  };
  EXPECT_NE(losses("balanced"), losses("plain"));

  const auto mistake = [&](const std::string& balance, const std::string& more) {
    return workshop.mistake(train_command("mistaken", {tied, "training.balance=" + balance, more}));
  };
  EXPECT_EQ(mistake("[hatt]", "seed=1"),
            "2 error: training.balance: there is no attribute 'hatt'; expected blond_hair, long_hair, "
            "eyeglasses, smile, frown, hat, earrings, pale_skin or blue_background; did you mean hat?");
  EXPECT_EQ(mistake("[hat]", "data.where=hat=1"),
            "2 error: training.balance: all images have hat=1; expected two combinations of values or more");
}

TEST(Train, MessagesStayOnOneLineWhateverTheFileHolds) {
  const Workshop workshop;
  std::ofstream(workshop.path() / "bad.yaml") << "seed: \"\\\x01\"\n";
  EXPECT_EQ(test::fork_patronus({"train", "--config", "bad.yaml"}, workshop.path()).errors,
            "error: bad.yaml:1: not valid YAML: unknown escape character: ?\n");
}

TEST(Train, CudaWithoutADeviceIsAUsageError) {
  const Workshop workshop;
  const Outcome outcome = workshop.train("run", {"--device", "cuda"});
  if (outcome.status == 0) GTEST_SKIP() << "this machine has a CUDA device";
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.errors,
            "error: device cuda: this machine has no usable CUDA device; use --device cpu or auto\n");
}

TEST(Train, PrintConfigShowsTheMergedConfiguration) {
  const Workshop workshop;
  const Outcome outcome =
      workshop.train("run", {"--print-config", "training.max_steps=77", "--max-steps", "99"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.output.find("max_steps: 99"), std::string::npos) << "flags beat words";
  EXPECT_EQ(run_config_from_yaml(outcome.output, "printed").training.max_steps, 99);
}

TEST(Train, DryRunEstimatesAndWritesNothing) {
  const Workshop workshop;
  const Outcome outcome = workshop.train("run", {"--dry-run"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  for (const char* word : {"parameters", "memory", "rate", "length       12 steps"}) {
    EXPECT_NE(outcome.output.find(word), std::string::npos) << outcome.output;
  }
  EXPECT_FALSE(fs::exists(workshop.path() / "run"));
  constexpr const char* kShort = "long for a CPU; add --config small, behind any other --config, ";
  EXPECT_EQ(outcome.errors.find(kShort), std::string::npos);
  const std::string endless = workshop.train("run", {"--dry-run", "--max-steps", "1000000000"}).errors;
  EXPECT_NE(endless.find(kShort), std::string::npos) << endless;
}

TEST(Program, SuggestsTheNearestCommand) {
  const TemporaryFolder folder;
  const Outcome outcome = run_patronus({"trian"}, folder.path());
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.errors,
            "error: unknown command trian; did you mean train? (patronus --help lists them)\n");
}

TEST(Program, SuggestsWhatBeginsOrEndsLikeIt) {
  const TemporaryFolder folder;
  const auto complaint = [&](const std::vector<std::string>& words) {
    const std::string errors = test::fork_patronus(words, folder.path()).errors;
    return errors.substr(0, errors.find('\n'));
  };
  EXPECT_EQ(
      complaint({"visualize"}),
      "error: unknown command visualize; did you mean visualize-prototypes? (patronus --help lists them)");
  EXPECT_EQ(complaint({"training"}),
            "error: unknown command training; did you mean train? (patronus --help lists them)");
  const std::string refused = "error: The following argument was not expected: ";
  EXPECT_EQ(complaint({"train", "--steps=3"}), refused + "--steps=3; did you mean --max-steps?");
  EXPECT_EQ(complaint({"--dry-run", "train"}), refused + "--dry-run; it belongs behind the command");
  EXPECT_EQ(complaint({"sample", "--lr=3"}), refused + "--lr=3; patronus sample --help lists the options")
      << "a run's training is over";
  EXPECT_EQ(complaint({"prepare", "--image-size=3"}),
            refused + "--image-size=3; did you mean data.size=...?");
  EXPECT_EQ(complaint({"report", "--run"}), "error: --run: a value is missing");
  EXPECT_EQ(complaint({"train", "--dry-run=perhaps"}), "error: --dry-run: cannot be perhaps");
  EXPECT_EQ(complaint({"evaluate", "--count"}),
            refused + "--count; patronus evaluate --help lists the options");
  EXPECT_EQ(complaint({"report", "-run=x"}), refused + "-run=x; did you mean --run?");
}

TEST(Program, SuggestsTheOptionThatAWordLacks) {
  const Workshop workshop;
  ASSERT_EQ(workshop.train("runs/done", {"--max-steps", "2"}).status, 0);
  fs::create_directory(workshop.path() / "photos");
  const auto& complaint = [&](const std::vector<std::string>& words) { return workshop.mistake(words); };
  EXPECT_EQ(complaint({"report", "runs/done"}),
            "2 error: The following argument was not expected: runs/done; did you mean --run runs/done?");
  EXPECT_EQ(complaint({"report", "done"}),
            "2 error: The following argument was not expected: done; did you mean --run runs/done?");
  EXPECT_EQ(
      complaint({"report", "gone"}),
      "2 error: The following argument was not expected: gone; patronus report --help lists the options");
  EXPECT_EQ(complaint({"sample", "runs/done"}),
            "2 error: 'runs/done': expected an option before it; did you mean --run runs/done?");
  EXPECT_EQ(complaint({"train", "photos"}),
            "2 error: 'photos': expected an option before it; did you mean --data photos?");
  EXPECT_EQ(complaint({"train", "tiny"}),
            "2 error: 'tiny': expected an option before it; did you mean --config tiny?");
  EXPECT_EQ(complaint({"info", "--run", "done"}),
            "2 error: done: no such run; train first, or name another --run; did you mean runs/done?");
  EXPECT_EQ(complaint({"report", "--run", "runs/don"}),
            "2 error: runs/don: no such run; train first, or name another --run; did you mean runs/done?");
  EXPECT_EQ(complaint({"info", "--run", "runs/done/checkpoints/step-0000002.pt"}),
            "2 error: runs/done/checkpoints/step-0000002.pt: is a file; expected the folder of a run; a "
            "checkpoint is named with --checkpoint; did you mean runs/done?");
  EXPECT_EQ(
      complaint({"info", "--run", "runs/done/checkpoints"}),
      "2 error: runs/done/checkpoints: holds no checkpoint; train first, or name another --run; did you "
      "mean runs/done?");
  EXPECT_EQ(complaint({"info", "--checkpoint", "runs/done"}),
            "2 error: runs/done: is a folder; expected a file; a run is named with --run");
  EXPECT_EQ(complaint({"info", "--checkpoint", "runs/done/checkpoints/step-2.pt"}),
            "2 error: runs/done/checkpoints/step-2.pt: no such checkpoint");
}

TEST(Program, WantsTheCommandFirst) {
  const TemporaryFolder folder;
  EXPECT_EQ(test::fork_patronus({"--max-steps", "3", "train", "--config", "demo"}, folder.path()).errors,
            "error: the command comes first: patronus train --max-steps 3 --config demo\n");
}

TEST(Program, SuggestsItBehindFlags) {
  const TemporaryFolder folder;
  EXPECT_EQ(test::fork_patronus({"--quiet", "trian"}, folder.path()).errors,
            "error: unknown command trian; did you mean train? (patronus --help lists them)\n");
}

TEST(Program, HelpsAsACommandToo) {
  const TemporaryFolder folder;
  const auto output_of = [&](const std::vector<std::string>& words) {
    const Outcome outcome = run_patronus(words, folder.path());
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    return outcome.output;
  };
  EXPECT_EQ(output_of({"help"}), output_of({"--help"}));
  EXPECT_EQ(output_of({"help", "train"}), output_of({"train", "--help"}));
  EXPECT_EQ(output_of({"sweep", "help"}), output_of({"sweep", "--help"}));
  EXPECT_EQ(test::fork_patronus({"help", "trian"}, folder.path()).errors,
            "error: unknown command trian; did you mean train? (patronus --help lists them)\n");
}

TEST(Train, AFinishedRunNamesSettingsThatItDoesNotTakeOver) {
  const Workshop workshop;
  ASSERT_EQ(workshop.train("run", {"training.max_steps=2"}).status, 0);
  const auto errors_with = [&](const std::string& setting) {
    return workshop.train("run", {"training.max_steps=2", setting}).errors;
  };
  EXPECT_NE(errors_with("sampling.steps=9").find("sampling.steps (5, not 9); give these to the commands"),
            std::string::npos);
  EXPECT_EQ(errors_with("training.log_every=1").find("give these"), std::string::npos);
}

TEST(Program, SaysWhichOfTwoValuesCounts) {
  const Workshop workshop;
  const auto errors_with = [&](const std::vector<std::string>& settings) {
    return workshop.patronus(test::concat({"train", "--config", "tiny", "--print-config"}, settings)).errors;
  };
  EXPECT_NE(errors_with({"training.max_steps=3", "training.max_steps=4", "training.max_steps=5"})
                .find("training.max_steps is given different values: training.max_steps=5 counts\n"),
            std::string::npos);
  EXPECT_EQ(errors_with({"training.max_steps=5", "training.max_steps=5"}), "");
}

TEST(Program, MeasuresNoConfigurationWithoutAFormat) {
  const TemporaryFolder folder;
  EXPECT_EQ(test::fork_patronus({"bench", "--config", "images"}, folder.path()).errors,
            "error: bench: this configuration takes the format from the images, and bench has none; give "
            "data.size and data.channels\n");
}

TEST(Program, MeasuresNothingThatItCouldNotWriteDown) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_patronus({"bench", "--config", "small", "--out", "nowhere/x.json"}, folder.path()).errors,
            "error: nowhere/x.json: cannot be written: No such file or directory\n");
  EXPECT_EQ(test::fork_patronus({"bench", "--config", "small", "--seconds", "-1"}, folder.path()).errors,
            "error: --seconds: must be at least 0, got -1\n");
}

TEST(Program, SaysThatACommandIsMissing) {
  const TemporaryFolder folder;
  const Outcome outcome = test::fork_patronus({}, folder.path());
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.errors, "error: a command is missing (patronus --help lists them)\n");
}

TEST(Program, FindsShippedConfigurationsByBareName) {
  const TemporaryFolder folder;
  for (const char* name : {"celeba.yaml", "celeba"}) {
    const Outcome outcome = run_patronus({"train", "--config", name, "--print-config"}, folder.path());
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_NE(outcome.output.find("kind: celeba"), std::string::npos);
  }
}

TEST(Train, GoesOnWithARunThatIsNamedAlone) {
  const Workshop workshop;
  ASSERT_EQ(workshop.train("run").status, 0);
  const Outcome longer =
      workshop.patronus({"train", "--run", "run", "--device", "cpu", "training.max_steps=14"});
  EXPECT_EQ(longer.status, 0) << longer.errors;
  EXPECT_NE(longer.errors.find("no --config: with run/config.yaml\n"), std::string::npos) << longer.errors;
  EXPECT_NE(longer.errors.find("done at step 14"), std::string::npos) << longer.errors;
}

TEST(Program, TakesAFolderAloneForOneOfImages) {
  const TemporaryFolder folder;
  const Outcome outcome = run_patronus({"train", "--data", "photos", "--print-config"}, folder.path());
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(outcome.errors, "no --config: the folder is taken as one for --config images\n");
  EXPECT_NE(outcome.output.find("kind: images\n"), std::string::npos) << outcome.output;
}

TEST(Program, TakesAFolderAloneForWhatItsFilesTell) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "faces");
  write_file(folder / "faces/list_attr_celeba.txt", "0\nSmiling\n");
  const auto printed = [&](const std::vector<std::string>& words) {
    return run_patronus(test::concat({"train", "--data", "faces", "--print-config"}, words), folder.path());
  };
  const Outcome celeba = printed({});
  EXPECT_EQ(celeba.errors, "no --config: the folder is taken as one for --config celeba\n");
  EXPECT_EQ(celeba.output, printed({"--config", "celeba"}).output);
  EXPECT_EQ(printed({"--config", "small"}).errors,
            "no data.kind with --config small: the folder is taken as one for --config celeba --config "
            "small\n");
  for (const char* plain : {"data.csv=mine.csv", "data.folders=none", "data.kind=images"}) {
    EXPECT_EQ(printed({plain}).errors, "no --config: the folder is taken as one for --config images\n");
  }
  write_file(folder / "table.yaml", "data: {csv: mine.csv}\n");
  EXPECT_EQ(printed({"--config", "table.yaml"}).errors,
            "no data.kind with --config table.yaml: the folder is taken as one for --config images --config "
            "table.yaml\n");
}

TEST(Program, LaysSettingsThatNameNoDataOverThoseOfImages) {
  const TemporaryFolder folder;
  const auto printed = [&](const std::vector<std::string>& words) {
    return run_patronus(test::concat({"train", "--data", "photos", "--print-config"}, words), folder.path());
  };
  const Outcome small = printed({"--config", "small"});
  EXPECT_EQ(small.status, 0) << small.errors;
  EXPECT_EQ(small.errors,
            "no data.kind with --config small: the folder is taken as one for --config images --config "
            "small\n");
  EXPECT_EQ(small.output, printed({"--config", "images", "--config", "small"}).output);
  for (const auto& known : {std::vector<std::string>{"--config", "celeba", "--config", "small"},
                            {"--config", "small", "data.kind=celeba"}}) {
    const Outcome celeba = printed(known);
    EXPECT_EQ(celeba.errors, "");
    EXPECT_NE(celeba.output.find("kind: celeba\n"), std::string::npos) << celeba.output;
  }
}

}  // namespace
}  // namespace patronus
