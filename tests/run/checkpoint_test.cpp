#include "patronus/run/checkpoint.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "patronus/core/device.h"
#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"
#include "patronus/run/run_directory.h"
#include "patronus/run/trained_model.h"
#include "run/checkpoint_file.h"
#include "support/failure.h"
#include "support/named_tensors.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

Checkpoint small_checkpoint() {
  const RunConfig config = test::small_run();
  const PatronusModel model = make_model(config);
  return {.step = 42, .config = config, .model = model.state(), .ema = {}, .optimizer = {}};
}

TEST(Checkpoint, ReadsBackWhatWasWritten) {
  const test::TemporaryFolder folder;
  const Checkpoint written = small_checkpoint();
  write_checkpoint(folder / "a.pt", written);
  const Checkpoint read = read_checkpoint(folder / "a.pt");
  EXPECT_EQ(read.step, 42);
  EXPECT_EQ(to_yaml(read.config), to_yaml(written.config));
  test::expect_same(read.model, written.model);
}

/// A checkpoint with something of everything.
Checkpoint full_checkpoint() {
  Checkpoint checkpoint = small_checkpoint();
  for (const auto& [name, tensor] : checkpoint.model) checkpoint.ema.emplace_back(name, tensor.detach() + 1);
  Dict state;
  state.set("step", int64_t{42});
  state.set("exp_avg", to_dict(checkpoint.ema));
  checkpoint.optimizer = state;
  checkpoint.decorrelation = {{"mean", at::arange(6, at::kFloat)}, {"products", at::ones({6, 6})}};
  return checkpoint;
}

TEST(Checkpoint, KeepsAverageOptimizerAndPenaltyToo) {
  const test::TemporaryFolder folder;
  const Checkpoint written = full_checkpoint();
  write_checkpoint(folder / "a.pt", written);
  const Checkpoint read = read_checkpoint(folder / "a.pt");
  test::expect_same(read.model, written.model);
  test::expect_same(read.ema, written.ema);
  test::expect_same(read.decorrelation, written.decorrelation);
  EXPECT_EQ(read.optimizer.at("step").integer(), 42);
  test::expect_same(to_named_tensors(read.optimizer.at("exp_avg").dict()), written.ema);
  EXPECT_EQ(&read.weights(Weights::kEma), &read.ema);
  EXPECT_EQ(&read.weights(Weights::kRaw), &read.model);
}

TEST(Checkpoint, KeepsAPathThatIsNoTextAndIsReadByPythonAllTheSame) {
  const test::TemporaryFolder folder;
  Checkpoint written = full_checkpoint();
  written.config.data.path = "/data/caf\xE9";
  write_checkpoint(folder / "a.pt", written);
  EXPECT_EQ(read_checkpoint(folder / "a.pt").config.data.path, written.config.data.path);
  const std::string text = read_tensor_file(folder / "a.pt").at("content").dict().at("config").text();
  EXPECT_NE(text.find("/data/caf\uFFFD"), std::string::npos) << "which is UTF-8";
}

TEST(Checkpoint, ASnapshotIsOfTheMomentWhenItWasTaken) {
  const test::TemporaryFolder folder;
  Checkpoint checkpoint = full_checkpoint();
  const auto before = test::copies(checkpoint.model), average = test::copies(checkpoint.ema);
  const CheckpointWriter write = snapshot(checkpoint);
  const c10::NoGradGuard no_grad;
  for (const auto* tensors : {&checkpoint.model, &checkpoint.ema, &checkpoint.decorrelation})
    for (const auto& [name, tensor] : *tensors) tensor.add_(1);
  for (const char* name : {"a.pt", "b.pt"}) {
    write(folder / name);
    const Checkpoint read = read_checkpoint(folder / name);
    test::expect_same(read.model, before);
    test::expect_same(read.ema, average);
    EXPECT_TRUE(at::equal(read.decorrelation[0].second, at::arange(6, at::kFloat)));
  }
  EXPECT_EQ(read_file(folder / "a.pt"), read_file(folder / "b.pt"));
}

TEST(Checkpoint, WeightsAreTheAverageWhereThereIsOneUnlessTheyAreNamed) {
  Checkpoint checkpoint = full_checkpoint();
  EXPECT_EQ(used_weights(checkpoint, Weights::kAuto, "a.pt"), Weights::kEma);
  EXPECT_EQ(used_weights(checkpoint, Weights::kEma, "a.pt"), Weights::kEma);
  EXPECT_EQ(used_weights(checkpoint, Weights::kRaw, "a.pt"), Weights::kRaw);
  checkpoint.ema.clear();
  EXPECT_EQ(used_weights(checkpoint, Weights::kAuto, "a.pt"), Weights::kRaw);
  EXPECT_EQ(used_weights(checkpoint, Weights::kRaw, "a.pt"), Weights::kRaw);
}

