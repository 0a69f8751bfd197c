#include "patronus/training/metrics_log.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

using Numbers = std::vector<double>;

class Log : public testing::Test {
 protected:
  Log() { std::filesystem::create_directories(run.path()); }

  test::TemporaryFolder folder;
  RunDirectory run{folder / "run"};
};

TEST_F(Log, HoldsALineAStepWithItsNumbersInOrder) {
  {
    MetricsLog log(run, 0);
    log.write(5, {{"loss", 0.5}, {"a/b", 1e-9}});
    log.write(10, {{"loss", 0.25}});
    EXPECT_EQ(read_file(run.file("metrics.jsonl")),
              "{\"step\":5,\"loss\":0.5,\"a/b\":1e-09}\n{\"step\":10,\"loss\":0.25}\n")
        << "written at once";
  }
  const MetricSeries loss = read_metric(run, "loss");
  EXPECT_EQ(loss.steps, (Numbers{5, 10}));
  EXPECT_EQ(loss.values, (Numbers{0.5, 0.25}));
  EXPECT_EQ(read_metric(run, "a/b").steps, Numbers{5});
  EXPECT_TRUE(read_metric(run, "los").values.empty());
}

TEST_F(Log, GoesOnBehindTheStepAndDropsWhatCameLater) {
  {
    MetricsLog log(run, 0);
    for (const int64_t step : {2, 4, 6, 8}) log.write(step, {{"loss", static_cast<double>(step)}});
  }
  MetricsLog log(run, 4);
  log.write(6, {{"loss", 60}});
  const MetricSeries loss = read_metric(run, "loss");
  EXPECT_EQ(loss.steps, (Numbers{2, 4, 6}));
  EXPECT_EQ(loss.values, (Numbers{2, 4, 60}));
}

TEST_F(Log, LeavesOutNumbersThatAreNotFiniteAndLinesThatWereCutOff) {
  {
    MetricsLog log(run, 0);
    log.write(1, {{"loss", NAN}, {"norm", 3}});
    log.write(2, {{"loss", INFINITY}});
    log.write(3, {{"loss", 0.1}});
  }
  write_file(run.file("metrics.jsonl"),
             read_file(run.file("metrics.jsonl")) +
                 "[1]\n\n{\"step\":4,\"loss\":\"high\"}\n{\"step\":5,\"loss\":0.2}\n{\"step\":6,\"lo");
  const MetricSeries loss = read_metric(run, "loss");
  EXPECT_EQ(loss.steps, (Numbers{3, 5}));
  EXPECT_EQ(loss.values, (Numbers{0.1, 0.2}));
  EXPECT_EQ(read_metric(run, "norm").values, Numbers{3});
}

TEST_F(Log, OfALineWhoseStepIsNoNumberIsNotRead) {
  write_file(run.file("metrics.jsonl"),
             "{\"step\":\"one\",\"loss\":0.1}\n{\"loss\":0.3}\n{\"step\":2,\"loss\":0.2}\n");
  const MetricSeries loss = read_metric(run, "loss");
  EXPECT_EQ(loss.steps, Numbers{2});
  EXPECT_EQ(loss.values, Numbers{0.2});
}

TEST_F(Log, OfATrainingThatBeginsAgainAtItsStartHoldsNothingTwice) {
  MetricsLog(run, 0).write(0, {{"loss", 1.0}});
  MetricsLog(run, 0).write(0, {{"loss", 1.0}});
  EXPECT_EQ(read_metric(run, "loss").values, Numbers{1});
}

TEST_F(Log, OfARunThatHasNoneIsEmpty) {
  EXPECT_TRUE(read_metric(run, "loss").steps.empty());
}

TEST_F(Log, ThatCannotBeWrittenSaysWhichFileAndWhy) {
  std::filesystem::create_directories(run.file("metrics.jsonl"));
  const std::string message = test::message_of([&] { MetricsLog(run, 0); });
  EXPECT_TRUE(message.starts_with(run.file("metrics.jsonl").string() + ": ")) << message;
}

}  // namespace
}  // namespace patronus
