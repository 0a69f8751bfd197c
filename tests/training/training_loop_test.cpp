#include "patronus/training/training_loop.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <functional>

#include "patronus/core/error.h"
#include "patronus/core/interrupt.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// A single weight w in training, whose loss is w^2 / 2; its checkpoints hold the number of steps as text.
class WeightTask : public TrainingTask {
 public:
  explicit WeightTask(const OptimizationConfig& config, int64_t total_steps)
      : optimization_(
            config, total_steps, {.adamw = {{trainable_tensors(model_)}}}, model_, ema_,
            [this](const TrainingBatch&) {
              const auto loss = model_[0].second.square().sum() / 2;
              (factor * loss).backward();
              return detach_losses(
                  {.total = loss + extra, .denoising = loss, .distinct = {}, .decorrelation = {}});
            },
            /*records=*/false) {}

  const Optimization& optimization() const override { return optimization_; }
  StepResult train_step() override {
    const StepResult result = optimization_.step({});
    if (after_step) after_step(optimization_.steps());
    return result;
  }
  void preview(MetricsLog&) override { previews.push_back(optimization_.steps()); }
  void draw_losses() const override { drawn.push_back(optimization_.steps()); }
  CheckpointWriter snapshot() const override {
    return [this, step = optimization_.steps()](const fs::path& path) {
      if (before_writing) before_writing(step);
      write_file(path, std::to_string(step));
    };
  }
  void start_at(int64_t step) { optimization_.restore(step, model_, ema_, {}); }
  void set_weight(double value) { model_[0].second.detach().fill_(value); }

  std::function<void(int64_t step)> after_step;
  std::function<void(int64_t step)> before_writing;
  double extra = 0;   // added to the loss
  double factor = 1;  // of the gradient
  mutable std::vector<int64_t> drawn;
  std::vector<int64_t> previews;

 private:
  NamedTensors model_{{"w", at::full({1}, 3.0F).requires_grad_()}};
  NamedTensors ema_{{"w", at::full({1}, 3.0F).requires_grad_()}};
  Optimization optimization_;
};

class Loop : public testing::Test {
 protected:
  Loop() {
    run.folder("checkpoints");
    config.learning_rate = 0.01;
    config.weight_decay = 0;
    config.log_every = 3;
    config.checkpoint_every = 4;
    config.keep_checkpoints = 2;
  }

  TrainingOutcome train(WeightTask& task, int64_t preview_every = 5) {
    return run_training_loop(
        task, run, config,
        {.section = "latent", .config = "seed: 3\n", .total_steps = 10, .preview_every = preview_every});
  }
  nlohmann::json status() const { return nlohmann::json::parse(read_file(run.file("status.json"))); }
  std::vector<std::string> checkpoints() const {
    std::vector<std::string> names;
    for (const auto& path : run.checkpoints()) names.push_back(path.filename().string());
    return names;
  }
  std::vector<double> logged_steps() const { return read_metric(run, "loss").steps; }

  InterruptGuard guard;
  test::TemporaryFolder folder;
  RunDirectory run{folder / "run"};
  OptimizationConfig config;
};

TEST_F(Loop, LogsPreviewsAndSavesWhenEachIsDueAndAtTheEnd) {
  WeightTask task(config, 10);
  const TrainingOutcome outcome = train(task);
  EXPECT_EQ(outcome.state, TrainingOutcome::State::kDone);
  EXPECT_EQ(outcome.step, 10);
  EXPECT_EQ(logged_steps(), (std::vector<double>{3, 4, 6, 8, 9, 10})) << "and at every checkpoint";
  EXPECT_EQ(task.previews, (std::vector<int64_t>{0, 5, 10}));
  EXPECT_EQ(task.drawn, task.previews);
  EXPECT_EQ(checkpoints(), (std::vector<std::string>{"step-0000008.pt", "step-0000010.pt"}));
  EXPECT_EQ(read_file(*run.last_checkpoint()), "10");
  EXPECT_EQ(status()["state"], "done");
  EXPECT_EQ(status()["step"], 10);
  EXPECT_EQ(read_file(run.file("config.yaml")), "seed: 3\n");
}

