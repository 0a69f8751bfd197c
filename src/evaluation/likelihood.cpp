#include "patronus/evaluation/likelihood.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/pixels.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/diffusion/variational_bound.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/figures/line_plot.h"
#include "patronus/io/json_text.h"
#include "patronus/metrics/bootstrap.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

/// Denoising loss at each timestep for a squared error of 1 in the image estimate: [S].
at::Tensor loss_factors(const std::vector<int64_t>& timesteps, const NoiseSchedule& schedule,
                        PredictionKind kind) {
  const auto alpha_bar = schedule.alpha_bars().index_select(0, at::tensor(timesteps));
  return (kind == PredictionKind::kNoise ? alpha_bar : at::ones_like(alpha_bar)) / (1 - alpha_bar);
}

/// Bound of a model under one condition.
class ConditionBound {
 public:
  /// `activations`: [N, P], for all images.
  ConditionBound(std::string condition, at::Device device, ConditionalDenoiser denoiser,
                 at::Tensor activations)
      : condition_(std::move(condition)),
        device_(device),
        denoiser_(std::move(denoiser)),
        activations_(std::move(activations)) {}

  /// For images first, first + 1, ..., as many as `images` has.
  VariationalBound bound(const at::Tensor& images, int64_t first, const NoiseSource& noise,
                         const NoiseSchedule& schedule, int64_t steps) const {
    const auto condition = activations_.slice(0, first, first + images.size(0)).to(device_);
    return variational_bound(denoiser_(condition, Precision::kFloat32), images, noise, schedule, steps);
  }

  /// `bound`: for all images. The loss is that of a network with output `prediction`.
  ConditionLikelihood result(const VariationalBound& bound, const NoiseSchedule& schedule,
                             PredictionKind prediction) const {
    const int64_t last = bound.terms.size(1) - 1;
    return {.condition = condition_,
            .bits = bound.bits(),
            .prior = bound.prior,
            .steps = bound.terms.slice(1, 0, last).sum(1),
            .decoder = bound.terms.select(1, last),
            .loss = bound.x0_error * loss_factors(bound.timesteps, schedule, prediction)};
  }

 private:
  std::string condition_;
  at::Device device_;
  ConditionalDenoiser denoiser_;
  at::Tensor activations_;
};

/// Rounds images to the 256 grey levels, for which the bound is defined. Resized images lie in between, and
/// beyond [-1, 1] at edges.
at::Tensor on_grey_values(const at::Tensor& images) {
  return to_pixels(images).to(at::kFloat) / 127.5 - 1;
}

/// Bounds of all images under each condition.
std::vector<VariationalBound> bounds_of(const std::vector<ConditionBound>& conditions,
                                        const TrainedModel& trained, const Dataset& test,
                                        const at::Tensor& indices, int64_t steps) {
  const auto bound = [&](int64_t first, int64_t count) {
    const auto images = on_grey_values(test.images(indices.narrow(0, first, count))).to(trained.device);
    std::vector<at::Tensor> rows;
    for (const auto& condition : conditions) {
      const auto noise = noise_per_image(image_seeds(trained.config.seed, "likelihood", first, count));
      const auto b = condition.bound(images, first, noise, trained.schedule, steps);
      rows.insert(rows.end(), {b.prior, b.terms, b.x0_error});
    }
    return rows;
  };
  const int64_t count = indices.size(0), batch = batch_size_for(trained, {}, count);
  const auto rows =
      compute_batches_across_ranks(trained.ranks, {"bounding the likelihood", "images", count, batch}, bound);
  std::vector<VariationalBound> bounds;
  const auto timesteps = step_timesteps(trained.schedule, steps, Spacing::kLogSnr);
  for (size_t i = 0; i < rows.size(); i += 3)
    bounds.push_back({timesteps, rows[i], rows[i + 1], rows[i + 2]});
  return bounds;
}

std::vector<std::string> twin_differences(const TrainedModel& trained, const TrainedModel& twin) {
  auto keys = keys_that_forbid_resuming(trained.training_config, twin.training_config);
  std::erase(keys, "model.unet.condition");
  if (trained.step != twin.step) keys.emplace_back("step");
  if (trained.weights != twin.weights) keys.emplace_back("weights");
  return keys;
}

std::vector<ConditionBound> conditions_of(TrainedModel& trained, const TrainedModel* twin,
                                          const Dataset& test, const at::Tensor& indices) {
  const auto none = at::zeros({indices.size(0), 0});
  // Shared, so that graphs are recorded once for all conditions.
  const ConditionalDenoiser denoiser = conditional_denoiser(trained);
  std::vector<ConditionBound> conditions;
  const auto add = [&](const char* name, const at::Tensor& activations) {
    conditions.emplace_back(name, trained.device, denoiser, activations);
  };
  if (!trained.model.unet->is_conditional()) {
    add("no condition", none);
    return conditions;
  }
  const auto own = encode_activations(trained.model.encoder, test, indices, trained.ranks);
  const auto others = random_derangement(indices.size(0), trained.config.seed_for("another image"));
  add("own activations", own);
  add("another image's", own.index_select(0, others));
  add("mean activations", own.mean(0, true).expand_as(own));
  if (twin != nullptr) {
    conditions.emplace_back("unconditional twin", twin->device, conditional_denoiser(*twin), none);
  }
  return conditions;
}

Estimate mean_over_images(const at::Tensor& values) {
  return mean_intervals(values.unsqueeze(1))[0];
}

std::vector<double> mean_loss(const ConditionLikelihood& c) {
  return to_vector(c.loss.mean(0));
}

