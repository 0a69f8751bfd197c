#include "patronus/evaluation/likelihood.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "patronus/analysis/encode.h"
#include "patronus/analysis/result_numbers.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/progress.h"
#include "patronus/core/random.h"
#include "patronus/diffusion/variational_bound.h"
#include "patronus/io/density.h"
#include "patronus/io/markdown.h"
#include "patronus/io/plot.h"
#include "patronus/io/table.h"
#include "patronus/metrics/bootstrap.h"

namespace patronus {
namespace {

using Json = nlohmann::ordered_json;

/// What the denoising loss of each level is for an error of 1 in the image estimate: [S].
at::Tensor loss_factors(const std::vector<int64_t>& levels, const Schedule& schedule, PredictionKind kind) {
  const auto alpha_bar = schedule.alpha_bars().index_select(0, at::tensor(levels));
  return (kind == PredictionKind::kNoise ? alpha_bar : at::ones_like(alpha_bar)) / (1 - alpha_bar);
}

/// A model under one condition, and the bounds of batch after batch.
class ConditionBound {
 public:
  /// `activations`: [N, P], of all images.
  ConditionBound(std::string condition, const TrainedModel& trained, at::Tensor activations)
      : condition_(std::move(condition)),
        prediction_(trained.config.diffusion.prediction),
        device_(trained.device),
        denoiser_(conditional_denoiser(trained)),
        activations_(std::move(activations)) {}

  /// Takes in images first, first + 1, ..., as many as `images` has.
  void add(const at::Tensor& images, int64_t first, const NoiseSource& noise, const Schedule& schedule,
           int64_t steps) {
    const auto condition = activations_.slice(0, first, first + images.size(0)).to(device_);
    bounds_.push_back(
        variational_bound(denoiser_(condition, Precision::kFloat32), images, noise, schedule, steps));
  }

  const std::vector<int64_t>& levels() const { return bounds_.front().levels; }

  ConditionLikelihood result(const Schedule& schedule) const {
    const auto all = [&](at::Tensor VariationalBound::*part) {
      std::vector<at::Tensor> parts;
      for (const auto& bound : bounds_) parts.push_back(bound.*part);
      return at::cat(parts);
    };
    const auto prior = all(&VariationalBound::prior), terms = all(&VariationalBound::terms);
    const int64_t last = terms.size(1) - 1;
    return {.condition = condition_,
            .bits = prior + terms.sum(1),
            .prior = prior,
            .steps = terms.slice(1, 0, last).sum(1),
            .decoder = terms.select(1, last),
            .loss = all(&VariationalBound::x0_error) * loss_factors(levels(), schedule, prediction_)};
  }

