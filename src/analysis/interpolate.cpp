#include "patronus/analysis/interpolate.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "analysis/round_trip_table.h"
#include "patronus/analysis/grid_rows.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/pixels.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/core/unknown.h"
#include "patronus/diffusion/slerp.h"
#include "patronus/figures/figure.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"

namespace patronus {
namespace {

/// Images first .. first + count - 1 of `all`.
InvertedImages part_of(const InvertedImages& all, int64_t first, int64_t count) {
  const auto part = [&](const at::Tensor& tensor) { return tensor.slice(0, first, first + count); };
  return {.files = {all.files.begin() + first, all.files.begin() + first + count},
          .original = part(all.original),
          .activation = part(all.activation),
          .patch = part(all.patch),
          .x_T = part(all.x_T),
          .residual = part(all.residual),
          .image = part(all.image),
          .reached = part(all.reached),
          .evaluations = all.evaluations};
}

/// Mean absolute difference between requested and reached activations: [K, F].
at::Tensor activation_misses(const Interpolations& all) {
  return (all.activation - all.target).abs().mean(2);
}

Canvas draw_interpolations(const Interpolations& all) {
  constexpr int64_t kStrips = 16;
  Grid grid{.column_labels = {"original"}, .title = "Between two images, by the weight of the right one"};
  for (const double weight : all.weights) grid.column_labels.push_back(format_fixed(weight, 2));
  grid.column_labels.emplace_back("original");
  RowWriter rows(grid);
  for (int64_t k = 0; k < std::min(kStrips, all.image.size(0)); ++k) {
    rows.begin_row();
    rows.add(to_pixels(all.from.original[k]), all.from.files[k]);
    for (const auto& frame : to_pixels(all.image[k]).unbind(0)) rows.add(frame);
    rows.add(to_pixels(all.to.original[k]), all.to.files[k]);
  }
  return draw_grid(grid);
}

Table frame_table(const Interpolations& all) {
  Table table{{"pair", "from", "to", "weight", "activation_miss"}, {}};
  const auto miss = activation_misses(all);
  for (size_t k = 0; k < all.from.files.size(); ++k) {
    for (size_t f = 0; f < all.weights.size(); ++f) {
      table.rows.push_back(
          {std::to_string(k), all.from.files[k], all.to.files[k], format_float(all.weights[f]),
           format_float(miss[static_cast<int64_t>(k)][static_cast<int64_t>(f)].item<double>())});
    }
  }
  return table;
}

/// Values of the attribute by which images are paired: int64 [N]; all equal if `attribute` is empty.
at::Tensor values_to_pair(const Dataset& images, const std::string& attribute) {
  if (attribute.empty()) return at::zeros({images.size()}, at::kLong);
  return images.attributes().columns({attribute}).values.select(1, 0).contiguous();
}

/// Index of an image, and its value of the attribute by which images are paired.
struct ValuedImage {
  int64_t index;
  int64_t value;
};

/// The first image in `order` whose value occurs again, and the first later image with this value.
std::optional<ImagePair> first_alike(const std::vector<ValuedImage>& order) {
  std::unordered_map<int64_t, size_t> first;  // position at which each value first occurs
  std::optional<std::pair<size_t, size_t>> places;
  for (size_t i = 0; i < order.size(); ++i) {
    const auto [seen, is_new] = first.emplace(order[i].value, i);
    if (!is_new && (!places || seen->second < places->first)) places = {seen->second, i};
  }
  if (!places) return std::nullopt;
  return ImagePair{order[places->first].index, order[places->second].index};
}

/// The first image in `order`, and the first one with another value.
std::optional<ImagePair> first_unlike(const std::vector<ValuedImage>& order) {
  for (const auto& image : order) {
    if (image.value != order.front().value) return ImagePair{order.front().index, image.index};
  }
  return std::nullopt;
}

/// The images in `order` with a known value.
std::vector<ValuedImage> known_images(const at::Tensor& order, const at::Tensor& values) {
  const auto index = order.accessor<int64_t, 1>(), value = values.accessor<int64_t, 1>();
  std::vector<ValuedImage> known;
  for (int64_t i = 0; i < index.size(0); ++i) {
    if (value[index[i]] != kUnknown) known.push_back({index[i], value[index[i]]});
  }
  return known;
}

/// Draws a pair of images with equal or with different known values. There must be one.
ImagePair draw_pair(const at::Tensor& values, bool same, uint64_t seed) {
  const auto order = known_images(random_permutation(values.size(0), seed), values);
  return (same ? first_alike(order) : first_unlike(order)).value();
}

/// Number of pairs of images with equal or with different known values.
int64_t count_pairs(const at::Tensor& values, bool same) {
  const auto pairs_of = [](int64_t images) { return images * (images - 1) / 2; };
  const auto known = values.masked_select(values != kUnknown);
  const auto with_value = std::get<2>(at::_unique2(known, /*sorted=*/true, /*return_inverse=*/false,
                                                   /*return_counts=*/true));
  int64_t alike = 0;
  for (const int64_t images : to_vector<int64_t>(with_value)) alike += pairs_of(images);
  return same ? alike : pairs_of(known.size(0)) - alike;
}

/// Whether `pair` is in `pairs`, in either order.
bool is_drawn(const std::vector<ImagePair>& pairs, const ImagePair& pair) {
  return std::any_of(pairs.begin(), pairs.end(), [&](const ImagePair& other) {
    return std::minmax(other.from, other.to) == std::minmax(pair.from, pair.to);
  });
}

}  // namespace

std::vector<ImagePair> draw_pairs(const Dataset& images, int64_t count, uint64_t seed, const PairRule& rule) {
  const auto values = values_to_pair(images, rule.attribute);
  const bool same = rule.same || rule.attribute.empty();
  const int64_t all = count_pairs(values, same);
  if (all == 0) {
    throw ConfigError(rule.attribute.empty()
                          ? "interpolation needs two images, there is one"
                          : "no two of " + std::to_string(images.size()) + " images are known to have " +
                                (rule.same ? "the same " : "different values of ") + rule.attribute);
  }
  if (all < count) log_info("only " + std::to_string(all) + " of " + pluralize(count, "pair") + " are there");
  std::vector<ImagePair> pairs;
  for (int64_t i = 0; i < std::min(count, all); ++i) {
    const uint64_t own_seed = derive_seed(seed, "pair", static_cast<uint64_t>(i));
    ImagePair pair = draw_pair(values, same, own_seed);
    for (uint64_t n = 0; is_drawn(pairs, pair); ++n)
      pair = draw_pair(values, same, derive_seed(own_seed, "again", n));
    pairs.push_back(pair);
  }
  return pairs;
}

Interpolations interpolate(TrainedModel& trained, const Dataset& images, const std::vector<ImagePair>& pairs,
                           const InterpolateOptions& options) {
  const c10::NoGradGuard no_grad;
  TORCH_CHECK(options.frames >= 2, "an interpolation has two ends");
  const auto count = std::ssize(pairs);
  std::vector<int64_t> ends;
  for (const auto& pair : pairs) ends.push_back(pair.from);
  for (const auto& pair : pairs) ends.push_back(pair.to);
  const InvertedImages both = invert_images(trained, images, at::tensor(ends), options.regenerate);
  log_round_trip(both);
  Interpolations all;
  all.options = options;
  all.from = part_of(both, 0, count);
  all.to = part_of(both, count, count);
  std::vector<at::Tensor> target, x_T;
  for (int64_t f = 0; f < options.frames; ++f) {
    const double weight = static_cast<double>(f) / static_cast<double>(options.frames - 1);
    all.weights.push_back(weight);
    target.push_back(at::lerp(all.from.activation, all.to.activation, weight));
    x_T.push_back(slerp(all.from.x_T, all.to.x_T, weight));
  }
  all.target = at::stack(target, 1);
  const auto rows = all.target.flatten(0, 1);
  const auto regenerated =
      regenerate(trained, {at::stack(x_T, 1).flatten(0, 1), rows, rows}, options.regenerate);
  all.image = regenerated.image.unflatten(0, {count, options.frames});
  all.activation = regenerated.activation.unflatten(0, {count, options.frames});
  return all;
}

void write_interpolations(const std::filesystem::path& folder, const TrainedModel& trained,
                          const Interpolations& all) {
  write_figure(folder / "interpolate", draw_interpolations(all), trained.config.runtime.figures);
  write_csv(folder / "interpolate.csv", frame_table(all));
  Table ends = round_trip_table(all.from), to = round_trip_table(all.to);
  ends.rows.insert(ends.rows.end(), to.rows.begin(), to.rows.end());
  write_csv(folder / "round_trip.csv", ends);
  auto index = model_json(trained);
  index["frames"] = all.options.frames;
  add_settings(index, all.options.regenerate.inversion);
  index["evaluations"] = all.from.evaluations;
  write_file(folder / "index.json", json_text(index));
  Dict file;
  file.set("from", List(all.from.files.begin(), all.from.files.end()));
  file.set("to", List(all.to.files.begin(), all.to.files.end()));
  file.set("weight", at::tensor(all.weights, at::kFloat));
  file.set("original_from", all.from.original);
  file.set("original_to", all.to.original);
  file.set("x_T_from", all.from.x_T);
  file.set("x_T_to", all.to.x_T);
  file.set("asked", all.target);
  file.set("after", all.activation);
  file.set("image", all.image);
  write_tensor_file(folder / "interpolate.pt", file);
}

}  // namespace patronus
