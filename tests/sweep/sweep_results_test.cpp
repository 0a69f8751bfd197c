#include "patronus/sweep/sweep_results.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/io/json_text.h"
#include "patronus/run/run_directory.h"
#include "patronus/sweep/run_sweep.h"
#include "support/run_program.h"
#include "support/small_run.h"
#include "sweep/point_record.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Two settings with two seeds each, in runs that hold what a training and its commands would have left.
class SweepResultsTest : public testing::Test {
 protected:
  SweepResultsTest() {
    write_file(folder_ / "tiny.yaml", to_yaml(test::small_run()));
    write_file(folder_ / "study.yaml", "config: " + (folder_ / "tiny.yaml").string() +
                                           "\ngrid: {model.prototypes.count: [3, 4]}\nseeds: [0, 1]\n"
                                           "commands: [measure]\n"
                                           "columns: {score: measure/numbers.json#/part/score, loss: "
                                           "metrics.jsonl#loss}\n"
                                           "pictures: {sheet: measure/sheet.png}\n");
    sweep_ = read_sweep(folder_ / "study.yaml", {});
  }

  void make_run(size_t point, const std::string& score) const {
    const RunDirectory run(folder_ / sweep_.points[point].name);
    run.folder("checkpoints");
    write_file(run.checkpoint(12), "weights");
    run.register_checkpoint(12, 1);
    write_file(run.folder("measure") / "numbers.json", "{\"part\": {\"score\": " + score + "}}");
    write_file(run.file("metrics.jsonl"), "{\"step\": 2, \"loss\": 9}\n{\"step\": 4, \"loss\": 0.5}\n");
    write_png(run.file("measure") / "sheet.png", at::zeros({3, 20, 30}, at::kByte));
    PointRecord record(sweep_.points[point], run.path());
    record.add_training();
    record.add_command({"measure"}, 0);
  }

  test::TemporaryFolder folder_;
  SweepPlan sweep_;
};

TEST_F(SweepResultsTest, MeanAndDeviationAreOverTheSeedsThatAreDone) {
  make_run(0, "{\"mean\": 1, \"sd\": 77}");
  make_run(1, "4");
  make_run(2, "7");
  const SweepResults results = read_sweep_results(sweep_, folder_.path());
  EXPECT_EQ(results.done, (std::vector<bool>{true, true, true, false}));
  ASSERT_EQ(results.rows.size(), 2u);
  EXPECT_EQ(results.rows[0].means[0].mean, 2.5);
  EXPECT_NEAR(results.rows[0].means[0].deviation, std::sqrt(4.5), 1e-12);
  EXPECT_EQ(results.rows[0].means[1].mean, 0.5) << "the last one of metrics.jsonl";
  EXPECT_EQ(results.rows[1].means[0].mean, 7);
  EXPECT_TRUE(std::isnan(results.rows[1].means[0].deviation)) << "of one";
  const Table table = sweep_table(sweep_, results);
  EXPECT_EQ(table.columns,
            (std::vector<std::string>{"settings", "model.prototypes.count", "score", "score sd",
                                      "score seeds", "loss", "loss sd", "loss seeds"}));
  EXPECT_EQ(table.rows[0],
            (std::vector<std::string>{"count 3", "3", "2.5", "2.12132", "2", "0.5", "0", "2"}));
  EXPECT_EQ(table.rows[1], (std::vector<std::string>{"count 4", "4", "7", "", "1", "0.5", "", "1"}));
  EXPECT_EQ(sweep_points_table(sweep_, results).rows[3],
            (std::vector<std::string>{"4", "1", "count-4_seed-1", "0", "", ""}));
  const std::string text = sweep_markdown(sweep_, results);
  EXPECT_NE(text.find("3 of 4 points are done"), std::string::npos) << text;
  EXPECT_NE(text.find("| count 3 | 2 | 2.5 ± 2.1 | 0.5 ± 0 |"), std::string::npos) << text;
  EXPECT_NE(text.find("| count 4 | 1 of 2 | 7 | 0.5 |"), std::string::npos) << text;
}