 private:
  std::string condition_;
  PredictionKind prediction_;
  at::Device device_;
  ConditionalDenoiser denoiser_;
  at::Tensor activations_;
  std::vector<VariationalBound> bounds_;
};

std::vector<std::string> twin_differences(const TrainedModel& trained, const TrainedModel& twin) {
  auto keys = keys_that_forbid_resuming(trained.config, twin.config);
  std::erase(keys, "model.unet.condition");
  if (trained.step != twin.step) keys.emplace_back("step");
  if (trained.weights != twin.weights) keys.emplace_back("weights");
  return keys;
}

std::vector<ConditionBound> conditions_of(TrainedModel& trained, const TrainedModel* twin,
                                          const Dataset& test, const at::Tensor& indices) {
  const auto none = at::zeros({indices.size(0), 0});
  std::vector<ConditionBound> conditions;
  if (!trained.model.unet->is_conditional()) {
    conditions.emplace_back("no condition", trained, none);
    return conditions;
  }
  const auto own = encode_activations(trained.model.encoder, test, indices);
  conditions.emplace_back("own activations", trained, own);
  conditions.emplace_back("another image's", trained, own.roll(1, 0));
  conditions.emplace_back("mean activations", trained, own.mean(0, true).expand_as(own));
  if (twin != nullptr) conditions.emplace_back("unconditional twin", *twin, none);
  return conditions;
}

Estimate mean_over_images(const at::Tensor& values) {
  return bca_interval(values.size(0), column_means(values.unsqueeze(1)))[0];
}

std::vector<double> mean_loss(const ConditionLikelihood& c) {
  return numbers(c.loss.mean(0));
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

LikelihoodEvaluation evaluate_likelihood(TrainedModel& trained, const TrainedModel* twin, const Dataset& test,
                                         const LikelihoodOptions& options) {
  constexpr int64_t kBatch = 64;
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
  const auto seed = static_cast<uint64_t>(trained.config.seed);
  const auto indices = draw_indices(test.size(), options.images, derive_seed(seed, "likelihood"));
  auto conditions = conditions_of(trained, twin, test, indices);
  Progress progress("bounding the likelihood", indices.size(0), "images");
  for (int64_t first = 0; first < indices.size(0); first += kBatch) {
    const auto images = test.images(indices.slice(0, first, first + kBatch)).to(trained.device);
    for (auto& condition : conditions) {
      const auto noise = noise_per_image(image_seeds(seed, "likelihood", first, images.size(0)));
      condition.add(images, first, noise, trained.schedule, options.steps);
    }
    progress.advance(images.size(0));
  }
  evaluation.levels = conditions.front().levels();
  for (const auto& condition : conditions)
    evaluation.conditions.push_back(condition.result(trained.schedule));
  return evaluation;
}

Json likelihood_json(const LikelihoodEvaluation& e) {
  const ConditionLikelihood& own = e.conditions.front();
  Json json{{"protocol",
             {{"split", e.split},
              {"images", own.bits.size(0)},
              {"steps", e.levels.size()},
              {"bound", "variational, of the chain of these levels, in bits a dimension"},
              {"precision", "fp32"},
              {"interval", "95 %, BCa bootstrap over images"},
              {"twin", e.twin.empty() ? Json() : Json(e.twin)},
              {"twin_differs_in", e.twin_differs_in}}},
            {"levels", e.levels},
            {"conditions", Json::array()}};
  for (const auto& c : e.conditions) {
    Json one{{"condition", c.condition}, {"bits", estimate_json(mean_over_images(c.bits))}};
    if (&c != &own) one["more_than_own"] = estimate_json(mean_over_images(c.bits - own.bits));
    one["prior"] = c.prior.mean().item<double>();
    one["steps"] = c.steps.mean().item<double>();
    one["decoder"] = c.decoder.mean().item<double>();
    one["loss"] = mean_loss(c);
    json["conditions"].push_back(one);
  }
  return json;
}

std::string likelihood_markdown(const LikelihoodEvaluation& e) {
  const ConditionLikelihood& own = e.conditions.front();
  std::string text =
      "## Likelihood\n\nVariational bound on " + std::to_string(own.bits.size(0)) + " images of the " +
      e.split + " split, in bits a dimension (lower is better), of the chain of " +
      std::to_string(e.levels.size()) +
      " steps; mean and 95 % interval over images. With activations it is the bound given these.\n\n" +
      markdown_head({"condition", "bound", "more than with " + own.condition, "prior", "steps", "decoder",
                     "denoising loss"});
  const auto mean = [](const at::Tensor& values) { return fixed(values.mean().item<double>(), 3); };
  for (const auto& c : e.conditions) {
    text +=
        markdown_line({c.condition, estimate_text(mean_over_images(c.bits), 3),
                       &c == &own ? "" : estimate_text(mean_over_images(c.bits - own.bits), 3), mean(c.prior),
                       mean(c.steps), mean(c.decoder), fixed(c.loss.mean().item<double>(), 4)});
  }
  if (!e.twin.empty()) text += "\nTwin: " + e.twin + ".\n";
  if (!e.twin_differs_in.empty()) {
    text += "\nThe twin differs in more than its condition: " + join(e.twin_differs_in) + ".\n";
  }
  return text + "\n";
}

Canvas draw_likelihood(const LikelihoodEvaluation& e) {
  LinePlot plot{.series = {},
                .title = "Denoising loss by timestep, with and without the condition",
                .x_label = "timestep t",
                .y_label = "denoising loss",
                .log_y = true};
  const std::vector<double> levels(e.levels.begin(), e.levels.end());
  for (const auto& c : e.conditions)
    plot.series.push_back({.name = c.condition, .x = levels, .y = mean_loss(c)});
  return draw_line_plot(plot);
}

}  // namespace patronus
