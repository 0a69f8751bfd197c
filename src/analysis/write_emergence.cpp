#include "patronus/analysis/emergence.h"

#include <ATen/Functions.h>
#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <map>

#include "analysis/draw_emergence.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/text.h"
#include "patronus/figures/figure.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

/// Results for the prototype in `row`: state, number of images and final difference; if it emerges, also
/// times and spatial frequency.
Record prototype_record(const Emergence& e, int64_t row, const PrototypeNames& names) {
  const int64_t k = e.prototypes[row];
  const EmergenceState state = e.states[row];
  const Estimates times = e.time.row(row);
  const Record when =
      known_if(state == EmergenceState::kEmerges, {{"t10", times[0], "t10", 0},
                                                   {"t50", times[1], "t50", 0},
                                                   {"t90", times[2], "t90", 0},
                                                   {"decided", e.decided[row], "decided", 0},
                                                   {"cycles_a_side", e.centroid[row], "cycles a side", 2}});
  const Record what{{"prototype", k},
                    {"name", names.name(k)},
                    shown("prototype", names.label(k)),
                    {"state", to_string(state), "state"},
                    {"images", e.counted[row].item<double>(), "images", 0},
                    {"asked", e.target_change[row].item<double>(), "asked", 2},
                    {"difference", e.difference.row(row)[-1], "difference at the end", 2}};
  return concat(what, when);
}

/// Records of all prototypes in display order.
std::vector<Record> prototype_records(const Emergence& e, const PrototypeNames& names) {
  std::vector<Record> records;
  for (const int64_t row : e.order) records.push_back(prototype_record(e, row, names));
  return records;
}

Record relation_record(const RankCorrelation& relation) {
  return {{"spearman", relation.spearman.value},
          {"low", relation.spearman.low},
          {"high", relation.spearman.high},
          {"prototypes", relation.prototypes}};
}

/// Sentence about the rank correlation between a time and the spatial frequency of the change.
std::string frequency_text(const std::string& time, const RankCorrelation& relation) {
  const Estimate& spearman = relation.spearman;
  const std::string text = "Rank correlation of " + time +
                           " with the spatial frequency of the change, over the prototypes that emerge. " +
                           rank_correlation_text(relation) + ".";
  if (!std::isfinite(spearman.value)) return text;
  return text + (spearman.high < 0  ? " In this model coarse changes come first."
                 : spearman.low > 0 ? " In this model fine changes come first."
                                    : " No relation is shown.");
}

/// Sentence about the t at which another image's activations increase the denoising loss by the largest
/// factor.
std::string condition_text(const Emergence& e) {
  const int64_t most = e.cost.value.select(1, 0).argmax().item<int64_t>();
  const auto low = e.cost.low.select(1, 0);
  const std::string used = low.isnan().all().item<bool>()
                               ? "too few images for an interval."
                               : "the interval lies above 1 at " +
                                     std::to_string((low > 1).sum().item<int64_t>()) + " of " +
                                     std::to_string(e.timesteps.size()) + " timesteps.";
  return "Another image's activations raise the denoising loss most at t = " +
         std::to_string(e.timesteps[most]) + ", by a factor of " + estimate_text(e.cost.row(most)[0], 2) +
         "; " + used;
}

/// One row per prototype and step.
Table curve_table(const Emergence& e, const PrototypeNames& names) {
  std::vector<Record> rows;
  for (const int64_t row : e.order) {
    const int64_t k = e.prototypes[row];
    const Estimates differences = e.difference.row(row), shares = e.share.row(row);
    for (int64_t step = 0; step < std::ssize(e.timesteps); ++step) {
      const Estimate difference = differences[step];
      rows.push_back({{"prototype", k},
                      {"name", names.name(k)},
                      {"timestep", e.timesteps[step]},
                      {"mean", difference.value},
                      {"sd", e.deviation[row][step].item<double>()},
                      {"low", difference.low},
                      {"high", difference.high},
                      {"share", shares[step]}});
    }
  }
  return record_table(rows);
}

/// One row per prototype and start of the edit, with the share of the final difference that it reaches.
Table late_table(const Emergence& e, const PrototypeNames& names) {
  std::vector<Record> rows;
  for (const int64_t row : e.order) {
    const int64_t k = e.prototypes[row];
    const Estimates shares = e.late.row(row);
    for (int64_t s = 0; s < std::ssize(e.starts); ++s) {
      rows.push_back(
          {{"prototype", k}, {"name", names.name(k)}, {"start", e.starts[s]}, {"share", shares[s]}});
    }
  }
  return record_table(rows);
}

