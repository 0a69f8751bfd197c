#pragma once
#include <c10/core/GradMode.h>

#include "patronus/core/random.h"
#include "patronus/io/atomic_file.h"
#include "patronus/run/trained_model.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus::test {

/// An untrained model of a run. Tensors initialised to 0 are filled with noise: with the last layer's zeros,
/// conditions would have no effect.
inline TrainedModel small_model(const RunConfig& config = small_run()) {
  TrainedModel trained{
      "",       Weights::kRaw,      0, config, config, make_model(config), NoiseSchedule(config.diffusion),
      at::kCPU, Precision::kFloat32};
  const c10::NoGradGuard no_grad;
  for (auto& [name, parameter] : trained.model.parameters()) {
    if ((parameter == 0).all().item<bool>()) parameter.normal_(0, 0.1, make_generator(1));
  }
  trained.model.eval();
  return trained;
}

/// The same with a file in `folder` as its checkpoint, which identifies kept results.
inline TrainedModel small_model_of_file(const TemporaryFolder& folder) {
  TrainedModel trained = small_model();
  trained.checkpoint = folder / "checkpoint.pt";
  write_file(trained.checkpoint, "stands for the weights");
  return trained;
}

}  // namespace patronus::test
