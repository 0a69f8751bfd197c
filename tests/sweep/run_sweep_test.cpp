#include "patronus/sweep/run_sweep.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <thread>

#include "patronus/data/dataset.h"
#include "patronus/data/image_survey.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/run/run_data.h"
#include "patronus/run/run_directory.h"
#include "patronus/sweep/sweep.h"
#include "support/failure.h"
#include "support/picture_files.h"
#include "support/run_program.h"
#include "support/small_run.h"
#include "sweep/point_log.h"
#include "sweep/point_record.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

TEST(CommandWords, NameTheRunAndStandForItsFolder) {
  SweepPoint point;
  point.name = "count-3";
  EXPECT_EQ(command_arguments({"evaluate"}, point, "runs/study"),
            (Words{"evaluate", "--run", "runs/study/count-3"}));
  EXPECT_EQ(command_arguments({"sample", "--out", "{run}/a", "--vectors", "{run}/b,{run}/c"}, point, "s"),
            (Words{"sample", "--out", "s/count-3/a", "--vectors", "s/count-3/b,s/count-3/c", "--run",
                   "s/count-3"}));
  point.name = "{run}";
  EXPECT_EQ(command_arguments({"sample", "--out", "{run}/a"}, point, "s")[2], "s/{run}/a");
}

TEST(CommandWords, HaveThePointsSettingsButThoseThatTheyGiveThemselves) {
  SweepPoint point;
  point.name = "a";
  point.command_settings = {"sampling.steps=2", "runtime.device=cpu"};
  EXPECT_EQ(
      command_arguments({"sample", "--judge", "data.size=8"}, point, "s"),
      (Words{"sample", "runtime.device=cpu", "sampling.steps=2", "--judge", "data.size=8", "--run", "s/a"}));
  EXPECT_EQ(command_arguments({"sample", "sampling.steps=5"}, point, "s"),
            (Words{"sample", "runtime.device=cpu", "sampling.steps=5", "--run", "s/a"}));
  EXPECT_EQ(command_arguments({"report"}, point, "s"), (Words{"report", "--run", "s/a"}))
      << "which takes none";
}

TEST(CommandWords, OnTheModelOfTheStartWriteIntoThePoint) {
  const test::TemporaryFolder folder;
  const RunDirectory source(folder / "source");
  source.folder("checkpoints");
  write_file(source.checkpoint(7), "weights");
  SweepPoint point;
  point.name = "start";
  point.is_start = true;
  point.config.training.from = source.path();
  const std::string checkpoint = source.checkpoint(7);
  EXPECT_EQ(
      command_arguments({"evaluate", "--parts", "control"}, point, "s"),
      (Words{"evaluate", "--parts", "control", "--checkpoint", checkpoint, "--out", "s/start/evaluate"}));
  for (const Words& own : {Words{"--out", "{run}/mine"}, Words{"--out={run}/mine"}}) {
    Words command{"evaluate"};
    command.insert(command.end(), own.begin(), own.end());
    const Words words = command_arguments(command, point, "s");
    EXPECT_EQ(words.back(), checkpoint) << "no second --out";
    EXPECT_TRUE(words[own.size()].ends_with("s/start/mine")) << words[own.size()];
  }
}

TEST(PointRecord, KnowsWhatWasDoneOfAPathThatIsNoText) {
  const test::TemporaryFolder folder;
  const RunDirectory run(folder / "point");
  run.folder("checkpoints");
  write_file(run.checkpoint(7), "weights");
  SweepPoint point;
  point.name = "point";
  point.config.data.path = "/data/caf\xE9";
  const Words command{"evaluate", "--reference", "caf\xE9"};
  PointRecord(point, run.path()).add_training();
  PointRecord(point, run.path()).add_command(command, 0);
  const PointRecord record(point, run.path());
  EXPECT_TRUE(record.is_trained());
  EXPECT_EQ(record.commands_done({command}), 1u);
  EXPECT_EQ(record.commands_done({{"evaluate", "--reference", "other"}}), 0u);
}