TEST(Checkpoint, ADamagedOneNamesTheLatestBeforeItThatIsWhole) {
  const test::TemporaryFolder folder;
  const RunDirectory run(folder.path());
  run.folder("checkpoints");
  for (const int64_t step : {1, 2, 3, 4}) write_checkpoint(run.checkpoint(step), small_checkpoint());
  for (const int64_t step : {1, 3, 4}) fs::resize_file(run.checkpoint(step), 1000);
  const auto complaint = [&](int64_t step) {
    return test::message_of([&] { read_checkpoint(run.checkpoint(step)); });
  };
  EXPECT_TRUE(complaint(4).ends_with("; remove it to go on from step-0000002.pt, which is whole"))
      << complaint(4);
  EXPECT_EQ(complaint(1).find("remove it"), std::string::npos) << "there is none before it";
  EXPECT_EQ(read_checkpoint(run.checkpoint(2)).step, 42);
}

TEST(Checkpoint, NoticesFlippedBytesInsideATensor) {
  const test::TemporaryFolder folder;
  write_checkpoint(folder / "a.pt", small_checkpoint());
  const auto size = fs::file_size(folder / "a.pt");
  int noticed = 0;
  for (const double place : {0.3, 0.5, 0.7}) {
    fs::copy_file(folder / "a.pt", folder / "b.pt", fs::copy_options::overwrite_existing);
    std::fstream file(folder / "b.pt", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(place * static_cast<double>(size)));
    file.write("\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5", 8);
    file.close();
    const std::string message = test::message_of([&] { read_checkpoint(folder / "b.pt"); });
    noticed += message == (folder / "b.pt").string() + ": damaged: the checksum does not match its content";
  }
  EXPECT_GE(noticed, 1);  // a flip may also fall on the zip's own structure, which has other messages
}

TEST(Checkpoint, ATruncatedFileIsADataError) {
  const test::TemporaryFolder folder;
  write_checkpoint(folder / "a.pt", small_checkpoint());
  fs::resize_file(folder / "a.pt", fs::file_size(folder / "a.pt") / 2);
  EXPECT_THROW(read_checkpoint(folder / "a.pt"), DataError);
}

TEST(Checkpoint, RefusesForeignFilesAndOtherVersions) {
  const test::TemporaryFolder folder;
  const std::string path = (folder / "a.pt").string();
  Dict foreign;
  foreign.set("weight", at::zeros({2}));
  write_tensor_file(path, foreign);
  EXPECT_EQ(test::message_of([&] { read_checkpoint(path); }),
            path + ": not a checkpoint of this program; `patronus import` reads the reference's ckpt.tar");
  Dict newer;
  newer.set("format", std::string("patronus-checkpoint"));
  newer.set("version", int64_t{99});
  write_tensor_file(path, newer);
  EXPECT_EQ(test::message_of([&] { read_checkpoint(path); }),
            path + ": checkpoint format version 99, expected 1");
}

TEST(Checkpoint, NamesTheFileThatLacksAnEntry) {
  const test::TemporaryFolder folder;
  const std::string path = (folder / "a.pt").string();
  Dict headless;
  headless.set("format", std::string("patronus-checkpoint"));
  headless.set("version", int64_t{1});
  write_tensor_file(path, headless);
  EXPECT_EQ(test::message_of([&] { read_checkpoint(path); }), path + ": no entry 'content'");
  Dict content;
  content.set("config", to_yaml(test::small_run()));
  content.set("model", to_dict({}));
  write_checkpoint_file(path, "patronus-checkpoint", {3, content});
  EXPECT_EQ(test::message_of([&] { read_checkpoint(path); }), path + ": no entry 'ema'");
  content.set("model", std::string("none"));
  write_checkpoint_file(path, "patronus-checkpoint", {3, content});
  EXPECT_EQ(test::message_of([&] { read_checkpoint(path); }), path + ": found text; expected a dictionary");
}

