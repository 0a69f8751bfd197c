#include "analysis/emergence_tables.h"

#include <ATen/Functions.h>

#include <cmath>

#include "patronus/io/markdown.h"

namespace patronus {
namespace {

using Json = nlohmann::ordered_json;

/// An empty cell for a number that is not there.
std::string number_cell(const at::Tensor& value) {
  const double number = value.item<double>();
  return std::isfinite(number) ? decimal(number) : "";
}

/// Value, low and high at `index` as three cells.
void append_estimate(std::vector<std::string>& cells, const at::Tensor& value, const at::Tensor& low,
                     const at::Tensor& high) {
  for (const auto& number : {value, low, high}) cells.push_back(number_cell(number));
}

Json json_number(const at::Tensor& value) {
  const double number = value.item<double>();
  return std::isfinite(number) ? Json(number) : Json();
}

Json interval_json(const at::Tensor& value, const at::Tensor& low, const at::Tensor& high) {
  return {{"value", json_number(value)}, {"low", json_number(low)}, {"high", json_number(high)}};
}

/// "640 (600 to 680)", or "-".
std::string interval_cell(const at::Tensor& value, const at::Tensor& low, const at::Tensor& high,
                          int digits) {
  const auto text = [&](const at::Tensor& number) { return fixed(number.item<double>(), digits); };
  if (!std::isfinite(value.item<double>())) return "-";
  return text(value) + " (" + text(low) + " to " + text(high) + ")";
}

std::string share_name(int64_t i) {
  return "t" + fixed(100 * kEmergenceShares[i], 0);
}

struct PrototypeRow {
  const Emergence& e;
  int64_t row;

  int64_t prototype() const { return e.prototypes[static_cast<size_t>(row)]; }
  std::string state() const { return to_string(e.states[static_cast<size_t>(row)]); }
  bool emerges() const { return e.states[static_cast<size_t>(row)] == EmergenceState::kEmerges; }
  /// Hands value, low and high of the final difference, of a time, or of the centroid to `take`.
  template <class Take>
  auto final(const Take& take) const {
    return take(e.difference.value[row][-1], e.difference.low[row][-1], e.difference.high[row][-1]);
  }
  template <class Take>
  auto time(int64_t i, const Take& take) const {
    return take(e.time.value[row][i], e.time.low[row][i], e.time.high[row][i]);
  }
  template <class Take>
  auto decided(const Take& take) const {
    return take(e.decided.value[row], e.decided.low[row], e.decided.high[row]);
  }
  template <class Take>
  auto centroid(const Take& take) const {
    return take(e.centroid.value[row], e.centroid.low[row], e.centroid.high[row]);
  }
};

Json row_json(const PrototypeRow& p, const PrototypeNames& names) {
  Json json{{"prototype", p.prototype()},
            {"name", names.name(p.prototype())},
            {"state", p.state()},
            {"images", p.e.counted[p.row].item<double>()},
            {"asked", json_number(p.e.asked[p.row])},
            {"difference", p.final(interval_json)}};
  if (!p.emerges()) return json;
  for (int64_t i = 0; i < 3; ++i) json[share_name(i)] = p.time(i, interval_json);
  json["decided"] = p.decided(interval_json);
  json["cycles_a_side"] = p.centroid(interval_json);
  return json;
}

Json relation_json(const RankRelation& relation) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
  return {{"spearman", number(relation.spearman)},
          {"low", number(relation.low)},
          {"high", number(relation.high)},
          {"prototypes", relation.prototypes}};
}

std::string relation_text(const std::string& time, const RankRelation& relation) {
  const std::string count = std::to_string(relation.prototypes) + " prototypes that emerge";
  if (!std::isfinite(relation.spearman)) return "Too few for a rank correlation: " + count + ".";
  return "Spearman's correlation of " + time + " with the spatial frequency of the change, over the " +
         count + ": " + fixed(relation.spearman, 2) + " (" + fixed(relation.low, 2) + " to " +
         fixed(relation.high, 2) + "). " +
         (relation.high < 0  ? "Coarse changes come first."
          : relation.low > 0 ? "Fine changes come first."
                             : "No relation is shown.");
}

/// The t at which the loss with another image's activations is largest against that with the own ones.
std::string condition_text(const Emergence& e) {
  const int64_t most = e.cost.value.select(1, 0).argmax().item<int64_t>();
  const auto used = e.cost.low.select(1, 0) > 1;
  return "Another image's activations raise the denoising loss most at t = " +
         std::to_string(e.levels[static_cast<size_t>(most)]) + ", by a factor of " +
         interval_cell(e.cost.value[most][0], e.cost.low[most][0], e.cost.high[most][0], 2) +
         "; the interval lies above 1 at " + std::to_string(used.sum().item<int64_t>()) + " of " +
         std::to_string(e.levels.size()) + " levels.";
}

}  // namespace

