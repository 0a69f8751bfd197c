#include "patronus/analysis/explain.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <set>

#include "analysis/edit_measures.h"
#include "patronus/analysis/edit.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/core/unknown.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/metrics/image_similarity.h"
#include "patronus/metrics/quantile.h"

namespace patronus {
namespace {

constexpr int64_t kRandomSets = 8;
constexpr double kVisible = 1.0 / 255;  // half a level of 8-bit pixels

/// Share of `population` [M, K] below each of `values` [N, K]; equal ones, up to rounding, count half. NaN
/// where `deviation` [K] is. float64 [N, K].
at::Tensor percentiles(const at::Tensor& values, const at::Tensor& population, const at::Tensor& deviation) {
  constexpr double kRounding = 1e-4;  // in standard deviations
  std::vector<at::Tensor> rows;
  for (const auto& row : values.unbind()) {
    const auto above = (row - population).to(at::kDouble) / deviation;
    const auto is_equal = above.abs() <= kRounding;
    const auto below = at::where(is_equal, 0.5, (above > 0).to(at::kDouble));
    rows.push_back(below.mean(0).masked_fill(deviation.isnan(), kNaN));
  }
  return at::stack(rows);
}

/// `activation` [P] with all but the prototypes `kept` typical.
at::Tensor keeping(const at::Tensor& activation, const at::Tensor& typical, const at::Tensor& kept) {
  return typical.index_copy(0, kept, activation.index_select(0, kept));
}

/// Edits one image again and again, from the same noise.
class ImageExplanation {
 public:
  ImageExplanation(TrainedModel& trained, const Explanations& all, int64_t image)
      : trained_(trained), all_(all), image_(image), chosen_(at::tensor(all.prototypes)) {}

  /// Change, share inside, order, replaced, kept, typified, explained, and explained at random: [1, ...]
  /// each.
  std::vector<at::Tensor> measure() const {
    const auto activation = all_.original.activation[image_];
    const auto replaced = regenerated(
        activation.repeat({chosen_.size(0), 1}).scatter(1, chosen_.unsqueeze(1), typical_of_chosen()));
    const auto change = change_to(replaced);
    const auto order = change.argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true);
    const auto strongest = order.slice(0, 0, all_.options.strongest);
    const auto inside = share_inside(replaced - all_.original.image[image_], all_.boxes[image_])
                            .masked_fill(change < kVisible, kNaN);
    const auto sets = keeping_sets(activation, strongest);
    const auto explained = explained_by(sets);
    const auto at_random =
        explained.size(0) > 1 ? explained.slice(0, 1).mean() : at::full({}, kNaN, at::kDouble);
    const auto row = [](const at::Tensor& result) { return result.unsqueeze(0).contiguous(); };
    return {row(change),  row(inside),  row(order),        row(replaced.index_select(0, strongest)),
            row(sets[1]), row(sets[0]), row(explained[0]), row(at_random)};
  }

 private:
  at::Tensor typical_of_chosen() const { return all_.typical.index_select(0, chosen_).unsqueeze(1); }

  /// Images [R, C, S, S] under edited activations [R, P].
  at::Tensor regenerated(const at::Tensor& edited) const {
    const auto source = at::full({edited.size(0)}, image_, at::kLong);
    return regenerate(trained_,
                      {.x_T = all_.original.x_T,
                       .activation = all_.original.activation.index_select(0, source),
                       .edited = edited,
                       .source = source},
                      all_.options.regenerate)
        .image;
  }

  /// Images with all activations typical; all but the strongest; and, where others could be chosen, all but
  /// as many random ones of those that vary, in `kRandomSets` draws.
  at::Tensor keeping_sets(const at::Tensor& activation, const at::Tensor& strongest) const {
    std::vector<at::Tensor> edited{all_.typical,
                                   keeping(activation, all_.typical, chosen_.index_select(0, strongest))};
    const int64_t varying = all_.varying.size(0);
    for (int64_t draw = 0; draw < kRandomSets && strongest.size(0) < varying; ++draw) {
      const auto seed =
          trained_.config.seed_for("explain " + all_.original.files[image_] + " " + std::to_string(draw));
      const auto drawn = draw_indices(varying, strongest.size(0), seed);
      edited.push_back(keeping(activation, all_.typical, all_.varying.index_select(0, drawn)));
    }
    return regenerated(at::stack(edited));
  }