TEST(TrainedModel, RefusesWeightsThatAreNotFinite) {
  const test::TemporaryFolder folder;
  const std::string path = (folder / "a.pt").string();
  Checkpoint checkpoint = small_checkpoint();
  checkpoint.model[3].second = at::full_like(checkpoint.model[3].second, std::nan(""));
  write_checkpoint(path, checkpoint);
  EXPECT_EQ(test::message_of([&] { load_trained_model(path, Weights::kAuto, {}); }),
            path + ": tensor " + checkpoint.model[3].first +
                " holds values that are not finite, of a training that diverged or a damaged file; take an "
                "earlier one");
}

TEST(TrainedModel, LooksForDataWhereItIsToldToAndNowhereElse) {
  const test::TemporaryFolder folder;
  Checkpoint checkpoint = small_checkpoint();
  checkpoint.config.data.kind = DataKind::kImages;
  checkpoint.config.data.path = "/of/the/run/many";
  checkpoint.config.data.typed_path = "many";
  write_checkpoint(folder / "a.pt", checkpoint);
  const auto typed = [&](const std::vector<std::string>& words) {
    return load_trained_model(folder / "a.pt", Weights::kAuto, words).config.data.typed_path;
  };
  EXPECT_EQ(typed({}), "many");
  EXPECT_EQ(typed({"data.path=/elsewhere/many"}), "") << "a folder called many here is not meant";
}

TEST(TrainedModel, TakesItsOwnConfigurationAndRefusesToChangeTheModel) {
  const test::TemporaryFolder folder;
  const std::string path = (folder / "a.pt").string();
  write_checkpoint(path, small_checkpoint());
  const TrainedModel trained = load_trained_model(path, Weights::kAuto, {"runtime.device=cpu", "seed=9"});
  EXPECT_EQ(trained.step, 42);
  EXPECT_EQ(trained.weights, Weights::kRaw);
  EXPECT_EQ(trained.config.seed, 9);
  EXPECT_EQ(trained.training_config.seed, small_checkpoint().config.seed);
  EXPECT_FALSE(trained.model.unet->is_training());
  EXPECT_EQ(test::message_of([&] { load_trained_model(path, Weights::kAuto, {"model.prototypes.count=7"}); }),
            path + ": was trained with another model.prototypes.count; it cannot be changed afterwards");
  EXPECT_EQ(test::message_of([&] { load_trained_model(path, Weights::kAuto, {"training.max_steps=7"}); }),
            "training.max_steps: says nothing about a run that is trained, " + path +
                "; train-latent has latent.*, and train continues a run");
  EXPECT_EQ(test::message_of([&] { load_trained_model(path, Weights::kEma, {}); }),
            path + ": holds no EMA weights (training.ema_decay was 0); use --weights raw");
}

TEST(TrainedModel, IsToldByItsWeightsAndWhatWasTakenOut) {
  const test::TemporaryFolder folder;
  write_checkpoint(folder / "a.pt", full_checkpoint());
  TrainedModel trained = load_trained_model(folder / "a.pt", Weights::kAuto, {});
  EXPECT_EQ(weights_text(trained), "ema weights of step 42");
  trained.disabled = {4, 12};
  EXPECT_EQ(weights_text(trained), "ema weights of step 42 without prototypes 4, 12");
  EXPECT_EQ(weights_text(load_trained_model(folder / "a.pt", Weights::kRaw, {})), "raw weights of step 42");
}

TEST(TrainedModel, HasTheNamesThatItsRunGivesToPrototypes) {
  const test::TemporaryFolder folder;
  const RunDirectory run(folder.path());
  run.folder("checkpoints");
  write_checkpoint(run.checkpoint(42), small_checkpoint());
  write_file(run.file("names.yaml"), "3: red hat\n");
  EXPECT_EQ(load_trained_model(run.checkpoint(42), Weights::kAuto, {}).names.label(3), "3 red hat");
  write_file(run.file("names.yaml"), "6: red hat\n");
  EXPECT_EQ(test::message_of([&] { load_trained_model(run.checkpoint(42), Weights::kAuto, {}); }),
            run.file("names.yaml").string() +
                ":1: there is no prototype '6'; the model has 6, numbered from 0 to 5");
}

TEST(TrainedModel, AFurtherOneLeavesTheRuntimeAsItIs) {
  const test::TemporaryFolder folder;
  write_checkpoint(folder / "a.pt", small_checkpoint());
  set_deterministic(true, at::kCPU);
  const TrainedModel further = load_another_model(folder / "a.pt", Weights::kAuto, at::kCPU);
  const bool deterministic = at::globalContext().deterministicAlgorithms();
  set_deterministic(false, at::kCPU);
  EXPECT_EQ(further.step, 42);
  EXPECT_TRUE(deterministic);
}

