#include "patronus/analysis/manipulate.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <c10/util/StringUtil.h>

#include <algorithm>

#include "analysis/edit_measures.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/quantile.h"

namespace patronus {
namespace {

bool is_of_example(const EditSweep& sweep) {
  return sweep.prototypes.empty();
}

void check_sweeps(const ManipulateOptions& options, const TrainedModel& trained) {
  if (options.sweeps.size() > 2) {
    throw ConfigError(std::to_string(options.sweeps.size()) +
                      " sweeps: a grid has rows and columns, so at most two");
  }
  std::vector<int64_t> swept;
  for (const auto& sweep : options.sweeps) {
    check_prototypes(sweep.prototypes, trained);
    if (is_of_example(sweep) && !options.direction.defined()) {
      throw ConfigError("sweep of example: there is no example; name images with --towards or --away");
    }
    if (is_of_example(sweep) && options.amount != 1) throw ConfigError("amount: the sweep sets it");
    swept.insert(swept.end(), sweep.prototypes.begin(), sweep.prototypes.end());
  }
  std::sort(swept.begin(), swept.end());
  const auto twice = std::adjacent_find(swept.begin(), swept.end());
  const bool both_of_example =
      std::count_if(options.sweeps.begin(), options.sweeps.end(), is_of_example) == 2;
  if (twice == swept.end() && !both_of_example) return;
  throw ConfigError("two sweeps of " + (both_of_example ? "example" : "prototype " + std::to_string(*twice)) +
                    ": the second would undo the first");
}

/// Throws ConfigError if setting the activation to 0 (the paper's suppression) would make it the largest
/// possible.
void check_off(const Edit& edit, ActivationKind activation) {
  if (edit.kind != Edit::Kind::kOff || activation != ActivationKind::kLinear) return;
  throw ConfigError("edit '" + edit.text + "': activations of this model are negative distances " +
                    "(model.prototypes.activation: linear), of which 0 is the largest; use =min");
}

void check_options(const ManipulateOptions& options, const TrainedModel& trained) {
  if (options.edits.empty() && !options.direction.defined() && options.sweeps.empty() &&
      options.contrasts.empty()) {
    throw ConfigError(
        "nothing to change: give --edit 12=max, --sweep 12=0:3:7, --captured, or --towards and --away");
  }
  check_sweeps(options, trained);
  const bool has_other = !options.sweeps.empty() || !options.edits.empty() || options.direction.defined();
  if (has_other && !options.contrasts.empty()) {
    throw ConfigError("--captured has variants of its own; leave out --edit, --sweep and examples");
  }
  if (options.correlated && options.direction.defined() && (options.direction != 0).all().item<bool>()) {
    throw ConfigError("correlated: the examples move all prototypes already; give --strongest");
  }
  if (options.correlated && !(*options.correlated >= 0 && *options.correlated <= 1)) {
    throw ConfigError(c10::str("correlated ", *options.correlated, ": expected 0 to 1"));
  }
  for (const auto& edit : options.edits) {
    check_prototypes(edit.prototypes, trained);
    check_off(edit, trained.config.model.prototypes.activation);
  }
  for (const auto& contrast : options.contrasts) check_prototypes({contrast.prototype}, trained);
}

/// One variant: the index of the value of each sweep, or the edit of a contrast, which is applied last.
struct Variant {
  std::string name;
  std::vector<int64_t> values{};  // [sweeps], indices
  std::optional<Edit> contrast{};
};

std::string edit_name(const ManipulateOptions& options) {
  std::vector<std::string> names;
  for (const auto& edit : options.edits) names.push_back(edit.text);
  if (options.direction.defined()) names.push_back("example x " + format_float(options.amount));
  return join(names);
}

/// Label of value `index` of a sweep: the value if all swept prototypes get the same, else the percentage of
/// the way from the first end to the last.
std::string sweep_name(const EditSweep& sweep, int64_t index, const PlausibleRange& range) {
  const bool numbers =
      sweep.from.kind == EditSweep::End::Kind::kValue && sweep.to.kind == EditSweep::End::Kind::kValue;
  if (numbers) return format_float(sweep_value(sweep, index));
  if (sweep.prototypes.size() > 1)
    return format_float(sweep_value({.to = {.value = 100}, .count = sweep.count}, index)) + " %";
  const int64_t k = sweep.prototypes.front();
  return format_fixed(
      sweep_value(sweep, index, range.minimum[k].item<double>(), range.maximum[k].item<double>()), 3);
}

std::vector<std::vector<std::string>> names_of_values(const std::vector<EditSweep>& sweeps,
                                                      const PlausibleRange& range) {
  std::vector<std::vector<std::string>> names;
  for (const auto& sweep : sweeps) {
    names.emplace_back();
    for (int64_t index = 0; index < sweep.count; ++index)
      names.back().push_back(sweep_name(sweep, index, range));
  }
  return names;
}

/// All combinations of the sweeps' values, the last sweep varying fastest. `values`: labels for each sweep.
std::vector<Variant> swept_variants(const std::vector<std::vector<std::string>>& values) {
  std::vector<Variant> variants{{.name = ""}};
  for (const auto& names : values) {
    std::vector<Variant> longer;
    for (const auto& variant : variants) {
      for (size_t index = 0; index < names.size(); ++index) {
        longer.push_back(variant);
        longer.back().name += (variant.name.empty() ? "" : ", ") + names[index];
        longer.back().values.push_back(static_cast<int64_t>(index));
      }
    }
    variants = std::move(longer);
  }
  return variants;
}

std::vector<Variant> contrast_variants(const std::vector<Contrast>& contrasts) {
  std::vector<Variant> variants;
  for (const auto& [name, prototype] : contrasts) {
    for (const char* change : {"=min", "=max"}) {
      const Edit edit = parse_edit(std::to_string(prototype) + change);
      variants.push_back({.name = name + ": " + edit.text, .contrast = edit});
    }
  }
  return variants;
}

/// Activations [N, P] that a variant requests for images with `activation` [N, P].
at::Tensor target_activation(const at::Tensor& activation, const ManipulateOptions& options,
                             const RealActivations& real, const Variant& variant) {
  auto edited = activation;
  double amount = options.amount;
  for (const auto& edit : options.edits) edited = apply_edit(edited, edit, real.range);
  for (size_t s = 0; s < options.sweeps.size(); ++s) {
    if (is_of_example(options.sweeps[s])) amount = sweep_value(options.sweeps[s], variant.values[s]);
  }
  if (options.direction.defined()) edited = edited + amount * options.direction;
  for (size_t s = 0; s < options.sweeps.size(); ++s) {
    edited = apply_sweep(edited, options.sweeps[s], variant.values[s], real.range);
  }
  if (variant.contrast) edited = apply_edit(edited, *variant.contrast, real.range);
  return options.correlated ? move_correlated(activation, edited, real.activation, *options.correlated)
                            : edited;
}

/// Warns of prototypes for which changed activations lie beyond the plausible range by more than its width.
void warn_of_implausible(const at::Tensor& original, const at::Tensor& target, const PlausibleRange& range) {
  const auto width = range.maximum - range.minimum;
  const auto outside = at::logical_or(target > range.maximum + width, target < range.minimum - width);
  const auto beyond = outside.logical_and(target != original);
  const auto prototypes = to_vector<int64_t>(beyond.flatten(0, 1).any(0).nonzero().squeeze(1));
  if (prototypes.empty()) return;
  log_warning("activations far beyond the plausible range are asked of prototypes " +
              c10::Join(", ", prototypes) + "; no image of the training was like that");
}

/// Sets the names, value labels and requested activations of all variants, and the deviations.
void set_variants(Manipulation& m, const RealActivations& real) {
  const ManipulateOptions& options = m.options;
  m.values = names_of_values(options.sweeps, real.range);
  const std::vector<Variant> variants = !options.contrasts.empty() ? contrast_variants(options.contrasts)
                                        : !options.sweeps.empty()  ? swept_variants(m.values)
                                                                   : std::vector{Variant{edit_name(options)}};
  std::vector<at::Tensor> target;
  for (const auto& variant : variants) {
    m.variants.push_back(variant.name);
    target.push_back(target_activation(m.original.activation, options, real, variant));
  }
  m.target = at::stack(target);
  m.deviation = real.deviation;
  warn_of_implausible(m.original.activation, m.target, real.range);
  log_left_out(is_measurable_change(m.target - m.original.activation, m.deviation),
               options.strength_search ? "the search and of the median gain" : "the median gain");
}

/// Sets the image, activation, strength, arrival and boxes of all variants.
void regenerate_variants(Manipulation& m, TrainedModel& trained) {
  const int64_t variants = m.target.size(0);
  const auto shape = m.target.sizes().slice(0, 2);
  const ActivationEdit edit{.x_T = m.original.x_T,
                            .activation = m.original.activation.repeat({variants, 1}),
                            .edited = m.target.flatten(0, 1),
                            .source = at::arange(shape[1]).repeat({variants})};
  RegeneratedImages regenerated;
  if (m.options.strength_search) {
    const StrengthSearchResult result =
        search_strength(trained, edit, m.deviation, m.options.regenerate, *m.options.strength_search);
    log_strength_search(result);
    regenerated = result.images;
    m.strength = result.strength.unflatten(0, shape);
    m.arrived = result.arrived.unflatten(0, shape);
  } else {
    regenerated = regenerate(trained, edit, m.options.regenerate);
    m.strength = at::full(shape, m.options.regenerate.strength);
  }
  if (!regenerated.image.isfinite().all().item<bool>())
    throw DataError("images are not finite after the edit: it asks for more than the model can follow");
  m.image = regenerated.image.unflatten(0, shape);
  m.activation = regenerated.activation.unflatten(0, shape);
  const auto raised = m.target >= m.original.activation;
  const auto patch = at::where(raised, regenerated.patch.unflatten(0, shape), m.original.patch);
  m.boxes = patch_boxes(trained.model.encoder->receptive_field(), patch, m.options.patch);
}

/// The union of the boxes of the most changed prototypes: bool [S, S].
at::Tensor box_mask(const Manipulation& m, int64_t v, int64_t i) {
  auto mask = at::zeros({m.image.size(-2), m.image.size(-1)}, at::kBool);
  for (const int64_t k : most_changed(m, v, i)) crop(mask, to_box(m.boxes[v][i][k])).fill_(true);
  return mask;
}

}  // namespace

Manipulation manipulate(TrainedModel& trained, const Dataset& images, const at::Tensor& indices,
                        const Dataset& real, const ManipulateOptions& options) {
  const c10::NoGradGuard no_grad;
  check_options(options, trained);
  const RealActivations activations = real_activations(trained, real, options.range);
  Manipulation m;
  m.options = options;
  m.original = invert_images(trained, images, indices, options.regenerate);
  log_round_trip(m.original);
  set_variants(m, activations);
  regenerate_variants(m, trained);
  return m;
}

std::vector<int64_t> most_changed(const Manipulation& m, int64_t v, int64_t i) {
  constexpr int64_t kMax = 3;
  const auto change = (m.target[v][i] - m.original.activation[i]).abs();
  const int64_t count = std::min((change > 0).sum().item<int64_t>(), kMax);
  return to_vector<int64_t>(
      change.argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true).slice(0, 0, count));
}

