#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/figures/canvas.h"
#include "patronus/io/json_text.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Variational bound on the likelihood of N images under one condition (diffusion/variational_bound.h), in
/// bits per dimension, float64.
struct ConditionLikelihood {
  std::string condition;  // "own activations", "unconditional twin", ...
  at::Tensor bits;        // [N]: the whole bound, sum of the next three
  at::Tensor prior;       // [N]
  at::Tensor steps;       // [N]
  at::Tensor decoder;     // [N]
  at::Tensor loss;        // [N, S]: denoising loss at each timestep, in units of the run's own objective
};

/// Effect of conditioning on the likelihood (paper, section 3.5): bounds of the same images with the same
/// noise under several conditions, and of a twin trained without condition.
struct LikelihoodEvaluation {
  std::string split;
  std::vector<int64_t> timesteps;               // [S], from T-1 down to 0
  std::vector<ConditionLikelihood> conditions;  // the run's own condition first
  std::string twin;                             // checkpoint and weights of the twin; empty: none
  std::vector<std::string> twin_differs_in;     // settings other than the condition that differ
};

struct LikelihoodOptions {
  int64_t images = 256;               // drawn from the test split
  std::optional<int64_t> steps = {};  // length of the bound's chain
};

/// The requested number of steps, by default 50 or T, whichever is smaller.
int64_t bound_steps(const LikelihoodOptions& options, const NoiseSchedule& schedule);

/// Throws ConfigError if the twin has a condition, if the model has none, or if images or timesteps differ.
void require_twin(const TrainedModel& trained, const TrainedModel& twin);

/// Computes the bound under an image's own activations, another image's, and the mean activations of these
/// images; without activations for an unconditional model. `twin`: a model trained without condition to
/// measure as well, or null. Errors as for `require_twin`; other differing settings are listed in the result,
/// with a warning.
LikelihoodEvaluation evaluate_likelihood(TrainedModel& trained, const TrainedModel* twin, const Dataset& test,
                                         const LikelihoodOptions& options);

/// Means with BCa bootstrap intervals over images; `more_than_own` is the per-image difference to the first
/// condition.
Json likelihood_json(const LikelihoodEvaluation& evaluation);
std::string likelihood_markdown(const LikelihoodEvaluation& evaluation);
/// Plots the denoising loss over timesteps.
Canvas draw_likelihood(const LikelihoodEvaluation& evaluation);

}  // namespace patronus