TEST(PointRecord, HoldsWhereTheSameImagesLieElsewhereAndForNoOthers) {
  const test::TemporaryFolder folder;
  const auto write_images = [&](const std::string& name, int count) {
    fs::create_directories(folder / name);
    for (int i = 0; i < count; ++i)
      write_file(folder / name / (std::to_string(i) + ".png"), encode_png(test::gradient(3, 32, 32)));
  };
  write_images("images", 4);
  write_images("moved", 4);
  write_images("others", 5);
  const RunDirectory run(folder / "point");
  run.folder("checkpoints");
  write_file(run.checkpoint(7), "weights");
  SweepPoint point;
  point.name = "point";
  point.config.data.kind = DataKind::kImages;
  point.config.data.size = point.config.data.channels = 0;
  const auto is_trained_with = [&](const std::string& images) {
    point.config.data.path = (folder / images).string();
    return PointRecord(point, run.path()).is_trained();
  };
  point.config.data.path = (folder / "images").string();
  PointRecord(point, run.path()).add_training();
  EXPECT_TRUE(is_trained_with("images"));
  EXPECT_FALSE(is_trained_with("moved")) << "nobody knows which images it was trained with";
  DataConfig trained = point.config.data;
  trained.path = (folder / "images").string();
  propose_format(trained);  // as training does
  write_run_data(run, DataListing(trained).report());
  EXPECT_TRUE(is_trained_with("moved"));
  EXPECT_FALSE(is_trained_with("others"));
  EXPECT_TRUE(test::message_of([&] { is_trained_with("nowhere"); }).find("no such folder") !=
              std::string::npos);
}

TEST(RunSweep, DoesNotTakeARunOfOtherSettingsForAPoint) {
  const test::TemporaryFolder folder;
  RunConfig config = test::small_run();
  write_file(folder / "tiny.yaml", to_yaml(config));
  write_file(folder / "study.yaml", "config: " + (folder / "tiny.yaml").string() + "\nseeds: [3]\n");
  const SweepPlan sweep = read_sweep(folder / "study.yaml", {});
  const RunDirectory run(folder / "runs/seed-3");
  EXPECT_EQ(other_training(sweep.points[0], run.path()), "") << "there is none yet";
  run.folder("checkpoints");
  write_file(run.checkpoint(2), "weights");
  config.seed = 3;
  write_file(run.file("config.yaml"), to_yaml(config));
  EXPECT_EQ(other_training(sweep.points[0], run.path()), "") << "one that was interrupted";
  const int64_t steps = config.training.max_steps;
  config.training.max_steps = steps + 1;
  config.training.learning_rate = 0.5;
  write_file(run.file("config.yaml"), to_yaml(config));
  const auto other = other_training(sweep.points[0], run.path());
  EXPECT_NE(other.find("training.learning_rate (0.5, not "), std::string::npos) << other;
  EXPECT_NE(
      other.find("training.max_steps (" + std::to_string(steps + 1) + ", not " + std::to_string(steps) + ")"),
      std::string::npos)
      << other;
  EXPECT_EQ(run_sweep(sweep, {0}, folder / "runs", 1).failed, Words{"seed-3"});
}

TEST(RunSweep, LeavesAPointThatFailsAndGoesOnWithTheNext) {
  const test::TemporaryFolder folder;
  write_file(folder / "tiny.yaml", to_yaml(test::small_run()));
  write_file(folder / "study.yaml", "config: " + (folder / "tiny.yaml").string() + "\nseeds: [0, 1, 2]\n");
  const SweepPlan sweep = read_sweep(folder / "study.yaml", {});
  const fs::path runs = folder / "runs";
  fs::create_directories(runs / "logs/seed-0.log");  // no file can be written there
  fs::create_directories(runs / "logs/seed-2.log");
  const RunDirectory done(runs / "seed-1");
  done.folder("checkpoints");
  write_file(done.checkpoint(12), "weights");
  PointRecord(sweep.points[1], done.path()).add_training();
  for (const int64_t jobs : {1, 2}) {
    SweepOutcome outcome = run_sweep(sweep, {0, 1, 2}, runs, jobs);
    std::sort(outcome.failed.begin(), outcome.failed.end());
    EXPECT_EQ(outcome.failed, (Words{"seed-0", "seed-2"})) << jobs;
    EXPECT_EQ(outcome.signal, 0);
  }
  EXPECT_TRUE(run_sweep(sweep, {1}, runs, 1).failed.empty()) << "nothing is left to do";
}