Table curve_table(const Emergence& e, const PrototypeNames& names) {
  Table table{
      {"prototype", "name", "timestep", "mean", "sd", "low", "high", "share", "share_low", "share_high"}, {}};
  for (const int64_t row : e.order) {
    const int64_t k = e.prototypes[static_cast<size_t>(row)];
    for (size_t s = 0; s < e.levels.size(); ++s) {
      const auto at_step = [&](const at::Tensor& all) { return all[row][static_cast<int64_t>(s)]; };
      table.rows.push_back({std::to_string(k), names.name(k), std::to_string(e.levels[s])});
      auto& cells = table.rows.back();
      for (const auto& numbers : {e.difference.value, e.deviation, e.difference.low, e.difference.high}) {
        cells.push_back(number_cell(at_step(numbers)));
      }
      append_estimate(cells, at_step(e.share.value), at_step(e.share.low), at_step(e.share.high));
    }
  }
  return table;
}

Table late_table(const Emergence& e, const PrototypeNames& names) {
  Table table{{"prototype", "name", "start", "share", "share_low", "share_high"}, {}};
  for (const int64_t row : e.order) {
    const int64_t k = e.prototypes[static_cast<size_t>(row)];
    for (size_t s = 0; s < e.starts.size(); ++s) {
      const auto at_start = [&](const at::Tensor& all) { return all[row][static_cast<int64_t>(s)]; };
      table.rows.push_back({std::to_string(k), names.name(k), std::to_string(e.starts[s])});
      append_estimate(table.rows.back(), at_start(e.late.value), at_start(e.late.low), at_start(e.late.high));
    }
  }
  return table;
}

Table emergence_table(const Emergence& e, const PrototypeNames& names) {
  Table table{
      {"prototype", "name", "state", "images", "asked", "difference", "difference_low", "difference_high"},
      {}};
  for (int64_t i = 0; i < 3; ++i) {
    for (const char* bound : {"", "_low", "_high"}) table.columns.push_back(share_name(i) + bound);
  }
  for (const char* name : {"decided", "cycles_a_side"}) {
    for (const char* bound : {"", "_low", "_high"}) table.columns.push_back(std::string(name) + bound);
  }
  for (const int64_t row : e.order) {
    const PrototypeRow p{e, row};
    table.rows.push_back({std::to_string(p.prototype()), names.name(p.prototype()), p.state(),
                          decimal(e.counted[row].item<double>()), number_cell(e.asked[row])});
    auto& cells = table.rows.back();
    const auto append = [&](const auto&... numbers) { append_estimate(cells, numbers...); };
    p.final(append);
    if (!p.emerges()) {
      cells.resize(table.columns.size());
      continue;
    }
    for (int64_t i = 0; i < 3; ++i) p.time(i, append);
    p.decided(append);
    p.centroid(append);
  }
  return table;
}

Table condition_table(const Emergence& e) {
  Table table{{"timestep"}, {}};
  for (const char* name : {"loss_own", "loss_shuffled", "loss_mean", "shuffled_over_own", "mean_over_own"}) {
    for (const char* bound : {"", "_low", "_high"}) table.columns.push_back(std::string(name) + bound);
  }
  for (size_t s = 0; s < e.levels.size(); ++s) {
    table.rows.push_back({std::to_string(e.levels[s])});
    for (const auto* estimate : {&e.loss, &e.cost}) {
      for (int64_t i = 0; i < estimate->value.size(1); ++i) {
        const auto cell = [&](const at::Tensor& all) { return all[static_cast<int64_t>(s)][i]; };
        append_estimate(table.rows.back(), cell(estimate->value), cell(estimate->low), cell(estimate->high));
      }
    }
  }
  return table;
}

Json emergence_json(const Emergence& e, const PrototypeNames& names) {
  Json json{{"timesteps", e.levels},
            {"starts", e.starts},
            {"t50_and_frequency", relation_json(e.frequency)},
            {"decided_and_frequency", relation_json(e.decision)}};
  json["prototypes"] = Json::array();
  for (const int64_t row : e.order) json["prototypes"].push_back(row_json({e, row}, names));
  return json;
}

std::string emergence_markdown(const Emergence& e, const PrototypeNames& names) {
  std::string text =
      "# When prototypes emerge\n\nEvery prototype raised to its plausible maximum in " +
      std::to_string(e.images) +
      " images; t at which a tenth, half and nine tenths of the final difference of its "
      "activation in the estimated clean image are there to stay, and t at which it is decided: of "
      "an edit that begins later, more than half is lost. With 95 % intervals.\n\n" +
      markdown_head({"prototype", "t10", "t50", "t90", "decided", "difference at the end", "asked", "images",
                     "cycles a side", "state"});
  for (const int64_t row : e.order) {
    const PrototypeRow p{e, row};
    const auto whole = [](const auto&... numbers) { return interval_cell(numbers..., 0); };
    const auto fine = [](const auto&... numbers) { return interval_cell(numbers..., 2); };
    const auto time = [&](int64_t i) { return p.emerges() ? p.time(i, whole) : "-"; };
    text += markdown_line({names.label(p.prototype()), time(0), time(1), time(2),
                           p.emerges() ? p.decided(whole) : "-", p.final(fine),
                           fixed(e.asked[row].item<double>(), 2), decimal(e.counted[row].item<double>()),
                           p.emerges() ? p.centroid(fine) : "-", p.state()});
  }
  return text + "\n" + relation_text("t50", e.frequency) + "\n\n" +
         relation_text("the t of decision", e.decision) + "\n\n" + condition_text(e) + "\n";
}

}  // namespace patronus
