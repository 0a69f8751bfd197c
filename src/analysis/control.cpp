#include "patronus/analysis/control.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "analysis/edit_measures.h"
#include "patronus/analysis/edit.h"
#include "patronus/core/random.h"
#include "patronus/core/unknown.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/figures/matrix_plot.h"
#include "patronus/metrics/correlation.h"
#include "patronus/metrics/effective_dimension.h"
#include "patronus/metrics/quantile.h"

namespace patronus {
namespace {

/// `edited` [R, C, S, S] with the pixels inside every image's box as in `unedited`.
at::Tensor paste_boxes(const at::Tensor& edited, const at::Tensor& unedited, const at::Tensor& boxes) {
  auto images = edited.clone();
  for (int64_t r = 0; r < images.size(0); ++r) {
    const Box box = to_box(boxes[r]);
    crop(images[r], box).copy_(crop(unedited[r], box));
  }
  return images;
}

int64_t map_side(int64_t image_side) {
  constexpr int64_t kLargest = 64;
  return std::min(kLargest, image_side);
}

/// Mean square of changes [R, C, S, S] over images and channels, averaged to float64 [m, m].
at::Tensor change_map(const at::Tensor& change) {
  const int64_t side = map_side(change.size(-1));
  const auto squared = change.to(at::kDouble).square().mean(at::IntArrayRef{0, 1});
  return at::adaptive_avg_pool2d(squared.unsqueeze(0), {side, side}).squeeze(0);
}

/// Share of the images `among` (bool [R, A]) for which `happens` is true: float64 [A]; NaN without such
/// images.
at::Tensor share_among(const at::Tensor& happens, const at::Tensor& among) {
  const auto count = among.sum(0).to(at::kDouble);
  return at::where(count > 0, (happens & among).sum(0) / count, kNaN);
}

/// Effect of raising or lowering one prototype in R images.
struct Moved {
  at::Tensor rows;              // int64 [R], positions among the N images
  at::Tensor target_change;     // float64 [R], requested change, in standard deviations
  at::Tensor change;            // float64 [R, P], change of all activations, in standard deviations
  at::Tensor change_elsewhere;  // float64 [R, P], the same with the pixels of the patch restored
  at::Tensor change_map;        // float64 [m, m], mean squared change of the pixels
  at::Tensor inside;            // float64 [R], share of the squared pixel change inside the patch
  at::Tensor area;              // float64 [R], share of the image covered by the patch
  at::Tensor before, after;     // float64 [R, A], judged probabilities; undefined without a judge
};

class ControlMeasurement {
 public:
  ControlMeasurement(TrainedModel& trained, const InvertedImages& unedited, const RealActivations& known,
                     const ControlOptions& options, const AttributeJudge* judge)
      : trained_(trained), unedited_(unedited), known_(known), options_(options), judge_(judge) {
    if (judge_ != nullptr) judged_ = judge_->probabilities(unedited_.image);
  }

  /// Raises or lowers prototype `k` in the images in which it can be moved far enough
  /// (`is_measurable_change`).
  Moved move(int64_t k) const {
    const auto& images = unedited_;
    const auto [rows, target_change, edited] = move_to_extreme(known_, images.activation, k, options_.lowers);
    Moved moved{.rows = rows,
                .target_change = target_change / known_.deviation[k],
                .change = {},
                .change_elsewhere = {},
                .change_map = {},
                .inside = {},
                .area = {},
                .before = {},
                .after = {}};
    if (rows.numel() == 0) return moved;
    const auto of = [&rows = rows](const at::Tensor& all) { return all.index_select(0, rows); };
    const auto result =
        regenerate(trained_, {of(images.x_T), of(images.activation), edited}, options_.regenerate);
    const auto change_to = [&](const at::Tensor& activation) {
      return (activation.cpu() - of(images.reached)).to(at::kDouble) / known_.deviation;
    };
    moved.change = change_to(result.activation);
    const auto patch = options_.lowers ? of(images.patch) : result.patch;
    const auto boxes = patch_boxes(trained_.model.encoder->receptive_field(), patch.select(1, k));
    const auto pixel_change = result.image - of(images.image);
    moved.change_map = change_map(pixel_change);
    moved.inside = share_inside(pixel_change, boxes);
    moved.area = box_areas(boxes).to(at::kDouble) / static_cast<double>(pixel_change[0][0].numel());
    const auto pasted = paste_boxes(result.image, of(images.image), boxes);
    moved.change_elsewhere =
        change_to(trained_.model.encoder->forward(pasted.to(trained_.device)).activation);
    if (judge_ != nullptr) {
      moved.before = of(judged_);
      moved.after = judge_->probabilities(result.image);
    }
    return moved;
  }

