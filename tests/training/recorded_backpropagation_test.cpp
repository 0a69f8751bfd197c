#include "patronus/training/recorded_backpropagation.h"

#include <ATen/Functions.h>

#include "patronus/core/random.h"
#include "patronus/run/run_config.h"
#include "patronus/training/trainer.h"
#include "support/named_tensors.h"
#include "support/on_device.h"
#include "support/parity.h"
#include "support/small_run.h"

namespace patronus {
namespace {

class RecordedBackpropagationOn : public test::OnDevice {};
PATRONUS_ON_DEVICES(RecordedBackpropagationOn);

/// A small model with everything that a step can have: dropout, both penalties, parts.
struct Step {
  RunConfig config = test::small_run();
  PatronusModel model = make_model(config);
  Schedule schedule;
  DecorrelationPenalty decorrelation;
  LossOptions options;

  explicit Step(at::Device device)
      : schedule(config.diffusion, device),
        decorrelation(config.model.prototypes.count, 0.9, device),
        options{.prediction = config.diffusion.prediction,
                .distinct_weight = 0.3,
                .decorrelation_weight = 0.5,
                .parts = 2} {
    model.to(device);
    model.use_channels_last();
    model.train();
  }

  std::vector<at::Tensor> parameters() const {
    std::vector<at::Tensor> result;
    for (const auto& [name, parameter] : model.parameters()) result.push_back(parameter);
    return result;
  }

  Losses backpropagated(const TrainingBatch& batch) {
    return backpropagate(model, schedule, batch, options, &decorrelation);
  }
};

/// Losses and gradients of some batches, the last of which are smaller, in a row.
std::vector<at::Tensor> results(at::Device device, bool records) {
  Step step(device);
  RecordedBackpropagation backpropagation(
      [&](const TrainingBatch& batch) { return step.backpropagated(batch); }, step.parameters(), records);
  std::vector<at::Tensor> result;
  for (const int64_t size : {8, 8, 8, 8, 8, 8, 6, 6, 6, 6, 6}) {
    seed_default_generators(result.size() + 1, device);
    const auto batch = draw_training_batch((at::rand({size, 3, 32, 32}) * 2 - 1).to(device),
                                           step.schedule.timesteps(), /*flip=*/true);
    for (auto& parameter : step.parameters()) parameter.mutable_grad().reset();
    const Losses losses = backpropagation(batch);
    for (const auto& loss : {losses.total, losses.denoising, losses.distinct, losses.decorrelation}) {
      result.push_back(loss.detach().cpu());
    }
    for (const auto& parameter : step.parameters()) result.push_back(parameter.grad().cpu().clone());
    const c10::NoGradGuard no_grad;
    for (const auto& parameter : step.parameters()) parameter.sub_(parameter.grad(), 0.01);
  }
  for (const auto& [name, tensor] : step.model.state()) result.push_back(tensor.detach().cpu());
  for (const auto& [name, tensor] : step.decorrelation.state()) result.push_back(tensor.cpu());
  return result;
}

TEST_P(RecordedBackpropagationOn, GivesTheNumbersOfOneThatIsNotRecorded) {
  set_deterministic(true);
  const auto recorded = results(device(), true), plain = results(device(), false);
  ASSERT_EQ(recorded.size(), plain.size());
  for (size_t i = 0; i < plain.size(); ++i) {
    EXPECT_TRUE(test::close(recorded[i], plain[i], 1e-6, 1e-5)) << "tensor " << i;
  }
}

/// Two trainers, of which one records where the device has graphs.
TEST_P(RecordedBackpropagationOn, TrainsTheSameModel) {
  const auto trained = [&](bool graphs) {
    RunConfig config = test::small_run();
    config.runtime.device = GetParam();
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

}  // namespace
}  // namespace patronus
