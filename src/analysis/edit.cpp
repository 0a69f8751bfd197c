#include "patronus/analysis/edit.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/parse_number.h"
#include "patronus/core/text.h"
#include "patronus/metrics/correlation.h"

namespace patronus {
namespace {

/// Parses "3,7,red hat" into distinct prototypes; nothing if a part is neither a number nor a name.
std::optional<std::vector<int64_t>> prototypes_in(std::string_view text, const PrototypeNames& names) {
  std::vector<int64_t> prototypes;
  for (const auto written : split(text, ',')) {
    const auto part = trim(written);
    const auto number = parse_number<int64_t>(part);
    const auto called = number && *number >= 0 ? std::vector{*number} : names.prototypes_named(part);
    if (called.empty()) return std::nullopt;
    for (const int64_t k : called) {
      if (!contains(prototypes, k)) prototypes.push_back(k);
    }
  }
  return prototypes;
}

/// "; or by a name: red hat, brim", for messages; empty without names.
std::string or_names(const PrototypeNames& names) {
  const auto all = names.all();
  return all.empty() ? "" : "; or by a name: " + join(all);
}

/// Parses the part of an edit after the prototypes ("=max", "x1.5", ...); leaves `prototypes` empty.
std::optional<Edit> change_in(std::string_view text) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  const auto edit = [](Edit::Kind kind, double value) { return Edit{.kind = kind, .value = value}; };
  const char sign = text.front();
  const auto to = trim(text.substr(1));
  if (sign == '=' && to == "max") return edit(Edit::Kind::kMaximum, 0);
  if (sign == '=' && to == "min") return edit(Edit::Kind::kMinimum, 0);
  if (sign == '=' && to == "off") return edit(Edit::Kind::kOff, 0);
  const auto value = parse_number<double>(to);
  if (!value) return std::nullopt;
  if ((sign == '+' || sign == '-') && to.starts_with('-')) return std::nullopt;  // 12+-0.3: two signs
  if (sign == '=') return edit(Edit::Kind::kSet, *value);
  if (sign == 'x') return edit(Edit::Kind::kScale, *value);
  if (sign == '+') return edit(Edit::Kind::kAdd, *value);
  if (sign == '-') return edit(Edit::Kind::kAdd, -*value);
  return std::nullopt;
}

std::optional<EditSweep::End> end_in(std::string_view text) {
  text = trim(text);
  if (text == "min") return EditSweep::End{.kind = EditSweep::End::Kind::kMinimum};
  if (text == "max") return EditSweep::End{.kind = EditSweep::End::Kind::kMaximum};
  const auto value = parse_number<double>(text);
  if (!value) return std::nullopt;
  return EditSweep::End{.value = *value};
}

/// Parses "0:3:7" into a sweep without prototypes; nothing if it is malformed.
std::optional<EditSweep> values_in(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() != 3) return std::nullopt;
  const auto from = end_in(parts[0]), to = end_in(parts[1]);
  const auto count = parse_number<int64_t>(trim(parts[2]));
  if (!from || !to || !count) return std::nullopt;
  return EditSweep{.from = *from, .to = *to, .count = *count};
}

double end_value(const EditSweep::End& end, double minimum, double maximum) {
  return end.kind == EditSweep::End::Kind::kMinimum   ? minimum
         : end.kind == EditSweep::End::Kind::kMaximum ? maximum
                                                      : end.value;
}

}  // namespace

Edit parse_edit(const std::string& text, const PrototypeNames& names) {
  // Tries every position, because a name may contain characters with which changes begin.
  for (size_t end = 1; end < text.size(); ++end) {
    auto edit = change_in(std::string_view(text).substr(end));
    const auto prototypes = edit ? prototypes_in(std::string_view(text).substr(0, end), names) : std::nullopt;
    if (!prototypes) continue;
    edit->prototypes = *prototypes;
    edit->text = text;
    return *edit;
  }
  throw ConfigError("edit '" + text +
                    "': expected as 12=max, 12=min, 12=0.8, 12=off, 12x1.5, 12+0.3, 12-0.3 or 3,7,12=max" +
                    or_names(names));
}

at::Tensor apply_edit(const at::Tensor& activation, const Edit& edit, const PlausibleRange& range) {
  check_prototypes(edit.prototypes, activation.size(1));
  auto edited = activation.clone();
  for (const int64_t k : edit.prototypes) {
    auto column = edited.select(1, k);
    switch (edit.kind) {
      case Edit::Kind::kSet:
        column.fill_(edit.value);
        break;
      case Edit::Kind::kOff:
        column.fill_(0);
        break;
      case Edit::Kind::kScale:
        column.mul_(edit.value);
        break;
      case Edit::Kind::kAdd:
        column.add_(edit.value);
        break;
      case Edit::Kind::kMinimum:
        column.copy_(at::minimum(column, range.minimum[k]));
        break;
      case Edit::Kind::kMaximum:
        column.copy_(at::maximum(column, range.maximum[k]));
        break;
    }
  }
  return edited;
}

