// `patronus sweep`: many tiny runs, a killed sweep, a point that fails.
#include <signal.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "cli/shared_run.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "patronus/training/metrics_log.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::Outcome;

const std::string kSettings =
    "settings: {training.max_steps: 2, training.sample_every: 0, sampling.steps: 1, runtime.device: cpu}\n";

const std::string kRankFile = "evaluate/evaluation.json";
const std::string kRankPlace = "/similarity/health/effective_rank";
const std::string kRank = kRankFile + "#" + kRankPlace;

class SweepCommand : public test::SharedRun {
 protected:
  static Outcome sweep(std::vector<std::string> words) {
    words.insert(words.begin(), "sweep");
    return test::run_patronus(words, workshop().path());  // a sweep starts its own program again and again
  }
  static bool says(const Outcome& outcome, const std::string& text) {
    return outcome.errors.find(text) != std::string::npos;
  }
  /// One point of a sweep by hand.
  static void train_and_evaluate(const std::string& run, const std::string& rate, const std::string& seed) {
    const Outcome trained =
        workshop().patronus({"train", "--config", "tiny", "--run", run, "--device", "cpu", "--seed", seed,
                             "--max-steps", "2", "training.learning_rate=" + rate});
    ASSERT_EQ(trained.status, 0) << trained.errors;
    const Outcome evaluated = workshop().patronus(
        {"evaluate", "--run", run, "--parts", "similarity", "--probe-split", "test", "--device", "cpu"});
    ASSERT_EQ(evaluated.status, 0) << evaluated.errors;
  }
  static double number(const std::string& file, const std::string& pointer) {
    return nlohmann::json::parse(read_file(path(file)))
        .at(nlohmann::json::json_pointer(pointer))
        .get<double>();
  }
};

