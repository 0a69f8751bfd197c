#include "patronus/diagnosis/suspects.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <functional>

#include "patronus/analysis/edit.h"
#include "patronus/analysis/grid_rows.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/correlation.h"
#include "patronus/models/receptive_field.h"

namespace patronus {
namespace {

/// AUROC of every prototype for an attribute, over the images at `rows` in which it is known: float64 [P].
at::Tensor aurocs(const EncodedImages& encoded, size_t attribute, const at::Tensor& rows) {
  const auto values = encoded.images.values(static_cast<int64_t>(attribute), rows);
  const auto activation = encoded.activations.trained.index_select(0, rows);
  return auroc_of_columns(activation, values.unsqueeze(1))[0];
}

/// Adds the prototypes that best predict an attribute's presence and its absence, except those already in
/// `suspects`. `chosen`: its `aurocs` on the choosing half.
void add_suspects(std::vector<Suspect>& suspects, const at::Tensor& chosen) {
  for (const auto& best : {chosen.argmax(), chosen.argmin()}) {
    const auto k = best.item<int64_t>();
    if (std::ranges::find(suspects, k, &Suspect::prototype) == suspects.end())
      suspects.push_back({.prototype = k});
  }
}

/// Names an attribute, or its absence, for every suspect that is the best for it, or tells it with an
/// interval above `least_auroc`.
void name_attribute(std::vector<Suspect>& suspects, const EncodedImages& encoded, size_t attribute,
                    const at::Tensor& chosen, double least_auroc) {
  const auto reported = aurocs(encoded, attribute, encoded.halves.report);
  const auto values = encoded.images.values(static_cast<int64_t>(attribute), encoded.halves.report);
  const auto with = (values == 1).sum().item<int64_t>(), without = (values == 0).sum().item<int64_t>();
  const auto highest = chosen.argmax().item<int64_t>(), lowest = chosen.argmin().item<int64_t>();
  for (auto& suspect : suspects) {
    const int64_t k = suspect.prototype;
    const bool rises = k == highest || (k != lowest && chosen[k].item<double>() > 0.5);
    const double positive = reported[k].item<double>(), auroc = rises ? positive : 1 - positive;
    const bool tells_well =
        with > 0 && without > 0 && auroc_interval(auroc, with, without).low >= least_auroc;
    if (tells_well || k == highest || k == lowest)
      suspect.tells.push_back({(rises ? "" : "not ") + encoded.attributes[attribute].name, auroc});
  }
}

std::vector<Suspect> find_suspects(const EncodedImages& encoded, const TiedAttributes& tied) {
  std::vector<Suspect> suspects;
  const auto chosen = [&](size_t attribute) { return aurocs(encoded, attribute, encoded.halves.choose); };
  const auto target = chosen(tied.target), source = chosen(tied.source);
  add_suspects(suspects, target);
  add_suspects(suspects, source);
  name_attribute(suspects, encoded, tied.target, target, tied.least_auroc);
  name_attribute(suspects, encoded, tied.source, source, tied.least_auroc);
  for (auto& suspect : suspects)
    std::ranges::stable_sort(suspect.tells, std::ranges::greater(), &Told::auroc);
  const auto ranks = spearman(encoded.activations.trained.index_select(0, encoded.halves.report));
  for (auto& suspect : suspects) {
    suspect.spearman = ranks[suspects.front().prototype][suspect.prototype].item<double>();
  }
  return suspects;
}

/// The first few of `rows`; if there is an attribute to balance, alternately with and without it.
at::Tensor alternating(const EncodedImages& encoded, const TiedAttributes& tied, const at::Tensor& rows) {
  constexpr int64_t kImages = 4;
  if (!tied.balance) return rows.slice(0, 0, kImages);
  const auto value = encoded.images.values(*tied.balance, rows);
  std::vector<at::Tensor> turns;
  for (int64_t i = 0; i < kImages; ++i) {
    const auto half = rows.index_select(0, (value == 1 - i % 2).nonzero().squeeze(1));
    turns.push_back(half.slice(0, i / 2, i / 2 + 1));
  }
  return at::cat(turns);
}

/// The first images of the reported half with these values of both attributes.
at::Tensor images_with(const EncodedImages& encoded, const TiedAttributes& tied, int64_t source,
                       int64_t target) {
  const auto& rows = encoded.halves.report;
  const auto is = [&](size_t attribute, int64_t value) {
    return encoded.images.values(static_cast<int64_t>(attribute), rows) == value;
  };
  const auto found = (is(tied.source, source) & is(tied.target, target)).nonzero().squeeze(1);
  return alternating(encoded, tied, rows.index_select(0, found));
}

/// The attributes of an image: "blond_hair, no smile".
std::string shows(const EncodedImages& encoded, const TiedAttributes& tied, int64_t image) {
  std::string text;
  const auto add = [&](int64_t attribute) {
    const auto value = encoded.images.attributes.values[image][attribute].item<int64_t>();
    text += (text.empty() ? "" : ", ") + std::string(value == 1 ? "" : "no ") +
            encoded.images.attributes.names[static_cast<size_t>(attribute)];
  };
  add(static_cast<int64_t>(tied.source));
  add(static_cast<int64_t>(tied.target));
  if (tied.balance) add(*tied.balance);
  return text;
}

}  // namespace

std::optional<Suspects> enhance_suspects(TrainedModel& trained, const EncodedImages& encoded,
                                         const ExperimentOptions& options, const TiedAttributes& tied) {
  const auto group = [&](int64_t source) {
    return images_with(encoded, tied, source, tied.opposed ? 1 - source : source);
  };
  const auto rows = at::cat({group(0), group(1)});
  if (rows.numel() == 0) return std::nullopt;
  Suspects s{.suspects = find_suspects(encoded, tied)};
  for (int64_t r = 0; r < rows.size(0); ++r) s.rows.push_back(shows(encoded, tied, rows[r].item<int64_t>()));
  const InvertedImages images = invert_images(trained, encoded.images.images, rows, options.regenerate);
  log_round_trip(images);
  s.original = images.original;
  s.regenerated = images.image;
  const auto range =
      plausible_range(encoded.activations.trained.index_select(0, encoded.halves.choose), options.range);
  const ReceptiveField field = trained.model.encoder->receptive_field();
  std::vector<at::Tensor> enhanced, boxes;
  for (const auto& suspect : s.suspects) {
    const Edit edit{.prototypes = {suspect.prototype}, .kind = Edit::Kind::kMaximum};
    const auto target = apply_edit(images.activation, edit, range);
    const auto raised = regenerate(trained, {images.x_T, images.activation, target}, options.regenerate);
    enhanced.push_back(raised.image);
    boxes.push_back(patch_boxes(field, raised.patch.select(1, suspect.prototype)));
  }
  s.enhanced = at::stack(enhanced);
  s.boxes = at::stack(boxes);
  return s;
}

Canvas draw_suspects(const Suspects& s, const PrototypeNames& names) {
  Grid grid;
  grid.title =
      "Prototypes raised to their plausible maximum, with their patches; above: what they tell, AUROC "
      "(Spearman with the first one)";
  grid.column_labels = {"original", "regenerated"};
  for (const auto& suspect : s.suspects) {
    std::string head = "prototype " + names.label(suspect.prototype) + "\n";
    for (const auto& told : suspect.tells) head += told.what + " " + format_fixed(told.auroc, 2) + "\n";
    grid.column_labels.push_back(head + "(" + format_fixed(suspect.spearman, 2) + ")");
  }
  grid.cell_size = std::max<int64_t>(192, s.original.size(-1));
  RowWriter rows(grid);
  for (size_t r = 0; r < s.rows.size(); ++r) {
    const auto row = static_cast<int64_t>(r);
    rows.begin_row(s.rows[r]);
    rows.add(to_pixels(s.original[row]));
    rows.add(to_pixels(s.regenerated[row]));
    for (size_t k = 0; k < s.suspects.size(); ++k) {
      const auto column = static_cast<int64_t>(k);
      rows.add(to_pixels(s.enhanced[column][row]), {}, {outline_of(to_box(s.boxes[column][row]))});
    }
  }
  return draw_grid(grid);
}

}  // namespace patronus
