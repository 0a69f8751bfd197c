#include "patronus/run/run_directory.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "patronus/core/error.h"
#include "patronus/core/version.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

TEST(RunOfCheckpoint, IsTheFolderAboveCheckpointsElseItsOwn) {
  const std::pair<const char*, const char*> runs[]{{"/runs/a/checkpoints/last", "/runs/a"},
                                                   {"/runs/a/checkpoints/step-0000100.pt", "/runs/a"},
                                                   {"/runs/a/latent/checkpoints/last", "/runs/a/latent"},
                                                   {"/downloads/model.pt", "/downloads"},
                                                   {"/downloads/checkpoints.pt", "/downloads"},
                                                   {"runs/a/checkpoints/last", "runs/a"},
                                                   {"../a/checkpoints/last", "../a"},
                                                   {"checkpoints/last", "."},
                                                   {"model.pt", "."}};
  for (const auto& [checkpoint, run] : runs) EXPECT_EQ(run_of_checkpoint(checkpoint), run) << checkpoint;
}

class RunFolder : public testing::Test {
 protected:
  Json json(const std::string& name) const { return Json::parse(read_file(run_.file(name))); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(run_.file(name).parent_path());
    write_file(run_.file(name), text);
  }

  test::TemporaryFolder folder_;
  RunDirectory run_{folder_.path()};
};

TEST_F(RunFolder, CheckpointsAreListedByStepAndNothingElseIs) {
  EXPECT_TRUE(run_.checkpoints().empty()) << "there is no such folder";
  EXPECT_EQ(run_.last_checkpoint(), std::nullopt);
  for (const int64_t step : {12'000'000, 9'999'999, 5, 10'000'000, 40})
    write("checkpoints/" + run_.checkpoint(step).filename().string(), "weights");
  for (const char* other : {"last", "step-0000007.pt.tmp", ".step-0000008.pt.1-0.tmp", "model.pt", "step.pt"})
    write(std::string("checkpoints/") + other, "");
  std::vector<fs::path> expected;
  for (const int64_t step : {5, 40, 9'999'999, 10'000'000, 12'000'000})
    expected.push_back(run_.checkpoint(step));
  EXPECT_EQ(run_.checkpoints(), expected);
}

TEST_F(RunFolder, AnOldCheckpointThatCannotBeRemovedStays) {
  write("checkpoints/" + run_.checkpoint(20).filename().string() + "/of-another", "mine");
  write("checkpoints/" + run_.checkpoint(30).filename().string(), "");
  run_.register_checkpoint(30, 1);
  EXPECT_EQ(run_.checkpoints(), (std::vector<fs::path>{run_.checkpoint(20), run_.checkpoint(30)}));
}

TEST_F(RunFolder, FilesOfOtherNamesAmongCheckpointsAreNeitherTakenNorRemoved) {
  const std::vector<fs::path> others{"step-best.pt", "step-0000006-x.pt", "step--000007.pt", "step-.pt"};
  for (const auto& other : others) write("checkpoints/" + other.string(), "mine");
  for (const int64_t step : {20, 30}) write("checkpoints/" + run_.checkpoint(step).filename().string(), "");
  run_.register_checkpoint(30, 1);
  EXPECT_EQ(run_.checkpoints(), std::vector<fs::path>{run_.checkpoint(30)});
  for (const auto& other : others) EXPECT_EQ(read_file(run_.file("checkpoints") / other), "mine") << other;
}

TEST_F(RunFolder, TheStatusSaysWhetherThereIsACheckpoint) {
  run_.write_status("running", 3);
  EXPECT_EQ(json("status.json"), (Json{{"state", "running"}, {"step", 3}, {"checkpoint", nullptr}}));
  for (const int64_t step : {2, 10}) write("checkpoints/" + run_.checkpoint(step).filename().string(), "");
  run_.write_status("failed", 12, "the disk is full");
  EXPECT_EQ(json("status.json"), (Json{{"state", "failed"},
                                       {"step", 12},
                                       {"checkpoint", "step-0000010.pt"},
                                       {"message", "the disk is full"}}));
}