TEST_F(SweepCommand, GoesOnAfterAKillAndPastAFailureAndGivesTheNumbersOfSingleRuns) {
  write_file(path("rates.yaml"),
             "config: tiny\n" + kSettings +
                 "grid: {training.learning_rate: [1e-3, 2e-3, 3e-3]}\nseeds: [0, 1]\n"
                 "commands: [evaluate --parts similarity --probe-split test --device cpu]\n"
                 "columns: {loss: metrics.jsonl#loss, rank: " +
                 kRank + "}\n");
  const fs::path runs = path("runs/rates"), obstacle = runs / "learning_rate-0.002_seed-1/notes.txt";
  fs::create_directories(obstacle.parent_path());
  write_file(obstacle, "not a run");
  const auto second_begins = [&] { return fs::exists(runs / "learning_rate-0.001_seed-1/status.json"); };
  EXPECT_EQ(test::interrupt_patronus({"sweep", "rates"}, workshop().path(), second_begins, SIGKILL),
            128 + SIGKILL);

  const Outcome failed = sweep({"rates"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_TRUE(says(failed,
                   "warning: learning_rate-0.002_seed-1: train failed with exit status 2: "
                   "runs/rates/learning_rate-0.002_seed-1: is not empty (notes.txt) and not a run of this "
                   "program; choose another folder with --run "
                   "(runs/rates/logs/learning_rate-0.002_seed-1.log)\n"))
      << failed.errors;
  EXPECT_TRUE(says(failed,
                   "error: 1 of 6 points failed: learning_rate-0.002_seed-1; the same command tries them "
                   "again\n"))
      << failed.errors;
  EXPECT_FALSE(says(failed, "learning_rate-0.001_seed-0: train")) << "which was done before the kill";
  EXPECT_EQ(sweep({"rates", "--dry-run", "--index", "2,3"}).output,
            "2  learning_rate-0.002_seed-0  done\n3  learning_rate-0.002_seed-1\n");

  fs::remove(obstacle);
  const Outcome finished = sweep({"rates"});
  ASSERT_EQ(finished.status, 0) << finished.errors;
  EXPECT_TRUE(says(finished, "learning_rate-0.002_seed-1: done in ")) << finished.errors;
  EXPECT_FALSE(says(finished, "learning_rate-0.003_seed-0: ")) << finished.errors;

  const Table points = table("runs/rates/points.csv"), rows = table("runs/rates/sweep.csv");
  ASSERT_EQ(points.rows.size(), 6u);
  EXPECT_EQ(points.rows[5][points.column("run")], "learning_rate-0.003_seed-1");
  for (const size_t i : {1, 5}) {  // that was killed, and that came after the failure
    const auto cell = [&](const char* column) { return points.rows[i][points.column(column)]; };
    const std::string alone = "alone-" + cell("run");
    train_and_evaluate(alone, cell("training.learning_rate"), cell("seed"));
    EXPECT_EQ(cell("loss"), format_float(read_metric(RunDirectory(path(alone)), "loss").values.back()))
        << alone;
    EXPECT_NEAR(std::stod(cell("rank")), number(alone + "/" + kRankFile, kRankPlace), 1e-5) << alone;
  }
  ASSERT_EQ(rows.rows.size(), 3u);
  const auto cell = [](const Table& from, size_t row, const char* column) {
    return std::stod(from.rows[row][from.column(column)]);
  };
  EXPECT_NEAR(cell(rows, 2, "loss"), (cell(points, 4, "loss") + cell(points, 5, "loss")) / 2, 1e-6);
  EXPECT_EQ(rows.rows[2][rows.column("loss seeds")], "2");
  EXPECT_TRUE(fs::exists(runs / "sweep.png"));
}

TEST_F(SweepCommand, FineTuningStandsBesideTheRunThatItBeganWith) {
  write_file(path("tune.yaml"),
             kSettings +
                 "start: true\npoints: [{training.distinct_margin: 1}]\n"
                 "commands: [evaluate --parts similarity --probe-split test --device cpu]\n"
                 "columns:\n  rank: " +
                 kRank +
                 "\n"
                 "  loss: metrics.jsonl#loss\n"
                 "pictures: {similar: evaluate/similarity.png}\n");
  copy_run("source");
  const Outcome outcome = sweep({"tune", "--from", "source", "--jobs", "2"});
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  run({"evaluate", "--parts", "similarity", "--probe-split", "test", "--out", "similar"}, "source");
  const Table points = table("runs/tune/points.csv");
  ASSERT_EQ(points.rows.size(), 2u);
  EXPECT_EQ(points.rows[0][points.column("run")], "start");
  EXPECT_EQ(points.rows[0][points.column("training.distinct_margin")], "0.5");
  EXPECT_EQ(points.rows[0][points.column("rank")],
            format_float(number("similar/evaluation.json", "/similarity/health/effective_rank")));
  EXPECT_TRUE(says(outcome, "warning: column loss: no number at metrics.jsonl#loss of start\n"))
      << outcome.errors;
  EXPECT_TRUE(fs::exists(path("runs/tune/similar.png")));
  EXPECT_FALSE(fs::exists(path("source/evaluate"))) << "nothing is written into the source";
  const std::string tuned = points.rows[1][points.column("run")];
  const fs::path begun = path("runs/tune/" + tuned + "/from.json");
  write_file(begun,
             std::regex_replace(read_file(begun), std::regex("\"hash\": \"[0-9a-f]*"), "\"hash\": \"0"));
  const Outcome again = sweep({"tune", "--from", "source"});
  EXPECT_TRUE(
      says(again, "warning: began with other weights than the run to begin with has now: " + tuned + ";"))
      << again.errors;
}

TEST_F(SweepCommand, GoesOnWhenTheProgramIsReplacedByAnUpdate) {
  write_file(path("updated.yaml"), "config: tiny\n" + kSettings + "seeds: [0, 1]\n");
  const std::string script = "cp " PATRONUS_PROGRAM
                             " ./updating && ./updating sweep updated & sweep=$!\n"
                             "until [ -e runs/updated/seed-0/status.json ]; do sleep 0.02; done\n"
                             "cp --remove-destination " PATRONUS_PROGRAM " ./updating && wait $sweep";
  const Outcome outcome = test::run_command("bash", {"-c", script}, workshop().path());
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_TRUE(says(outcome, "seed-1: done in ")) << outcome.errors;
}

TEST_F(SweepCommand, MistakesAreSaidBeforeAnythingIsTrained) {
  write_file(path("seeds.yaml"), "config: tiny\nseeds: [0, 1]\ncommands: [evaluate --parts similarity]\n");
  write_file(path("mistyped.yaml"), "config: tiny\nseeds: [0, 1]\ncommands: [evaluate --prts similarity]\n");
  EXPECT_EQ(workshop().mistake({"sweep", "mistyped"}),
            "2 error: mistyped.yaml:3: command evaluate --prts similarity: The following argument was not "
            "expected: "
            "--prts; did you mean --parts?");
  fs::create_directories(path("mine"));
  write_file(path("mine/points.csv"), "a,b\n");
  EXPECT_EQ(workshop().mistake({"sweep", "seeds", "--out", "mine", "--table"}),
            "2 error: mine/points.csv: is there, and not of a sweep; choose another --out");
  EXPECT_EQ(workshop().mistake({"sweep", "seeds", "--index", "2"}),
            "2 error: --index 2: the sweep has 2 points, numbered from 0");
  EXPECT_EQ(workshop().mistake({"sweep", "seds"}),
            "2 error: seds: no such sweep; the shipped ones are distinct-loss, distinct-loss-faces, table-4, "
            "table-4-faces; did you mean seeds.yaml?");
  EXPECT_EQ(workshop().mistake({"sweep", "seeds", "--index", "0-1"}),
            "2 error: --index: must be at least 0, got 0-1");
  EXPECT_EQ(workshop().mistake({"sweep", "seeds", "training.epoch=1"}),
            "2 error: unknown key training.epoch; did you mean training.epochs?");
  EXPECT_FALSE(fs::exists(path("runs/seeds")));
  write_file(path("pictures.yaml"), "config: tiny\nsettings: {data.kind: images}\nseeds: [0, 1]\n");
  EXPECT_TRUE(workshop()
                  .mistake({"sweep", "pictures", "--data", "nowhere"})
                  .starts_with("3 error: nowhere: no such folder; expected "));
  EXPECT_FALSE(fs::exists(path("runs/pictures"))) << "no point was tried";
}

}  // namespace
}  // namespace patronus