  /// Share of the squared difference of images[0] from the regenerated image that is gone in each of the
  /// others: float64 [R - 1]; NaN if no eye would see that difference.
  at::Tensor explained_by(const at::Tensor& images) const {
    const auto left = change_to(images);
    const auto explained = 1 - (left.slice(0, 1) / left[0]).square();
    return left[0].item<double>() >= kVisible ? explained : at::full_like(explained, kNaN);
  }

  /// Root mean square difference of each of `images` [R, C, S, S] from the regenerated one: float64 [R].
  at::Tensor change_to(const at::Tensor& images) const {
    return mse(images, all_.original.image[image_].expand_as(images)).sqrt();
  }

  TrainedModel& trained_;
  const Explanations& all_;
  int64_t image_;
  at::Tensor chosen_;  // int64 [K]
};

void add_standing(Explanations& all, const RealActivations& known) {
  const auto chosen = at::tensor(all.prototypes);
  const auto of_chosen = [&](const at::Tensor& values) { return values.index_select(-1, chosen); };
  const auto activation = of_chosen(all.original.activation);
  all.typical = nan_median(known.activation.t()).to(at::kFloat);
  all.varying = known.deviation.isfinite().nonzero().squeeze(1);
  const auto deviation = of_chosen(known.deviation);
  all.percentile = percentiles(activation, of_chosen(known.activation), deviation);
  all.deviations = (activation - of_chosen(all.typical)).to(at::kDouble) / deviation;
}

/// Keeps the prototypes that are shown of those in `nearest`.
void add_nearest(Explanations& all, const NearestPatches& nearest, const Dataset& real) {
  const auto strongest = to_vector<int64_t>(all.strongest_prototypes().flatten());
  const std::set<int64_t> shown(strongest.begin(), strongest.end());
  all.shown.assign(shown.begin(), shown.end());
  all.nearest = nearest.of(all.shown);
  const auto& index = all.nearest.image;
  all.nearest_images = real.images(index.flatten()).unflatten(0, index.sizes());
}

void warn_of_few(const Dataset& real) {
  constexpr int64_t kFew = 100;
  if (real.size() < kFew)
    log_warning("what is typical comes from " + pluralize(real.size(), "image") + ", too few to tell");
}

}  // namespace

at::Tensor Explanations::strongest_prototypes() const {
  return at::tensor(prototypes).take(strongest);
}

Explanations explain(TrainedModel& trained, const Dataset& images, const at::Tensor& indices,
                     const Dataset& real, const ExplainOptions& options) {
  const c10::NoGradGuard no_grad;
  Explanations all;
  all.options = options;
  check_prototypes(options.prototypes, trained);
  check_inversion(options.regenerate.inversion, trained.schedule);
  all.prototypes = chosen_prototypes(options.prototypes, trained.config.model.prototypes.count);
  warn_of_few(real);
  const int64_t patches = options.nearest > 0 ? options.nearest + 1 : 0;
  const auto nearest = nearest_patches(trained.model.encoder, real, patches, options.patch, trained.ranks);
  all.original = invert_images(trained, images, indices, options.regenerate);
  log_round_trip(all.original);
  add_standing(all, real_activations(trained, real, {.images = options.subset}));
  const auto chosen = at::tensor(all.prototypes);
  all.boxes = patch_boxes(trained.model.encoder->receptive_field(),
                          all.original.patch.index_select(1, chosen), options.patch);
  all.area = box_areas(all.boxes).to(at::kDouble) / static_cast<double>(all.original.image[0][0].numel());
  const auto rows = compute_batches_across_ranks(
      trained.ranks, {"explaining", "images", indices.size(0), 1},
      [&](int64_t image, int64_t) { return ImageExplanation(trained, all, image).measure(); });
  all.change = rows[0];
  all.inside = rows[1];
  all.order = rows[2];
  all.strongest = all.order.slice(1, 0, options.strongest);
  all.replaced = rows[3];
  all.kept = rows[4];
  all.typified = rows[5];
  all.explained = rows[6];
  all.explained_at_random = rows[7];
  add_nearest(all, nearest, real);
  return all;
}

}  // namespace patronus