TEST(RunSweep, ASignalEndsTheWaitingForAnotherProcessThatWorksOnAPoint) {
  const test::TemporaryFolder folder;
  write_file(folder / "tiny.yaml", to_yaml(test::small_run()));
  write_file(folder / "study.yaml", "config: " + (folder / "tiny.yaml").string() + "\nseeds: [0]\n");
  const SweepPlan sweep = read_sweep(folder / "study.yaml", {});
  const fs::path runs = folder / "runs";
  fs::create_directories(runs / "logs");
  const RunDirectory done(runs / "seed-0");
  done.folder("checkpoints");
  write_file(done.checkpoint(12), "weights");
  PointRecord(sweep.points[0], done.path()).add_training();
  auto other = std::make_unique<const PointLog>(runs / "logs/seed-0.log");
  std::atomic<bool> has_ended = false;
  std::jthread sender([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    EXPECT_FALSE(has_ended) << "it is waited for";
    std::raise(SIGTERM);
    for (int i = 0; i < 50 && !has_ended; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_TRUE(has_ended) << "and no longer";
    other.reset();
  });
  const SweepOutcome outcome = run_sweep(sweep, {0}, runs, 1);
  has_ended = true;
  EXPECT_EQ(outcome.signal, SIGTERM);
  EXPECT_TRUE(outcome.failed.empty()) << "a point that was not finished has not failed";
}

class PointLogs : public testing::Test {
 protected:
  void add(const std::string& text) const { std::ofstream(path_, std::ios::app) << text; }

  test::TemporaryFolder folder_;
  fs::path path_ = folder_ / "seed-0.log";
};

TEST_F(PointLogs, TellTheLastErrorOfTheLatestCommand) {
  const PointLog log(path_);
  EXPECT_EQ(log.last_error(), "");
  log.write("patronus train");
  add("step 1\nerror: first\nwarning: error: no\nerror: second\nthe end\n");
  EXPECT_EQ(log.last_error(), "second");
  log.write("patronus evaluate");
  EXPECT_EQ(log.last_error(), "") << "it is an earlier command's";
  add("error: cut off");
  EXPECT_EQ(log.last_error(), "cut off");
  EXPECT_EQ(read_file(path_),
            "$ patronus train\nstep 1\nerror: first\nwarning: error: no\nerror: second\nthe end\n"
            "$ patronus evaluate\nerror: cut off");
}

TEST_F(PointLogs, KeepWhatEarlierOnesHold) {
  add("$ patronus train\n");
  PointLog(path_).write("patronus evaluate");
  EXPECT_EQ(read_file(path_), "$ patronus train\n$ patronus evaluate\n");
}

TEST_F(PointLogs, BelongToOneAtATime) {
  auto first = std::make_unique<const PointLog>(path_);
  std::atomic<bool> has_it = false;
  std::jthread second([&] {
    const PointLog log(path_);
    has_it = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  EXPECT_FALSE(has_it);
  first.reset();
  second.join();
  EXPECT_TRUE(has_it);
}

TEST_F(PointLogs, AreHeldByAChildThatStillWrites) {
  const int child = [&] {
    const PointLog log(path_);
    return dup(log.descriptor());  // as a command has it that outlives the sweep which started it
  }();
  EXPECT_EQ(OpenFile(path_, O_RDWR).try_lock(), std::errc::operation_would_block);
  close(child);
  EXPECT_FALSE(OpenFile(path_, O_RDWR).try_lock());
}

}  // namespace
}  // namespace patronus
