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

/// The variational bound on the likelihood of N images (diffusion/variational_bound.h) with one condition,
/// in bits a dimension, float64.
struct ConditionLikelihood {
  std::string condition;  // "own activations", "unconditional twin", ...
  at::Tensor bits;        // [N]: the whole bound; the next three add up to it
  at::Tensor prior;       // [N]
  at::Tensor steps;       // [N]
  at::Tensor decoder;     // [N]
  at::Tensor loss;        // [N, S]: denoising loss at each timestep, in the unit of the run's own objective
};

/// What conditioning costs or gains in likelihood (paper, section 3.5): bounds of the same images with the
/// same noise under several conditions, and of a twin that was trained without.
struct LikelihoodEvaluation {
  std::string split;
  std::vector<int64_t> timesteps;               // [S], from T-1 down to 0
  std::vector<ConditionLikelihood> conditions;  // the run's own way first
  std::string twin;                             // its checkpoint and weights; empty without
  std::vector<std::string> twin_differs_in;     // settings besides the condition
};

struct LikelihoodOptions {
  int64_t images = 256;               // drawn from the test split
  std::optional<int64_t> steps = {};  // of the chain that the bound is of
};

/// Those steps; by default 50, or all T where there are fewer.
int64_t bound_steps(const LikelihoodOptions& options, const Schedule& schedule);

/// ConfigError for a twin that has a condition, for one beside a model that has none, and for images or
/// timesteps other than the model's.
void require_twin(const TrainedModel& trained, const TrainedModel& twin);

/// The bound under an image's own activations, another image's and the mean activations of these images; of
/// an unconditional model without any. `twin`: a model trained without condition, measured too; null for
/// none. Errors as of `require_twin`; other settings that differ are named in the result, with a warning.
LikelihoodEvaluation evaluate_likelihood(TrainedModel& trained, const TrainedModel* twin, const Dataset& test,
                                         const LikelihoodOptions& options);

/// Means with BCa bootstrap intervals over images; `more_than_own`: the difference to the first condition,
/// image by image.
Json likelihood_json(const LikelihoodEvaluation& evaluation);
std::string likelihood_markdown(const LikelihoodEvaluation& evaluation);
/// Denoising loss by timestep.
Canvas draw_likelihood(const LikelihoodEvaluation& evaluation);

}  // namespace patronus