TEST_F(Loop, WithoutPreviewsDrawsTheLossesAtTheEnd) {
  WeightTask task(config, 10);
  train(task, 0);
  EXPECT_TRUE(task.previews.empty());
  EXPECT_EQ(task.drawn, (std::vector<int64_t>{10}));
  EXPECT_EQ(status()["state"], "done");
}

TEST_F(Loop, ARunningTrainingsStatusIsThatOfItsNewestCheckpoint) {
  WeightTask task(config, 10);
  task.after_step = [&](int64_t step) {
    if (step != 8) return;
    EXPECT_LE(status()["step"], 4) << "not that of the line of metrics at step 6";
  };
  train(task);
}

TEST_F(Loop, AStatusNamesNoCheckpointThatIsStillBeingWritten) {
  WeightTask task(config, 10);
  std::atomic<int64_t> reached = 0;
  task.before_writing = [&](int64_t step) {  // each takes until the next is due, or beyond
    for (int64_t now = reached; now < std::min<int64_t>(2 * step, 9); now = reached) reached.wait(now);
  };
  task.after_step = [&](int64_t step) {
    if (step == 9) {
      EXPECT_EQ(status()["step"], 4);
    }
    reached = step;
    reached.notify_all();
  };
  train(task);
}

TEST_F(Loop, LogsMeansOverTheStepsSinceTheLastLine) {
  config.log_every = 5;
  config.checkpoint_every = 100;
  std::vector<double> weights{3};
  WeightTask task(config, 10);
  task.after_step = [&](int64_t) { weights.push_back(task.optimization().model()[0].second.item<double>()); };
  train(task);
  const auto norms = read_metric(run, "gradient_norm").values,
             losses = read_metric(run, "denoising_loss").values;
  ASSERT_EQ(norms.size(), 2u);
  for (size_t line = 0; line < 2; ++line) {
    double norm = 0, loss = 0;
    for (size_t i = 5 * line; i < 5 * line + 5; ++i) {
      norm += weights[i] / 5;
      loss += weights[i] * weights[i] / 2 / 5;
    }
    EXPECT_NEAR(norms[line], norm, 1e-5);
    EXPECT_NEAR(losses[line], loss, 1e-5);
  }
  EXPECT_TRUE(read_metric(run, "distinct_loss").values.empty()) << "which there is not";
  EXPECT_EQ(read_metric(run, "learning_rate").values.back(), 0.01);
  EXPECT_GT(read_metric(run, "images_per_second").values.back(), 0);
}

TEST_F(Loop, GoesOnFromAStepWithoutASecondStart) {
  config.checkpoint_every = 5;
  WeightTask first(config, 10);
  first.after_step = [&](int64_t step) {
    if (step == 7) throw Error("the power is gone");
  };
  EXPECT_EQ(test::message_of([&] { train(first); }), "the power is gone");
  EXPECT_EQ(status()["state"], "failed");
  EXPECT_EQ(status()["message"], "the power is gone");
  EXPECT_EQ(checkpoints(), (std::vector<std::string>{"step-0000005.pt"}));
  WeightTask second(config, 10);
  second.start_at(5);
  EXPECT_EQ(train(second).state, TrainingOutcome::State::kDone);
  EXPECT_EQ(logged_steps(), (std::vector<double>{3, 5, 6, 9, 10})) << "no step twice";
  EXPECT_EQ(second.previews, (std::vector<int64_t>{10}));
}

TEST_F(Loop, ThatIsAtItsEndTrainsNoFurther) {
  WeightTask task(config, 10);
  task.start_at(10);
  EXPECT_EQ(train(task).step, 10);
  EXPECT_TRUE(logged_steps().empty());
  EXPECT_TRUE(checkpoints().empty()) << "of the step that it started from there is one";
}

