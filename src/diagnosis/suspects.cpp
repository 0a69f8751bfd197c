#include "patronus/diagnosis/suspects.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "patronus/analysis/grid_rows.h"
#include "patronus/core/pixels.h"
#include "patronus/core/unknown.h"
#include "patronus/io/table.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/spearman.h"

namespace patronus {
namespace {

/// AUROC of every prototype for an attribute, over the images at `rows` that it is known of: float64 [P].
at::Tensor aurocs(const EncodedImages& encoded, size_t attribute, const at::Tensor& rows) {
  const auto values = encoded.images.values(static_cast<int64_t>(attribute), rows);
  const auto activation = encoded.activations.trained.index_select(0, rows);
  return auroc_of_columns(activation, values.unsqueeze(1))[0];
}

/// The prototypes that tell an attribute's presence and its absence best; one that is there is not added.
void add_suspects(std::vector<Suspect>& suspects, const EncodedImages& encoded, size_t attribute) {
  const auto chosen = aurocs(encoded, attribute, encoded.halves.choose);
  const auto reported = aurocs(encoded, attribute, encoded.halves.report);
  for (const bool present : {true, false}) {
    const int64_t k = (present ? chosen.argmax() : chosen.argmin()).item<int64_t>();
    const bool is_there = std::any_of(suspects.begin(), suspects.end(),
                                      [&](const Suspect& suspect) { return suspect.prototype == k; });
    if (is_there) continue;
    const double auroc = reported[k].item<double>();
    suspects.push_back({.prototype = k,
                        .tells = (present ? "" : "not ") + encoded.attributes[attribute].name,
                        .auroc = present ? auroc : 1 - auroc});
  }
}

std::vector<Suspect> find_suspects(const EncodedImages& encoded, const TiedAttributes& tied) {
  std::vector<Suspect> suspects;
  add_suspects(suspects, encoded, tied.target);
  add_suspects(suspects, encoded, tied.source);
  const auto ranks = spearman(encoded.activations.trained.index_select(0, encoded.halves.report));
  for (auto& suspect : suspects) {
    suspect.spearman = ranks[suspects.front().prototype][suspect.prototype].item<double>();
  }
  return suspects;
}

/// The first images of the reported half with these values of both attributes.
at::Tensor images_with(const EncodedImages& encoded, const TiedAttributes& tied, int64_t source,
                       int64_t target) {
  constexpr int64_t kImages = 3;
  const auto& rows = encoded.halves.report;
  const auto is = [&](size_t attribute, int64_t value) {
    return encoded.images.values(static_cast<int64_t>(attribute), rows) == value;
  };
  const auto found = (is(tied.source, source) & is(tied.target, target)).nonzero().squeeze(1);
  return rows.index_select(0, found.slice(0, 0, kImages));
}

std::string shows(const EncodedImages& encoded, const TiedAttributes& tied, int64_t source, int64_t target) {
  const auto text = [&](size_t attribute, int64_t value) {
    return (value == 1 ? "" : "no ") + encoded.attributes[attribute].name;
  };
  return text(tied.source, source) + ", " + text(tied.target, target);
}

}  // namespace

Suspects enhance_suspects(TrainedModel& trained, const EncodedImages& encoded,
                          const ExperimentOptions& options, const TiedAttributes& tied) {
  Suspects s{.suspects = find_suspects(encoded, tied)};
  std::vector<at::Tensor> rows;
  for (const int64_t source : {0, 1}) {
    const int64_t target = tied.opposed ? 1 - source : source;
    rows.push_back(images_with(encoded, tied, source, target));
    s.rows.insert(s.rows.end(), static_cast<size_t>(rows.back().size(0)),
                  shows(encoded, tied, source, target));
  }
  const InvertedImages images =
      invert_images(trained, encoded.images.images, at::cat(rows), options.regenerate);
  s.original = images.original;
  s.regenerated = images.image;
  const auto range =
      plausible_range(encoded.activations.trained.index_select(0, encoded.halves.choose), options.range);
  std::vector<at::Tensor> enhanced;
  for (const auto& suspect : s.suspects) {
    auto target = images.activation.clone();
    target.select(1, suspect.prototype).clamp_min_(range.maximum[suspect.prototype].item<float>());
    enhanced.push_back(regenerate(trained, images.x_T, images.activation, target, options.regenerate).image);
  }
  s.enhanced = at::stack(enhanced);
  return s;
}

Canvas draw_suspects(const Suspects& s) {
  Grid grid;
  grid.title = "Prototypes raised to their plausible maximum (Spearman with the first one; AUROC)";
  grid.column_labels = {"original", "regenerated"};
  for (const auto& suspect : s.suspects) {
    grid.column_labels.push_back(std::to_string(suspect.prototype) + " " + suspect.tells + "\n(" +
                                 fixed(suspect.spearman, 2) + "; " + fixed(suspect.auroc, 2) + ")");
  }
  grid.cell_size = std::max<int64_t>(192, s.original.size(-1));
  RowWriter rows(grid);
  for (size_t r = 0; r < s.rows.size(); ++r) {
    const auto row = static_cast<int64_t>(r);
    rows.begin_row(s.rows[r]);
    rows.add(to_pixels(s.original[row]));
    rows.add(to_pixels(s.regenerated[row]));
    for (size_t k = 0; k < s.suspects.size(); ++k) {
      rows.add(to_pixels(s.enhanced[static_cast<int64_t>(k)][row]));
    }
  }
  return draw_grid(grid);
}

}  // namespace patronus
