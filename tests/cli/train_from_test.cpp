// Runs that begin with the weights of another one.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/shared_run.h"
#include "patronus/io/atomic_file.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_directory.h"
#include "patronus/training/metrics_log.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::Outcome;

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[fs::relative(entry.path(), folder)] = read_file(entry.path());
  }
  return files;
}

class TrainFrom : public test::SharedRun {
 protected:
  static std::vector<std::string> from_run(const std::string& run, const std::vector<std::string>& more) {
    return test::concat({"train", "--from", "run", "--run", run, "--threads", "1", "--device", "cpu"}, more);
  }
  static Checkpoint last_of(const std::string& run) {
    return read_checkpoint(*RunDirectory(path(run)).last_checkpoint());
  }
};

TEST_F(TrainFrom, BeginsWithTheAverageAndTheSettingsOfTheSource) {
  const auto before = contents(path("run"));
  const Outcome tuned = workshop().patronus(
      from_run("tuned", {"--max-steps", "1", "training.learning_rate=1e-30", "training.weight_decay=0",
                         "training.distinct_weight=1", "training.warmup_steps=0"}));
  ASSERT_EQ(tuned.status, 0) << tuned.errors;
  const Checkpoint source = last_of("run"), result = last_of("tuned");
  EXPECT_EQ(result.step, 1);
  for (size_t i = 0; i < source.ema.size(); ++i) {
    const auto& [name, tensor] = source.ema[i];
    if (name.find("cond_norm") != std::string::npos) continue;  // running statistics go on
    EXPECT_TRUE(at::allclose(result.model[i].second, tensor, 0, 1e-12)) << name;
  }
  EXPECT_EQ(result.config.training.distinct_weight, 1);
  EXPECT_EQ(result.config.model.prototypes.count, source.config.model.prototypes.count);
  EXPECT_EQ(result.config.training.from, fs::canonical(path("run")).string());
  const auto record = nlohmann::json::parse(read_file(path("tuned/from.json")));
  EXPECT_EQ(record["step"], source.step);
  EXPECT_EQ(record["weights"], "ema");
  EXPECT_EQ(record["hash"], weights_hash(source.ema));
  EXPECT_NE(tuned.errors.find("beginning with ema weights of step 12 of "), std::string::npos)
      << tuned.errors;
  EXPECT_EQ(contents(path("run")), before) << "the source stays as it is";
}

TEST_F(TrainFrom, ItsFirstReportIsTheLastOneOfTheSource) {
  ASSERT_EQ(workshop().patronus(from_run("first", {"--max-steps", "1"})).status, 0);
  for (const char* name : {"condition/loss_own", "condition/loss_shuffled", "prototypes/median_range"}) {
    const auto source = read_metric(RunDirectory(path("run")), name).values;
    const auto first = read_metric(RunDirectory(path("first")), name).values;
    ASSERT_FALSE(source.empty() || first.empty()) << name;
    EXPECT_NEAR(first.front(), source.back(), 1e-6) << name;
  }
}

TEST_F(TrainFrom, ResumesAndRefusesAnotherSource) {
  ASSERT_EQ(workshop().patronus(from_run("longer", {"--max-steps", "4"})).status, 0);
  const Outcome more = workshop().patronus(from_run("longer", {"--max-steps", "6"}));
  ASSERT_EQ(more.status, 0) << more.errors;
  EXPECT_EQ(last_of("longer").step, 6);
  EXPECT_EQ(more.errors.find("beginning with"), std::string::npos) << more.errors;
  for (const char* source : {"longer", "run"}) {
    EXPECT_EQ(workshop().mistake({"train", "--from", source, "--run", "run", "--device", "cpu"}),
              "2 error: run: holds a run with another training.from ('', not " + path(source).string() +
                  "); choose a new folder, for example --run run-2");
  }
}

TEST_F(TrainFrom, IsFinishedWhereItsSourceWasTrainedOn) {
  copy_run("grown");
  const std::vector<std::string> tune{"train",     "--from", "grown",    "--run", "finished",
                                      "--threads", "1",      "--device", "cpu"};
  ASSERT_EQ(workshop().patronus(tune).status, 0);
  const int64_t steps = last_of("finished").step;
  const std::string longer = std::to_string(steps + 2);
  ASSERT_EQ(workshop().patronus({"train", "--run", "grown", "--max-steps", longer, "--device", "cpu"}).status,
            0);
  ASSERT_EQ(workshop().patronus(tune).status, 0);
  EXPECT_EQ(last_of("finished").step, steps);
}

TEST_F(TrainFrom, ResumesWithoutItsSource) {
  copy_run("source");
  const auto tune = [](const char* steps) {
    return workshop().patronus({"train", "--from", "source", "--run", "orphan", "--threads", "1", "--device",
                                "cpu", "--max-steps", steps, "training.distinct_weight=1"});
  };
  ASSERT_EQ(tune("2").status, 0);
  fs::remove_all(path("source"));
  const Outcome more = tune("4");
  ASSERT_EQ(more.status, 0) << more.errors;
  EXPECT_EQ(last_of("orphan").step, 4);
  EXPECT_EQ(last_of("orphan").config.training.distinct_weight, 1);
}

TEST_F(TrainFrom, ARunThatBeginsAnewKeepsNoRecordOfAnEarlierSource) {
  fs::create_directory(path("begun"));
  RunDirectory(path("begun")).mark_as_run();
  write_file(path("begun/from.json"), "{}");  // of a process that was killed before its first checkpoint
  ASSERT_EQ(workshop().train("begun", {"--max-steps", "1"}).status, 0);
  EXPECT_FALSE(fs::exists(path("begun/from.json")));
}

TEST_F(TrainFrom, AnArchitectureThatDoesNotFitIsNamed) {
  const std::string mistake = workshop().mistake(from_run("other", {"model.prototypes.count=7"}));
  EXPECT_TRUE(mistake.starts_with("2 error: ")) << mistake;
  EXPECT_TRUE(mistake.ends_with(
      ": tensor proactBlock.prototype_vectors is [6, 16, 1, 1], the model wants [7, 16, 1, 1]"))
      << mistake;
  EXPECT_FALSE(fs::exists(path("other/config.yaml")));
  EXPECT_EQ(workshop().mistake({"train", "--from", "absent", "--run", "new"}),
            "2 error: training.from: " + (fs::canonical(workshop().path()) / "absent").string() +
                ": no such run or checkpoint");
  EXPECT_EQ(workshop().mistake({"train"}),
            "2 error: --config is required: a configuration file, or the name of a shipped one; or --data "
            "with a folder of images, --run with one that is there, or --from RUN");
  EXPECT_EQ(workshop().mistake({"train", "--run", "new"}),
            "2 error: new: no run is there to go on with; a new one wants --config, a configuration file, or "
            "the name of a shipped one; or --data with a folder of images, or --from RUN");
}

TEST_F(TrainFrom, SettingsThatMeanSomethingElseAreSaid) {
  const Outcome outcome =
      workshop().patronus(from_run("cosine", {"--max-steps", "1", "diffusion.schedule=cosine"}));
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_NE(outcome.errors.find(
                "warning: these weights were trained with another diffusion.schedule (linear, not cosine)\n"),
            std::string::npos)
      << outcome.errors;
}

}  // namespace
}  // namespace patronus
