#include "patronus/evaluation/control_evaluation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "patronus/analysis/encode.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/evaluation/image_set.h"
#include "patronus/evaluation/train_judge.h"
#include "patronus/io/json_text.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/proportion.h"

namespace patronus {
namespace {

std::string protocol_of(const TrainedModel& trained, const Dataset& edited, const Dataset& real,
                        const ControlOptions& options) {
  Json protocol = measured_on(trained, edited, real);
  protocol["attributes"] = binary_attributes(real.attributes()).names;
  protocol["prototypes"] = options.prototypes;
  protocol["images"] = std::min(options.images, edited.size());
  if (options.lowers) protocol["lowers"] = true;
  add_settings(protocol, options.regenerate);
  add_settings(protocol, options.range);
  return json_line(protocol);
}

Control measured(TrainedModel& trained, const Dataset& edited, const Dataset& real,
                 const ControlOptions& options) {
  const BinaryAttributes attributes = binary_attributes(real.attributes());
  if (attributes.names.empty()) return measure_control(trained, edited, real, options);
  const uint64_t seed = trained.config.seed;
  const AttributeJudge judge = train_judge(real, attributes, trained.device, {.seed = seed}, trained.ranks);
  return measure_control(trained, edited, real, options, &judge);
}

/// The share that is in the measurement, with its interval; not known of a judge that is not believed.
Estimate appearing(const Control& control, int64_t row, int64_t attribute, bool believed) {
  const auto without = control.without[row][attribute].item<int64_t>();
  if (!believed || without == 0) return proportion(0, 0);
  const double share = control.appears[row][attribute].item<double>();
  return proportion(std::llround(share * static_cast<double>(without)), without);
}

std::vector<AttributeControl> attribute_controls(TrainedModel& trained, const Dataset& real,
                                                 const Control& control) {
  if (control.attributes.empty()) return {};
  constexpr int64_t kMostImages = 2000;
  const auto rows = draw_indices(real.size(), kMostImages, trained.config.seed_for("best prototypes"));
  const auto truth = binary_attributes(real.attributes()).values.index_select(0, rows);
  const auto activation =
      encode_activations(trained.model.encoder, real, rows).index_select(1, at::tensor(control.prototypes));
  const auto believed = is_believed(control.judge_accuracy);
  const auto [auroc, best] = auroc_of_columns(activation, truth).max(1);
  std::vector<AttributeControl> controls;
  for (int64_t a = 0; a < best.size(0); ++a) {
    const int64_t row = best[a].item<int64_t>();
    auto others = believed.clone();
    others[a] = false;
    controls.push_back({.name = control.attributes[a],
                        .judge_accuracy = control.judge_accuracy[a].item<double>(),
                        .prototype = control.prototypes[row],
                        .auroc = auroc[a].item<double>(),
                        .without = control.without[row][a].item<int64_t>(),
                        .appears = appearing(control, row, a, believed[a].item<bool>()),
                        .others = control.changes[row].index({others}).mean().item<double>()});
  }
  return controls;
}

}  // namespace

ControlEvaluation evaluate_control(TrainedModel& trained, const Dataset& edited, Split split,
                                   const Dataset& real, const ControlOptions& options,
                                   const std::filesystem::path& kept) {
  ControlEvaluation evaluation{.split = to_string(split),
                               .protocol = protocol_of(trained, edited, real, options),
                               .control = {},
                               .summary = {}};
  if (auto known = kept_control(kept, evaluation.protocol); trained.ranks.all(known.has_value())) {
    log_info("control: known from " + kept.string());
    evaluation.control = std::move(*known);
  } else {
    evaluation.control = measured(trained, edited, real, options);
    if (trained.ranks.is_first()) keep_control(kept, evaluation.control, evaluation.protocol);
  }
  evaluation.summary = summarize(evaluation.control);
  evaluation.attributes = attribute_controls(trained, real, evaluation.control);
  return evaluation;
}

}  // namespace patronus