double median_gain(const Manipulation& m) {
  const auto before = m.original.activation.expand_as(m.target);
  const auto rows = [](const at::Tensor& all) { return all.flatten(0, 1); };
  return nan_median(edit_gain(rows(before), rows(m.target), rows(m.activation), m.deviation)).item<double>();
}

EditEffect edit_effect(const Manipulation& m, int64_t v, int64_t i) {
  const auto before = m.original.activation[i];
  const auto stays = m.target[v][i] == before;
  const auto change = m.activation[v][i] - m.original.reached[i];
  const auto squared = (m.image[v][i] - m.original.image[i]).square().sum(0);  // [S, S]
  const auto mask = box_mask(m, v, i);
  const auto number = [](const at::Tensor& value) { return value.item<double>(); };
  const double total = number(squared.sum());
  const bool none_stays = !stays.any().item<bool>(), asked = !stays.all().item<bool>();
  const auto row = [](const at::Tensor& one) { return one.unsqueeze(0); };
  return {.gain = number(edit_gain(row(before), row(m.target[v][i]), row(m.activation[v][i]), m.deviation)),
          .drift = none_stays ? kNaN : number(change.index({stays}).abs().mean()),
          .change = number((m.image[v][i] - m.original.image[i]).square().mean().sqrt()),
          .inside = total > 0 && asked ? number((squared * mask).sum()) / total : kNaN,
          .area = asked ? number(mask.to(at::kFloat).mean()) : kNaN};
}

}  // namespace patronus