 private:
  TrainedModel& trained_;
  const InvertedImages& unedited_;
  const RealActivations& known_;
  const ControlOptions& options_;
  const AttributeJudge* judge_;
  at::Tensor judged_;  // float64 [N, A], attribute probabilities of the unedited; undefined without a judge
};

Control empty_control(const std::vector<int64_t>& prototypes, const at::Tensor& deviation,
                      const at::Tensor& images, const AttributeJudge* judge) {
  Control control;
  control.deviation = deviation;
  control.prototypes = prototypes;
  const auto count = std::ssize(control.prototypes);
  const auto unknown = [&](at::IntArrayRef shape) { return at::full(shape, kNaN, at::kDouble); };
  control.images = at::zeros({count}, at::kLong);
  control.effect = unknown({count, deviation.size(0)});
  control.target_change = unknown({count, images.size(0)});
  control.change = unknown({count, images.size(0), deviation.size(0)});
  control.change_elsewhere = control.change.clone();
  control.change_map = unknown({count, map_side(images.size(-1)), map_side(images.size(-1))});
  for (auto* numbers : {&control.gain, &control.drift, &control.inside, &control.area})
    *numbers = unknown({count});
  if (judge != nullptr) {
    const auto attributes = std::ssize(judge->names);
    control.without = at::zeros({count, attributes}, at::kLong);
    control.appears = unknown({count, attributes});
    control.vanishes = unknown({count, attributes});
    control.changes = unknown({count, attributes});
    control.judged_change = unknown({count, attributes});
    control.attributes = judge->names;
    control.judge_accuracy = judge->accuracy;
  }
  return control;
}

/// Enters the results into `control`, which has this prototype alone.
void enter(Control& control, const Moved& moved) {
  control.images[0] = moved.target_change.size(0);
  if (moved.target_change.numel() == 0) return;
  control.effect[0] = moved.change.mean(0) / moved.target_change.mean();
  control.target_change[0].index_copy_(0, moved.rows, moved.target_change);
  control.change[0].index_copy_(0, moved.rows, moved.change);
  control.change_elsewhere[0].index_copy_(0, moved.rows, moved.change_elsewhere);
  control.change_map[0].copy_(moved.change_map);
  const auto own = moved.change.select(1, control.prototypes.front());
  control.gain[0] = nan_median(own / moved.target_change);
  control.drift[0] = drift_of_others(moved.change, own).mean();
  control.inside[0] = moved.inside.mean();
  control.area[0] = moved.area.mean();
  if (!moved.before.defined()) return;
  control.judged_change[0] = (moved.after - moved.before).mean(0);
  const auto before = moved.before > kPresenceThreshold, after = moved.after > kPresenceThreshold;
  control.without[0] = before.logical_not().sum(0);
  control.appears[0] = share_among(after, before.logical_not());
  control.vanishes[0] = share_among(after.logical_not(), before);
  control.changes[0] = (after != before).to(at::kDouble).mean(0);
}

/// Participation ratio of the correlations between the columns of `activation` [N, P]. The four estimates are
/// identical, so that nothing is corrected for noise.
double directions_among(const at::Tensor& activation) {
  return participation_ratio(correlations(activation).unsqueeze(0).expand({4, -1, -1}));
}

/// The tensors of `c` that have one row per edited prototype, with that dimension first.
std::vector<at::Tensor> prototype_rows(const Control& c) {
  std::vector<at::Tensor> rows{c.images,     c.effect, c.target_change, c.change, c.change_elsewhere,
                               c.change_map, c.gain,   c.drift,         c.inside, c.area};
  if (c.appears.defined())
    rows.insert(rows.end(), {c.without, c.appears, c.vanishes, c.changes, c.judged_change});
  return rows;
}

}  // namespace

InvertedImages control_images(TrainedModel& trained, const Dataset& images, const ControlOptions& options) {
  const c10::NoGradGuard no_grad;
  const auto drawn = draw_common_indices(images.size(), options.images, "control");
  InvertedImages unedited = invert_images(trained, images, drawn, options.regenerate);
  log_round_trip(unedited);
  return unedited;
}

Control measure_control(TrainedModel& trained, const Dataset& images, const Dataset& real,
                        const ControlOptions& options, const AttributeJudge* judge) {
  return measure_control(trained, control_images(trained, images, options),
                         real_activations(trained, real, options.range), options, judge);
}

Control measure_control(TrainedModel& trained, const InvertedImages& unedited, const RealActivations& real,
                        const ControlOptions& options, const AttributeJudge* judge) {
  const c10::NoGradGuard no_grad;
  ControlOptions complete = options;
  complete.prototypes = chosen_prototypes(options.prototypes, trained.config.model.prototypes.count);
  const ControlMeasurement measurement(trained, unedited, real, complete, judge);
  const auto move = [&](int64_t row, int64_t) {
    const int64_t k = complete.prototypes[row];
    Control one = empty_control({k}, real.deviation, unedited.image, judge);
    enter(one, measurement.move(k));
    return prototype_rows(one);
  };
  Control control = empty_control(complete.prototypes, real.deviation, unedited.image, judge);
  control.lowers = options.lowers;
  control.real_directions = directions_among(real.activation);
  const auto count = std::ssize(complete.prototypes);
  const auto rows = compute_batches_across_ranks(
      trained.ranks, {options.lowers ? "lowering" : "raising", "prototypes", count, 1}, move);
  const auto all = prototype_rows(control);
  for (size_t i = 0; i < all.size(); ++i) all[i].copy_(rows[i]);
  return control;
}

namespace {

/// J from each of four disjoint quarters of the images: float64 [4, K, P], NaN where a prototype could not be
/// moved in any image of the quarter.
at::Tensor effect_of_quarters(const Control& control) {
  constexpr int64_t kQuarters = 4;
  std::vector<at::Tensor> quarters;
  for (int64_t q = 0; q < kQuarters; ++q) {
    const auto every_fourth = [&](const at::Tensor& all) { return all.slice(1, q, {}, kQuarters); };
    quarters.push_back(every_fourth(control.change).nanmean(1) /
                       every_fourth(control.target_change).nanmean(1, /*keepdim=*/true));
  }
  return at::stack(quarters);
}

/// Participation ratio of J, without rows of prototypes that could not be moved in every quarter of the
/// images, and without columns of prototypes that do not vary.
double directions_of(const at::Tensor& quarters) {
  const auto known = quarters.isfinite().all(0);  // [rows, P]
  const auto rows = known.any(1).nonzero().squeeze(1), columns = known.any(0).nonzero().squeeze(1);
  return participation_ratio(quarters.index_select(1, rows).index_select(2, columns));
}

/// Requested and reached changes of the moved prototypes themselves: float64 [K, N].
struct OwnChange {
  at::Tensor target, reached;

