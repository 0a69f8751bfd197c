#include "cli/output.h"

#include <gtest/gtest.h>

#include <csignal>
#include <numeric>

#include "support/small_model.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// A model of a run, without these prototypes.
TrainedModel model_without(const fs::path& run, const std::vector<int64_t>& disabled) {
  TrainedModel trained = test::small_model();
  trained.checkpoint = run / "checkpoints/step-0000012.pt";
  trained.disabled = disabled;
  return trained;
}

std::vector<int64_t> first_prototypes(int64_t count) {
  std::vector<int64_t> prototypes(static_cast<size_t>(count));
  std::iota(prototypes.begin(), prototypes.end(), 0);
  return prototypes;
}

class OutputFolder : public testing::Test {
 protected:
  std::string name_without(const std::vector<int64_t>& disabled) const {
    const fs::path folder = cli::output_folder("", model_without(run_, disabled), "sample");
    EXPECT_EQ(folder.parent_path(), run_);
    EXPECT_TRUE(fs::is_directory(folder)) << folder;
    return folder.filename().string();
  }

  test::TemporaryFolder folder_;
  fs::path run_ = folder_ / "run";
};

TEST_F(OutputFolder, NamesTwentyDisabledPrototypesAndOfMoreTheirNumber) {
  EXPECT_EQ(name_without({}), "sample");
  EXPECT_EQ(name_without({4, 12}), "sample-without-4-12");
  EXPECT_EQ(name_without(first_prototypes(20)),
            "sample-without-0-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16-17-18-19");
  EXPECT_TRUE(name_without(first_prototypes(21)).starts_with("sample-without-21-prototypes-"));
}

TEST_F(OutputFolder, IsOneThatAFileSystemTakesHoweverManyAreDisabled) {
  EXPECT_LT(name_without(first_prototypes(4096)).size(), 60u);
}

TEST_F(OutputFolder, TellsManyDisabledPrototypesFromAsManyOthers) {
  std::vector<int64_t> others = first_prototypes(30);
  others.back() = 99;
  EXPECT_NE(name_without(others), name_without(first_prototypes(30)));
  EXPECT_EQ(name_without(others), name_without(others)) << "found again by the next command";
}

TEST_F(OutputFolder, ThatIsGivenIsTakenWhateverIsDisabled) {
  const fs::path mine = folder_ / "not/there/yet";
  EXPECT_EQ(cli::output_folder(mine.string(), model_without(run_, {4}), "sample"), mine);
  EXPECT_TRUE(fs::is_directory(mine));
  EXPECT_FALSE(fs::exists(run_));
}

TEST(FigureText, NamesEveryFormatThatIsWritten) {
  TrainedModel trained = test::small_model();
  EXPECT_EQ(cli::figure_text("runs/a/manipulate", trained), "runs/a/manipulate.png");
  trained.config.runtime.figures = {FigureFormat::kPng, FigureFormat::kPdf};
  EXPECT_EQ(cli::figure_text("runs/a/manipulate", trained), "runs/a/manipulate.png, runs/a/manipulate.pdf");
}

TEST(FinishTraining, EndsWithTheStatusOfTheSignalAndSaysHowToGoOn) {
  using State = TrainingOutcome::State;
  const auto said = [](const TrainingOutcome& outcome, int status) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(cli::finish_training(outcome, "runs/a", "latent"), status);
    return testing::internal::GetCapturedStderr();
  };
  const std::string finished = said({State::kAlreadyDone, 12}, 0);
  EXPECT_NE(finished.find("runs/a is finished at step 12; latent.max_steps=24 would train on"),
            std::string::npos)
      << finished;
  EXPECT_NE(said({State::kDone, 12}, 0).find("done at step 12"), std::string::npos);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const std::string interrupted = said({State::kInterrupted, 7, signal}, 128 + signal);
    EXPECT_NE(interrupted.find("saved at step 7; run the same command again"), std::string::npos)
        << interrupted;
  }
}

}  // namespace
}  // namespace patronus