TEST_F(RunFolder, TheEnvironmentHoldsTheProgramAndWhatIsAdded) {
  run_.write_environment({{"device", "cpu"}, {"command", "patronus train \xFF"}});
  const Json environment = json("environment.json");
  const std::string version = environment["patronus"], revision = environment["git_revision"];
  EXPECT_EQ(program_version(),
            version + " " + revision + ", LibTorch " + environment["libtorch"].get<std::string>());
  EXPECT_EQ(environment["device"], "cpu");
  EXPECT_EQ(environment["command"], "patronus train \uFFFD") << "bytes that are no text cost nothing else";
}

TEST_F(RunFolder, IsARunByItsStatusAlone) {
  EXPECT_FALSE(run_.is_run());
  for (const char* other : {"", "[]", "{}", "{\"state\": \"done\"}", "{\"step\": 3}",
                            "{\"state\": \"done\", \"step\": \"3\"}", "{\"state\": \"done\", \"step\": 3"}) {
    write("status.json", other);
    EXPECT_FALSE(run_.is_run()) << other;
  }
  write("status.json", "{\"state\": \"done\", \"step\": 3}");
  EXPECT_TRUE(run_.is_run());
  fs::remove(run_.file("status.json"));
  fs::create_directory(run_.file("status.json"));
  EXPECT_FALSE(run_.is_run());
}

TEST_F(RunFolder, IsEmptyWhereThereAreHiddenFilesAndALockAlone) {
  write(".DS_Store", "");
  write(".patronus-lock", "process 1 on a");
  EXPECT_NO_THROW(run_.require_run_or_empty());
  write("notes.txt", "");
  EXPECT_THROW(run_.require_run_or_empty(), ConfigError);
  EXPECT_NO_THROW(RunDirectory(run_.file("absent")).require_run_or_empty());
}

TEST_F(RunFolder, BeginsWithoutWhatATrainingThatWasKilledLeft) {
  const std::vector<std::string> left{"metrics.jsonl",
                                      "from.json",
                                      "events.out.tfevents.1.a.2.0",
                                      "loss.png",
                                      "loss.svg",
                                      "samples/samples-0000040.png",
                                      "samples/reconstruction-0000000.pdf"};
  const std::vector<std::string> others{"config.yaml", "samples/a.png", "samples/samples-best.png",
                                        "my-events.out.tfevents.1"};
  for (const auto& name : left) write(name, "{}");
  for (const auto& name : others) write(name, "kept");
  run_.mark_as_run();
  for (const auto& name : left) EXPECT_FALSE(fs::exists(run_.file(name))) << name;
  for (const auto& name : others) EXPECT_EQ(read_file(run_.file(name)), "kept") << name;
  EXPECT_TRUE(run_.is_run());
  EXPECT_TRUE(fs::is_directory(run_.file("checkpoints")));
}

TEST_F(RunFolder, MetricsAreCutWhereTheyLieBehindTheStepOrAreBroken) {
  const auto cut = [&](const std::string& lines, int64_t step) {
    write("metrics.jsonl", lines);
    run_.truncate_metrics(step);
    return read_file(run_.file("metrics.jsonl"));
  };
  const std::string lines =
      "{\"step\":10,\"loss\":1}\n{\"step\":20}\n{\"step\":20,\"a\":{}}\n{\"step\":30}\n";
  EXPECT_EQ(cut(lines, 30), lines);
  EXPECT_EQ(cut(lines, 29), lines.substr(0, lines.find("{\"step\":30}")));
  EXPECT_EQ(cut(lines, 20), cut(lines, 29)) << "both lines of step 20 stay";
  EXPECT_EQ(cut(lines, 0), "");
  EXPECT_EQ(cut("{\"step\":10}", 10), "{\"step\":10}\n") << "whole but for its end";
  for (const char* broken : {"{\"step\":1", "[1]", ""})
    EXPECT_EQ(cut("{\"step\":1}\n" + std::string(broken) + "\n{\"step\":2}\n", 9), "{\"step\":1}\n")
        << broken;
  fs::remove(run_.file("metrics.jsonl"));
  run_.truncate_metrics(5);
  EXPECT_FALSE(fs::exists(run_.file("metrics.jsonl"))) << "there were none";
}

}  // namespace
}  // namespace patronus