Record condition_record(const ConditionLikelihood& c, const ConditionLikelihood& own) {
  const auto mean = [](const at::Tensor& values) { return values.mean().item<double>(); };
  return {{"condition", c.condition, "condition"},
          {"bits", mean_over_images(c.bits), "bound"},
          {.key = "more_than_own",
           .value = mean_over_images(c.bits - own.bits),
           .head = "more than with " + own.condition,
           .is_known = &c != &own},
          {"prior", mean(c.prior), "prior"},
          {"steps", mean(c.steps), "steps"},
          {"decoder", mean(c.decoder), "decoder"},
          shown("denoising loss, mean over the steps", format_fixed(mean(c.loss), 4))};
}

std::vector<Record> condition_records(const LikelihoodEvaluation& e) {
  return records_of(e.conditions, [&](const auto& c) { return condition_record(c, e.conditions.front()); });
}

}  // namespace

void require_twin(const TrainedModel& trained, const TrainedModel& twin) {
  const std::string name = "twin " + twin.checkpoint.string();
  if (!trained.model.unet->is_conditional()) {
    throw ConfigError(name + ": " + trained.checkpoint.string() +
                      " has no condition itself; compare a run that has");
  }
  if (twin.model.unet->is_conditional()) {
    throw ConfigError(name + ": has a condition; train one with model.unet.condition=off");
  }
  for (const auto& key : keys_that_forbid_resuming(trained.config, twin.config)) {
    const bool misfit = key == "data.size" || key == "data.channels" || key == "diffusion.timesteps" ||
                        key == "diffusion.schedule";
    if (misfit) throw ConfigError(name + ": was trained with another " + key);
  }
}

int64_t bound_steps(const LikelihoodOptions& options, const NoiseSchedule& schedule) {
  constexpr int64_t kSteps = 50;
  return options.steps.value_or(std::min(kSteps, schedule.timesteps()));
}

LikelihoodEvaluation evaluate_likelihood(TrainedModel& trained, const TrainedModel* twin, const Dataset& test,
                                         const LikelihoodOptions& options) {
  if (test.size() < 2) throw DataError("likelihood: one test image; intervals need at least two");
  LikelihoodEvaluation evaluation;
  evaluation.split = to_string(Split::kTest);
  if (twin != nullptr) {
    require_twin(trained, *twin);
    evaluation.twin = twin->checkpoint.string() + " (" + weights_text(*twin) + ")";
    evaluation.twin_differs_in = twin_differences(trained, *twin);
    if (!evaluation.twin_differs_in.empty()) {
      log_warning("the twin differs in more than its condition: " + join(evaluation.twin_differs_in));
    }
  }
  const auto indices = draw_common_indices(test.size(), options.images, "likelihood");
  const auto conditions = conditions_of(trained, twin, test, indices);
  const auto bounds = bounds_of(conditions, trained, test, indices, bound_steps(options, trained.schedule));
  evaluation.timesteps = bounds.front().timesteps;
  for (size_t i = 0; i < conditions.size(); ++i)
    evaluation.conditions.push_back(
        conditions[i].result(bounds[i], trained.schedule, trained.config.diffusion.prediction));
  return evaluation;
}

Json likelihood_json(const LikelihoodEvaluation& e) {
  const ConditionLikelihood& own = e.conditions.front();
  Json json{{"protocol",
             {{"split", e.split},
              {"images", own.bits.size(0)},
              {"steps", e.timesteps.size()},
              {"bound", "variational, of the chain of these timesteps, in bits a dimension"},
              {"precision", "fp32"},
              {"interval", "95 %, BCa bootstrap over images"},
              {"twin", e.twin.empty() ? Json() : Json(e.twin)},
              {"twin_differs_in", e.twin_differs_in}}},
            {"levels", e.timesteps},
            {"conditions", Json::array()}};
  const auto records = condition_records(e);
  for (size_t i = 0; i < records.size(); ++i) {
    Json condition = record_json(records[i]);
    condition["loss"] = mean_loss(e.conditions[i]);
    json["conditions"].push_back(condition);
  }
  return json;
}

std::string likelihood_markdown(const LikelihoodEvaluation& e) {
  const ConditionLikelihood& own = e.conditions.front();
  std::string text =
      "## Likelihood\n\nVariational bound on " + pluralize(own.bits.size(0), "image") + " of the " + e.split +
      " split, in bits a dimension (lower is better), of the chain of " + std::to_string(e.timesteps.size()) +
      " steps; mean and 95 % interval over images. With activations it is the bound given these.\n\n" +
      record_markdown(condition_records(e));
  if (!e.twin.empty()) text += "\nTwin: " + e.twin + ".\n";
  if (!e.twin_differs_in.empty()) {
    text += "\nThe twin differs in more than its condition: " + join(e.twin_differs_in) + ".\n";
  }
  return text + "\n";
}

Canvas draw_likelihood(const LikelihoodEvaluation& e) {
  LinePlot plot{.series = {},
                .title = "Denoising loss by timestep and condition",
                .x_label = "timestep t",
                .y_label = "denoising loss",
                .bands = "95 % interval",
                .log_y = true,
                .falling_x = true};
  const std::vector<double> timesteps(e.timesteps.begin(), e.timesteps.end());
  for (const auto& c : e.conditions) {
    const Estimates loss = mean_intervals(c.loss);
    plot.series.push_back({.name = c.condition,
                           .x = timesteps,
                           .y = to_vector(loss.value),
                           .low = to_vector(loss.low),
                           .high = to_vector(loss.high)});
  }
  return draw_line_plot(plot);
}

}  // namespace patronus