TEST_F(SweepResultsTest, AreReadToTheTwoDigitsOfTheirDeviation) {
  const auto shown = [&](const std::string& first, const std::string& second) {
    make_run(0, first);
    make_run(1, second);
    const std::string text = sweep_markdown(sweep_, read_sweep_results(sweep_, folder_.path()));
    const size_t start = text.find("| count 3 | 2 | ") + 16;
    return text.substr(start, text.find(" |", start) - start);
  };
  EXPECT_EQ(shown("0.8", "1.1472"), "0.97 ± 0.25");
  EXPECT_EQ(shown("0.918", "0.922"), "0.9200 ± 0.0028");
  EXPECT_EQ(shown("2", "2.14142136"), "2.07 ± 0.10");
  EXPECT_EQ(shown("1000", "3000"), "2000 ± 1414");
  EXPECT_EQ(shown("1e-9", "3e-9"), "2e-09 ± 1.4e-09");
}

TEST_F(SweepResultsTest, OfAPointThatIsNotDoneAreNotKnownWhateverLiesInItsFolder) {
  make_run(0, "1");
  make_run(1, "4");
  PointRecord(sweep_.points[1], folder_ / sweep_.points[1].name).add_training();  // without its command
  testing::internal::CaptureStderr();
  const SweepResults results = read_sweep_results(sweep_, folder_.path());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "nothing is missing yet";
  EXPECT_EQ(results.done, (std::vector<bool>{true, false, false, false}));
  EXPECT_TRUE(std::isnan(results.numbers[1][0]));
  EXPECT_TRUE(std::isnan(results.numbers[1][1]));
  EXPECT_EQ(results.rows[0].means[0].count, 1);
}

TEST_F(SweepResultsTest, WarnOfAColumnOnceWithTheFirstPointThatLacksIt) {
  for (size_t point = 0; point < 3; ++point) make_run(point, point == 1 ? "3" : "null");
  testing::internal::CaptureStderr();
  read_sweep_results(sweep_, folder_.path());
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(
      said.find("column score: no number at measure/numbers.json#/part/score of count-3_seed-0 and 1 more"),
      std::string::npos)
      << said;
  EXPECT_EQ(said.find("column loss"), std::string::npos) << said;
}