/// One row per step: losses under own, another image's and mean activations, and the ratios of the latter two
/// to the first.
Table condition_table(const Emergence& e) {
  std::vector<Record> rows;
  for (int64_t s = 0; s < std::ssize(e.timesteps); ++s) {
    const Estimates loss = e.loss.row(s), cost = e.cost.row(s);
    rows.push_back({{"timestep", e.timesteps[s]},
                    {"loss_own", loss[0]},
                    {"loss_shuffled", loss[1]},
                    {"loss_mean", loss[2]},
                    {"shuffled_over_own", cost[0]},
                    {"mean_over_own", cost[1]}});
  }
  return record_table(rows);
}

/// Everything but the curves and losses.
Json emergence_json(const Emergence& e, const PrototypeNames& names) {
  return {{"timesteps", e.timesteps},
          {"starts", e.starts},
          {"t50_and_frequency", record_json(relation_record(e.frequency))},
          {"decided_and_frequency", record_json(relation_record(e.decision))},
          {"prototypes", records_json(prototype_records(e, names))}};
}

/// The timesteps at which edits began: "999, 791, 582".
std::string starts_text(const Emergence& e) {
  std::vector<std::string> starts;
  for (const int64_t t : e.starts) {
    if (t >= 0) starts.push_back(std::to_string(t));
  }
  return join(starts);
}

/// The results as text and tables.
std::string emergence_markdown(const Emergence& e, const PrototypeNames& names) {
  return "# When prototypes emerge\n\nEvery prototype raised to its plausible maximum in " +
         std::to_string(e.images) +
         " images; t at which a tenth, half and nine tenths of the final difference of its "
         "activation in the estimated clean image are there to stay, and t at which it is decided: of "
         "an edit that begins later, more than half is lost. With 95 % intervals over images. The t of "
         "decision is read off a straight line between the starts, t = " +
         starts_text(e) + "; what the curve does between them only more of them (--starts) can tell. " +
         states_text(e) + ".\n\n" + record_markdown(prototype_records(e, names)) + "\n" +
         frequency_text("t50", e.frequency) + "\n\n" + frequency_text("the t of decision", e.decision) +
         "\n\n" + condition_text(e) + "\n";
}

Json emergence_settings(const TrainedModel& trained, const EmergenceOptions& options, int64_t images) {
  Json json = model_json(trained);
  json["images"] = images;
  add_settings(json, options.regenerate);
  add_settings(json, options.range);
  return json;
}

}  // namespace

std::string states_text(const Emergence& e) {
  std::map<EmergenceState, int64_t> counts;
  for (const auto state : e.states) ++counts[state];
  std::vector<std::string> others;
  for (const auto& [state, count] : counts) {
    if (state != EmergenceState::kEmerges) others.push_back(to_string(state) + ": " + std::to_string(count));
  }
  return std::to_string(counts[EmergenceState::kEmerges]) + " of " + std::to_string(e.states.size()) +
         " prototypes emerge" + (others.empty() ? "" : "; " + join(others));
}

void write_emergence(const std::filesystem::path& folder, const TrainedModel& trained, const Emergence& e,
                     const EmergenceStrips& strips, const EmergenceOptions& options) {
  const PrototypeNames& names = trained.names;
  const auto& formats = trained.config.runtime.figures;
  for (size_t i = 0; i < strips.rows.size(); ++i) {
    const int64_t prototype = e.prototypes[strips.rows[i]];
    write_figure(folder / ("strip-" + zero_padded(prototype, 3)),
                 draw_strip(e, strips, static_cast<int64_t>(i), names), formats);
  }
  write_figure(folder / "difference", draw_difference(e, names), formats);
  write_figure(folder / "emergence", draw_emergence(e, names), formats);
  write_figure(folder / "decided", draw_decided(e, names), formats);
  write_figure(folder / "frequency", draw_frequency(e, names), formats);
  write_figure(folder / "condition", draw_condition_use(e), formats);
  write_csv(folder / "emergence.csv", curve_table(e, names));
  write_csv(folder / "decided.csv", late_table(e, names));
  write_csv(folder / "prototypes.csv", record_table(prototype_records(e, names)));
  write_csv(folder / "condition.csv", condition_table(e));
  auto json = emergence_settings(trained, options, e.images);
  json.update(emergence_json(e, names));
  write_file(folder / "emergence.json", json_text(json));
  write_file(folder / "emergence.md", emergence_markdown(e, names));
}

}  // namespace patronus