EditSweep parse_sweep(const std::string& text, const PrototypeNames& names) {
  const size_t equals = std::min(text.rfind('='), text.size());
  const std::string_view target = trim(std::string_view(text).substr(0, equals));
  const bool example = target == "example";
  const auto prototypes = example ? std::vector<int64_t>{} : prototypes_in(target, names);
  auto sweep = values_in(std::string_view(text).substr(std::min(equals + 1, text.size())));
  const auto is_number = [](const EditSweep::End& end) { return end.kind == EditSweep::End::Kind::kValue; };
  if (!prototypes || !sweep || (example && !(is_number(sweep->from) && is_number(sweep->to)))) {
    throw ConfigError("sweep '" + text + "': expected as 12=min:max:7, 12=0:3:7 or example=0:2:5" +
                      or_names(names));
  }
  if (sweep->count < 2) {
    throw ConfigError("sweep '" + text +
                      "': expected at least 2 values, as in 12=0:3:7; one value is set by --edit 12=3");
  }
  sweep->prototypes = *prototypes;
  sweep->text = text;
  return *sweep;
}

double sweep_value(const EditSweep& sweep, int64_t index, double minimum, double maximum) {
  return std::lerp(end_value(sweep.from, minimum, maximum), end_value(sweep.to, minimum, maximum),
                   static_cast<double>(index) / static_cast<double>(sweep.count - 1));
}

at::Tensor apply_sweep(const at::Tensor& activation, const EditSweep& sweep, int64_t index,
                       const PlausibleRange& range) {
  check_prototypes(sweep.prototypes, activation.size(1));
  const auto limit = [](const at::Tensor& limits, int64_t k) {
    return limits.defined() ? limits[k].item<double>() : 0.0;
  };
  auto edited = activation.clone();
  for (const int64_t k : sweep.prototypes) {
    edited.select(1, k).fill_(sweep_value(sweep, index, limit(range.minimum, k), limit(range.maximum, k)));
  }
  return edited;
}

at::Tensor move_correlated(const at::Tensor& activation, const at::Tensor& edited,
                           const at::Tensor& population, double least) {
  const auto correlation = correlations(population);  // [P, P]
  const auto deviation = population.to(at::kDouble).std(0);
  std::vector<at::Tensor> followed;
  for (int64_t i = 0; i < edited.size(0); ++i) {
    const auto change = edited[i] - activation[i];  // [P]
    const auto changed = change != 0;
    // [follower, leader]; 0 for a leader that is not edited.
    const auto r = at::where(changed.unsqueeze(0), correlation, 0.0);
    const auto [strength, leader] = r.abs().max(1);
    const auto slope = r.gather(1, leader.unsqueeze(1)).squeeze(1) * deviation /
                       deviation.index_select(0, leader).clamp_min(1e-12);
    const auto follows = changed.logical_not().logical_and(strength >= least).logical_and(strength > 0);
    const auto moved = edited[i] + slope * change.index_select(0, leader);
    followed.push_back(at::where(follows, moved.to(edited.scalar_type()), edited[i]));
  }
  return at::stack(followed);
}

std::vector<int64_t> parse_prototypes(const std::string& text, const PrototypeNames& names) {
  if (text == "all") return {};
  if (const auto prototypes = prototypes_in(text, names)) return *prototypes;
  throw ConfigError("prototypes '" + text + "': expected numbers, as 0,3,7, or all" + or_names(names));
}

std::vector<int64_t> chosen_prototypes(const std::vector<int64_t>& requested, int64_t count) {
  if (requested.empty()) {
    std::vector<int64_t> all(static_cast<size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  check_prototypes(requested, count);
  return requested;
}

void check_prototypes(const std::vector<int64_t>& prototypes, int64_t count) {
  for (const int64_t k : prototypes) {
    if (k >= 0 && k < count) continue;
    throw ConfigError("prototype " + std::to_string(k) + ": the model has " + std::to_string(count) +
                      ", numbered from 0 to " + std::to_string(count - 1));
  }
}

void check_prototypes(const std::vector<int64_t>& prototypes, const TrainedModel& trained) {
  check_prototypes(prototypes, trained.config.model.prototypes.count);
  for (const int64_t k : prototypes) {
    if (!contains(trained.disabled, k)) continue;
    throw ConfigError("prototype " + std::to_string(k) +
                      " is disabled: it stays at its mean, whatever is asked");
  }
}

}  // namespace patronus