TEST_F(SweepResultsTest, OfAWrongColumnSayAfterTheFirstPointWhatThereIs) {
  make_run(0, "1");
  make_run(1, "2");
  const auto said = [&](size_t point) {
    testing::internal::CaptureStderr();
    warn_of_missing_numbers(sweep_, sweep_.points[point], folder_.path());
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(said(0), "");
  sweep_.columns[0].pointer = "/part/scores";
  EXPECT_EQ(said(0),
            "warning: column score: no number at measure/numbers.json#/part/scores; there are score\n");
  EXPECT_EQ(said(1), "") << "once";
  sweep_.columns[0].file = "measure/number.json";
  EXPECT_EQ(said(0),
            "warning: column score: no number at measure/number.json#/part/scores; there is no such file\n");
}

TEST_F(SweepResultsTest, AShortNameIsThatOfTheOneNumberWhosePlaceEndsInIt) {
  make_run(
      0,
      R"({"mean": 3, "sd": 1}, "gain": 0.5, "of": {"tad": 7, "list": [{"hidden": 1}]}, "other": {"tad": 8}, "protocol": {"images": 9})");
  const auto number = [&](const std::string& name) {
    sweep_.columns[0].pointer = name;
    return read_sweep_results(sweep_, folder_.path()).numbers[0][0];
  };
  EXPECT_EQ(number("gain"), 0.5);
  EXPECT_EQ(number("score"), 3) << "the mean";
  EXPECT_EQ(number("of/tad"), 7);
  EXPECT_TRUE(std::isnan(number("tad")));
  EXPECT_TRUE(std::isnan(number("ain"))) << "a part of a name";
  const auto said = [&](const std::string& name) {
    sweep_.columns[0].pointer = name;
    testing::internal::CaptureStderr();
    warn_of_missing_numbers(sweep_, sweep_.points[0], folder_.path());
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(said("tad"),
            "warning: column score: no number at measure/numbers.json#tad; it may mean /part/of/tad or "
            "/part/other/tad: say more of the place\n");
  EXPECT_EQ(
      said("hidden"),
      "warning: column score: no number at measure/numbers.json#hidden; there are part/score, part/gain, "
      "part/of/tad, part/other/tad\n");
}

TEST_F(SweepResultsTest, WithoutColumnsAreItsPointsAndPicturesAlone) {
  make_run(0, "1");
  sweep_.columns.clear();
  write_sweep_results(sweep_, folder_.path());
  EXPECT_EQ(read_csv(folder_ / "points.csv").columns,
            (std::vector<std::string>{"model.prototypes.count", "seed", "run", "done"}));
  EXPECT_EQ(read_csv(folder_ / "points.csv").rows[0][3], "1");
  EXPECT_TRUE(fs::exists(folder_ / "sheet.png"));
  for (const char* file : {"sweep.csv", "sweep.md", "sweep.png"}) EXPECT_FALSE(fs::exists(folder_ / file));
}

TEST_F(SweepResultsTest, AreDrawnWithAPlotOfEachColumnAlsoOfNegativeNumbers) {
  make_run(0, "-3");
  make_run(2, "-1");
  const SweepResults results = read_sweep_results(sweep_, folder_.path());
  const Canvas both = draw_sweep(sweep_, results);
  SweepPlan one = sweep_;
  one.columns.pop_back();
  const Canvas score = draw_sweep(one, results);
  EXPECT_GT(both.width(), 2 * score.width() - score.width() / 4) << "side by side";
  const auto mean = [&](const std::string& first) {
    make_run(0, first);
    return draw_sweep(one, read_sweep_results(one, folder_.path()))
        .pixels()
        .to(at::kFloat)
        .mean()
        .item<float>();
  };
  EXPECT_LT(mean("-3"), mean("-1e-9") - 0.1F) << "a bar below zero is there";
}

TEST_F(SweepResultsTest, ANumberThatIsNotThereIsNoZero) {
  make_run(0, "null");
  make_run(1, "3");
  const SweepResults results = read_sweep_results(sweep_, folder_.path());
  EXPECT_TRUE(std::isnan(results.numbers[0][0]));
  EXPECT_EQ(results.rows[0].means[0].mean, 3);
  EXPECT_EQ(results.rows[0].means[0].count, 1);
  EXPECT_NE(sweep_markdown(sweep_, results).find("| 3 (1 of 2 seeds) | 0.5 ± 0 |"), std::string::npos)
      << sweep_markdown(sweep_, results);
}

TEST_F(SweepResultsTest, PicturesOfAllPointsAreInOne) {
  for (size_t point = 0; point < 4; ++point) make_run(point, "1");
  write_sweep_results(sweep_, folder_.path());
  for (const char* file : {"points.csv", "sweep.csv", "sweep.md", "sweep.png"})
    EXPECT_TRUE(fs::exists(folder_ / file)) << file;
  const auto sheet = read_image(folder_ / "sheet.png");
  EXPECT_EQ((sheet == 0).all(0).sum().item<int64_t>(), 4 * 20 * 30) << "four black pictures";
}

TEST_F(SweepResultsTest, WhatWasDoneHoldsForItsSettingsCheckpointAndCommands) {
  make_run(0, "1");
  const SweepPoint& point = sweep_.points[0];
  ASSERT_TRUE(is_done(sweep_, point, folder_.path()));

  SweepPoint other = point;
  other.config.latent.max_steps = 99;
  EXPECT_FALSE(is_done(sweep_, other, folder_.path()));
  other = point;
  other.config.runtime.threads = 7;
  other.config.data.cache = "/elsewhere";
  other.config.data.typed_path = "data";
  EXPECT_TRUE(is_done(sweep_, other, folder_.path())) << "where and how fast it runs does not matter";

  SweepPlan longer = sweep_;
  longer.commands.push_back({"more"});
  EXPECT_FALSE(is_done(longer, point, folder_.path()));
  EXPECT_EQ(PointRecord(point, folder_ / point.name).commands_done(longer.commands), 1u);
  longer.commands[0] = {"measure", "--more"};
  EXPECT_EQ(PointRecord(point, folder_ / point.name).commands_done(longer.commands), 0u);

  const RunDirectory run(folder_ / point.name);
  write_file(run.checkpoint(24), "weights");
  run.register_checkpoint(24, 2);
  EXPECT_FALSE(PointRecord(point, run.path()).is_trained()) << "it was trained on";
}

TEST_F(SweepResultsTest, ARecordThatIsDamagedSaysThatNothingWasDone) {
  make_run(0, "1");
  const SweepPoint& point = sweep_.points[0];
  const fs::path file = folder_.path() / point.name / "sweep.json";
  const Json whole = Json::parse(read_file(file));
  for (const char* key : {"settings", "checkpoint", "commands"}) {
    for (const Json& other : {Json(7), Json::array({7}), Json()}) {
      Json damaged = whole;
      damaged[key] = other;
      write_file(file, damaged.dump());
      EXPECT_FALSE(is_done(sweep_, point, folder_.path())) << damaged;
    }
  }
  for (const char* text : {"", "[]", "{\"settings\""}) {
    write_file(file, text);
    EXPECT_FALSE(is_done(sweep_, point, folder_.path())) << text;
  }
  write_file(file, whole.dump());
  EXPECT_TRUE(is_done(sweep_, point, folder_.path()));
}

TEST_F(SweepResultsTest, NumbersLieAnywhereInAFileAndMetricsInAnyFolder) {
  make_run(0, "1");
  const fs::path run = folder_.path() / sweep_.points[0].name;
  write_file(run / "measure/numbers.json",
             R"({"list": [1, {"a/b": 2.5}], "text": "3", "flag": true, "sd": {"sd": 1}})");
  fs::create_directory(run / "latent");
  write_file(run / "latent/metrics.jsonl",
             "{\"step\": 1, \"loss\": 3}\n{\"step\": 2, \"loss\": 0.75}\n{\"step\": 3}\n");
  const auto number = [&](const std::string& file, const std::string& place) {
    SweepPlan sweep = sweep_;
    sweep.columns = {{"number", file, place}};
    return read_sweep_results(sweep, folder_.path()).numbers[0][0];
  };
  EXPECT_EQ(number("measure/numbers.json", "/list/0"), 1);
  EXPECT_EQ(number("measure/numbers.json", "/list/1/a~1b"), 2.5);
  EXPECT_EQ(number("latent/metrics.jsonl", "loss"), 0.75) << "the last line that has it";
  for (const char* place : {"/list", "/list/2", "/list/-", "/text", "/flag", "/sd", "/absent"})
    EXPECT_TRUE(std::isnan(number("measure/numbers.json", place))) << place;
  EXPECT_TRUE(std::isnan(number("latent/metrics.jsonl", "accuracy")));
  EXPECT_TRUE(std::isnan(number("absent.json", "/a")));
  write_file(run / "measure/numbers.json", "{\"list\": [1");
  EXPECT_TRUE(std::isnan(number("measure/numbers.json", "/list/0"))) << "damaged";
}

TEST_F(SweepResultsTest, OfASweepThatHasJustBegunIsWrittenWithoutNumbers) {
  write_sweep_results(sweep_, folder_.path());
  const Table points = read_csv(folder_ / "points.csv");
  ASSERT_EQ(points.rows.size(), 4u);
  EXPECT_EQ(points.rows[0], (std::vector<std::string>{"3", "0", "count-3_seed-0", "0", "", ""}));
  EXPECT_NE(read_file(folder_ / "sweep.md").find("| count 3 | 0 of 2 | - | - |"), std::string::npos);
  EXPECT_TRUE(fs::exists(folder_ / "sweep.png"));
  EXPECT_FALSE(fs::exists(folder_ / "sheet.png")) << "there is no picture yet";
}

TEST_F(SweepResultsTest, APointWithoutAPictureLeavesTheOthersInIt) {
  for (size_t point = 0; point < 3; ++point) make_run(point, "1");
  fs::remove(folder_.path() / sweep_.points[1].name / "measure/sheet.png");
  write_sweep_results(sweep_, folder_.path());
  const auto sheet = read_image(folder_ / "sheet.png");
  EXPECT_EQ((sheet == 0).all(0).sum().item<int64_t>(), 2 * 20 * 30);
}

}  // namespace
}  // namespace patronus
