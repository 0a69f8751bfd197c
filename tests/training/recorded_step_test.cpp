#include "patronus/training/recorded_step.h"

#include <ATen/Functions.h>

#include "patronus/core/random.h"
#include "patronus/run/run_config.h"
#include "patronus/training/gradients.h"
#include "patronus/training/trainer.h"
#include "support/named_tensors.h"
#include "support/on_device.h"
#include "support/parity.h"
#include "support/small_run.h"

namespace patronus {
namespace {

class RecordedStepOn : public test::OnDevice {};
PATRONUS_ON_DEVICES(RecordedStepOn);

/// A small model with everything that a step can have: dropout, both penalties, parts.
struct SmallModel {
  RunConfig config = test::small_run();
  PatronusModel model = make_model(config);
  NoiseSchedule schedule;
  DecorrelationPenalty decorrelation;
  LossOptions options;

  explicit SmallModel(at::Device device)
      : schedule(config.diffusion, device),
        decorrelation(config.model.prototypes.count, 0.9, device),
        options{.prediction = config.diffusion.prediction,
                .distinct_weight = 0.3,
                .decorrelation_weight = 0.5,
                .micro_batches = 2} {
    model.to(device);
    use_channels_last(*model.unet);
    model.train();
  }

  /// One of plain gradient descent.
  StepResult step(const TrainingBatch& batch) {
    const auto parameters = model.parameters();
    zero_gradients(parameters);
    const Losses losses = backpropagate(model, schedule, batch, options, &decorrelation);
    const c10::NoGradGuard no_grad;
    std::vector<at::Tensor> norms;
    for (const auto& [name, parameter] : parameters) {
      norms.push_back(parameter.grad().norm());
      parameter.sub_(parameter.grad(), 0.01);
    }
    return {.losses = losses, .gradient_norm = at::stack(norms)};
  }
};

/// What some batches, the last of which are smaller, give in a row.
std::vector<at::Tensor> results(at::Device device, bool records) {
  SmallModel small(device);
  RecordedStep step([&](const TrainingBatch& batch) { return small.step(batch); }, records);
  std::vector<at::Tensor> result;
  for (const int64_t size : {8, 8, 8, 8, 8, 8, 6, 6, 6, 6, 6}) {
    seed_default_generators(result.size() + 1, device);
    const auto batch = draw_training_batch((at::rand({size, 3, 32, 32}) * 2 - 1).to(device),
                                           small.schedule.timesteps(), /*flip=*/true);
    const auto [losses, gradient_norms] = step(batch);
    for (const auto& tensor :
         {losses.total, losses.denoising, losses.distinct, losses.decorrelation, gradient_norms}) {
      result.push_back(tensor.cpu());
    }
  }
  for (const auto& [name, tensor] : small.model.state()) result.push_back(tensor.detach().cpu());
  for (const auto& [name, tensor] : small.decorrelation.state()) result.push_back(tensor.cpu());
  return result;
}

TEST_P(RecordedStepOn, GivesTheNumbersOfOneThatIsNotRecorded) {
  set_deterministic(true, device());
  const auto recorded = results(device(), true), plain = results(device(), false);
  ASSERT_EQ(recorded.size(), plain.size());
  for (size_t i = 0; i < plain.size(); ++i) {
    EXPECT_TRUE(test::close(recorded[i], plain[i], 1e-6, 1e-5)) << "tensor " << i;
  }
}

/// Two trainers, of which one records where the device has graphs.
void expect_the_same_model(OptimizerKind optimizer, const std::string& device_name) {
  const auto trained = [&](bool graphs) {
    RunConfig config = test::small_run();
    config.training.optimizer = optimizer;
    config.runtime.device = device_name;
    config.runtime.deterministic = true;
    config.runtime.graphs = graphs;
    const at::Device device = config.runtime.apply();
    Trainer trainer(config, 10, device, Precision::kFloat32);
    for (int i = 0; i < 10; ++i) trainer.train_step(at::rand({8, 3, 32, 32}, make_generator(i)) * 2 - 1);
    NamedTensors state;
    for (const auto& [name, tensor] : trainer.checkpoint().ema) state.emplace_back(name, tensor.cpu());
    return state;
  };
  const auto with = trained(true), without = trained(false);
  ASSERT_EQ(with.size(), without.size());
  for (size_t i = 0; i < with.size(); ++i) {
    EXPECT_TRUE(test::close(with[i].second, without[i].second, 1e-5, 1e-4)) << with[i].first;
  }
}

TEST_P(RecordedStepOn, TrainsTheSameModel) {
  expect_the_same_model(OptimizerKind::kAdamW, GetParam());
}

TEST_P(RecordedStepOn, TrainsTheSameModelByMuon) {
  expect_the_same_model(OptimizerKind::kMuon, GetParam());
}

}  // namespace
}  // namespace patronus