  /// J's diagonal over the images `rows`: [K].
  at::Tensor effect(const at::Tensor& rows) const {
    return reached.index_select(1, rows).nanmean(1) / target.index_select(1, rows).nanmean(1);
  }
};

OwnChange own_change(const Control& control) {
  const auto column = at::tensor(control.prototypes).view({-1, 1, 1});
  const auto all = control.change.gather(2, column.expand({-1, control.change.size(1), 1}));
  return {control.target_change, all.squeeze(2)};
}

}  // namespace

ControlIntervals control_intervals(const Control& control) {
  const OwnChange own = own_change(control);
  const auto gains = own.reached / own.target;
  const int64_t prototypes = gains.size(0), images = gains.size(1);
  // J's diagonal, and the medians over prototypes of gain and of J's diagonal.
  const auto statistic = [&](const at::Tensor& rows) {
    const auto effect = own.effect(rows);
    return at::cat(
        {effect, nan_median(nan_median(gains.index_select(1, rows))).view(1), nan_median(effect).view(1)});
  };
  const Estimates all = bca_interval(images, statistic);
  const auto few = gains.isnan().logical_not().sum(1) < kMinIntervalRows;
  const auto of_prototypes = [&](const at::Tensor& values) { return values.narrow(0, 0, prototypes); };
  return {.gain = median_intervals(gains),
          .own_effect = {of_prototypes(all.value), of_prototypes(all.low).masked_fill(few, kNaN),
                         of_prototypes(all.high).masked_fill(few, kNaN)},
          .median_gain = all[-2],
          .median_own_effect = all[-1]};
}

ControlSummary summarize(const Control& control) {
  const auto measured = (control.images > 0).nonzero().squeeze(1);
  if (measured.numel() == 0) return {kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
  const auto effect = control.effect.index_select(0, measured);
  const auto columns = at::tensor(control.prototypes).index_select(0, measured).unsqueeze(1);
  const auto own = effect.gather(1, columns).squeeze(1);
  const auto of_measured = [&](const at::Tensor& all) { return all.index_select(0, measured); };
  return {.gain = nan_median(of_measured(control.gain)).item<double>(),
          .own_effect = nan_median(own).item<double>(),
          .spill = drift_of_others(effect, own).mean().item<double>(),
          .directions = directions_of(effect_of_quarters(control)),
          .real_directions = control.real_directions,
          .inside = of_measured(control.inside).mean().item<double>(),
          .area = of_measured(control.area).mean().item<double>()};
}

}  // namespace patronus