TEST(RunDirectory, KeepsTheNewestCheckpointsAndPointsAtTheLast) {
  const test::TemporaryFolder folder;
  const RunDirectory run(folder.path());
  run.folder("checkpoints");
  for (const int64_t step : {100, 200, 300, 400}) {
    std::ofstream(run.checkpoint(step)) << step;
    run.register_checkpoint(step, 2);
  }
  EXPECT_FALSE(fs::exists(run.checkpoint(100)));
  EXPECT_FALSE(fs::exists(run.checkpoint(200)));
  EXPECT_TRUE(fs::exists(run.checkpoint(300)));
  EXPECT_EQ(run.last_checkpoint(), run.checkpoint(400));
  EXPECT_EQ(read_file(run.file("checkpoints/last")), "step-0000400.pt\n");
}

class LastCheckpoint : public testing::Test {
 protected:
  LastCheckpoint() {
    run_.folder("checkpoints");
    for (const int64_t step : {100, 200, 10'000'000}) std::ofstream(run_.checkpoint(step)) << step;
  }
  test::TemporaryFolder folder_;
  RunDirectory run_{folder_.path()};
  fs::path last_ = run_.file("checkpoints/last");
};

TEST_F(LastCheckpoint, IsTheNewestWhereNoneIsNamedOrTheNamedOneIsGone) {
  EXPECT_EQ(run_.last_checkpoint(), run_.checkpoint(10'000'000));
  for (const char* name : {"step-0000300.pt\n", "", "\n", "."}) {
    write_file(last_, name);
    EXPECT_EQ(run_.last_checkpoint(), run_.checkpoint(10'000'000)) << name;
  }
}

TEST_F(LastCheckpoint, IsACheckpointOfThatName) {
  write_checkpoint(last_, small_checkpoint());
  EXPECT_EQ(read_checkpoint(*run_.last_checkpoint()).step, 42);
}

TEST_F(LastCheckpoint, OfAnEarlierStepKeepsWhatIsNewerThanIt) {
  write_file(last_, "step-0000100.pt");
  std::ofstream(run_.checkpoint(150)) << 150;
  run_.register_checkpoint(150, 1);
  EXPECT_EQ(run_.last_checkpoint(), run_.checkpoint(150));
  EXPECT_FALSE(fs::exists(run_.checkpoint(100)));
  EXPECT_TRUE(fs::exists(run_.checkpoint(200)));
}

TEST(RunDirectory, UsesNoFolderOfSomethingElse) {
  const test::TemporaryFolder folder;
  const RunDirectory run(folder.path());
  EXPECT_NO_THROW(run.require_run_or_empty());
  write_file(run.file("metrics.jsonl"), "{}");
  EXPECT_EQ(
      test::message_of([&] { run.require_run_or_empty(); }),
      folder.path().string() +
          ": is not empty (metrics.jsonl) and not a run of this program; choose another folder with --run");
  write_file(run.file("status.json"), "{\"state\": \"good\"}");
  EXPECT_THROW(run.require_run_or_empty(), ConfigError);
  run.write_status("running", 0);
  EXPECT_NO_THROW(run.require_run_or_empty());
}

TEST(RunDirectory, BeginsAnewOnlyWhereNoCheckpointWasWritten) {
  const test::TemporaryFolder folder;
  const RunDirectory run(folder.path());
  run.mark_as_run();
  write_file(run.file("metrics.jsonl"), "{\"step\":5}\n");
  run.write_status("running", 5);
  run.mark_as_run();
  EXPECT_FALSE(fs::exists(run.file("metrics.jsonl")));

  write_file(run.file("metrics.jsonl"), "{\"step\":5}\n");
  std::ofstream(run.checkpoint(5)) << 5;
  run.write_status("running", 6);
  fs::remove_all(run.file("checkpoints"));
  const std::string lost =
      run.file("checkpoints").string() +
      ": the run's checkpoints are lost; put them back, or choose another folder with --run";
  EXPECT_EQ(test::message_of([&] { run.mark_as_run(); }), lost);
  EXPECT_TRUE(fs::exists(run.file("metrics.jsonl")));
}

TEST(RunDirectory, CutsMetricsBackToAStep) {
  const test::TemporaryFolder folder;
  const RunDirectory run(folder.path());
  std::ofstream(run.file("metrics.jsonl")) << "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n{\"st";
  run.truncate_metrics(2);
  std::ifstream file(run.file("metrics.jsonl"));
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), "{\"step\":1}\n{\"step\":2}\n");
}

}  // namespace
}  // namespace patronus