/// What is not finite from the seventh step on.
struct Divergence {
  const char* name;
  std::string what;
  std::function<void(WeightTask&)> happens;
};

class DivergingLoop : public Loop, public testing::WithParamInterface<Divergence> {};

TEST_P(DivergingLoop, NamesTheStepAndKeepsTheLastGoodCheckpoint) {
  WeightTask task(config, 10);
  task.after_step = [&](int64_t step) {
    if (step == 6) GetParam().happens(task);
  };
  try {
    train(task);
    FAIL() << "it went on";
  } catch (const DivergedError& error) {
    EXPECT_EQ(std::string(error.what()),
              GetParam().what +
                  "; the last good checkpoint is kept; lower latent.learning_rate or set "
                  "latent.clip_gradient=1");
    EXPECT_EQ(error.code(), ExitCode::kDiverged);
  }
  EXPECT_EQ(checkpoints(), (std::vector<std::string>{"step-0000004.pt"}));
  EXPECT_EQ(status()["state"], "failed");
  EXPECT_EQ(logged_steps().back(), 6) << "what was not finite is not logged";
}

INSTANTIATE_TEST_SUITE_P(By, DivergingLoop,
                         testing::Values(Divergence{"Loss", "the loss is not finite at step 7",
                                                    [](WeightTask& task) { task.extra = INFINITY; }},
                                         Divergence{"Weight", "the loss is not finite at step 7",
                                                    [](WeightTask& task) { task.set_weight(NAN); }},
                                         Divergence{"Gradient",
                                                    "the norm of the gradient is not finite at step 7",
                                                    [](WeightTask& task) { task.factor = INFINITY; }}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(Loop, AWeightThatIsNotFiniteIsNotSaved) {
  config.checkpoint_every = 7;
  config.log_every = 7;
  WeightTask task(config, 10);
  task.after_step = [&](int64_t step) {
    if (step == 7) task.set_weight(NAN);
  };
  EXPECT_TRUE(test::message_of([&] { train(task); }).starts_with("a weight is not finite at step 7; "));
  EXPECT_TRUE(checkpoints().empty());
}

TEST_F(Loop, ThatDivergesBeforeItsFirstCheckpointDoesNotSpeakOfOne) {
  WeightTask task(config, 10);
  task.extra = INFINITY;
  EXPECT_EQ(test::message_of([&] { train(task); }),
            "the loss is not finite at step 1; lower latent.learning_rate or set latent.clip_gradient=1");
}

TEST_F(Loop, ASignalEndsItAfterTheStepAndSaves) {
  WeightTask task(config, 10);
  task.after_step = [&](int64_t step) {
    if (step == 7) std::raise(SIGTERM);
  };
  const TrainingOutcome outcome = train(task);
  EXPECT_EQ(outcome.state, TrainingOutcome::State::kInterrupted);
  EXPECT_EQ(outcome.signal, SIGTERM);
  EXPECT_EQ(outcome.step, 7);
  EXPECT_EQ(read_file(*run.last_checkpoint()), "7");
  EXPECT_EQ(status()["state"], "interrupted");
  EXPECT_EQ(task.drawn, (std::vector<int64_t>{0, 5, 7}));
  EXPECT_EQ(logged_steps().back(), 7) << "what was trained since the last line is logged";
}

TEST_F(Loop, EndedAgainRepeatsWhatFollowsItsLastCheckpoint) {
  for (const int64_t step : {2, 4, 6}) write_file(run.checkpoint(step), std::to_string(step));
  const TrainingOutcome outcome = finish_completed_training(run, 6, 2);
  EXPECT_EQ(outcome.state, TrainingOutcome::State::kAlreadyDone);
  EXPECT_EQ(checkpoints(), (std::vector<std::string>{"step-0000004.pt", "step-0000006.pt"}));
  EXPECT_EQ(read_file(*run.last_checkpoint()), "6");
  EXPECT_EQ(status()["state"], "done");
}

}  // namespace
}  // namespace patronus
