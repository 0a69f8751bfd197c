#include "patronus/analysis/strength_search.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "analysis/edit_measures.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/progress.h"
#include "patronus/core/text.h"
#include "patronus/metrics/quantile.h"

namespace patronus {
namespace {

/// Search for one image's guidance strength: doubles it until the gain exceeds 1, then interpolates between
/// the strengths on both sides of gain 1.
class StrengthSearch {
 public:
  StrengthSearch(double start, const StrengthSearchOptions& options) : options_(options), next_(start) {}

  double next() const { return next_; }
  bool is_over() const { return over_; }

  /// Records the gain reached at `next()`; returns whether it is the closest to 1 so far.
  bool enter(double gain) {
    const double miss = std::abs(gain - 1);
    const bool better = miss < best_miss_;
    best_miss_ = std::min(miss, best_miss_);
    if (miss <= options_.tolerance || !std::isfinite(gain)) {
      over_ = true;
      return better;
    }
    (gain < 1 ? low_ : high_) = {next_, gain};
    if (high_) {
      const double where = (1 - low_->gain) / (high_->gain - low_->gain);
      next_ = std::lerp(low_->strength, high_->strength, std::clamp(where, 0.1, 0.9));
    } else {
      over_ = next_ >= options_.strongest;
      next_ = std::min(2 * next_, options_.strongest);
    }
    return better;
  }

 private:
  struct Tried {
    double strength, gain;
  };
  const StrengthSearchOptions& options_;
  double next_;
  std::optional<Tried> low_ = Tried{0, 0};
  std::optional<Tried> high_{};
  double best_miss_ = INFINITY;
  bool over_ = false;
};

void copy_rows(const RegeneratedImages& from, int64_t row, RegeneratedImages& to, int64_t to_row) {
  to.image[to_row].copy_(from.image[row]);
  to.activation[to_row].copy_(from.activation[row]);
  to.patch[to_row].copy_(from.patch[row]);
}

std::vector<int64_t> rows_left(const std::vector<StrengthSearch>& searches) {
  std::vector<int64_t> left;
  for (size_t r = 0; r < searches.size(); ++r) {
    if (!searches[r].is_over()) left.push_back(static_cast<int64_t>(r));
  }
  return left;
}

}  // namespace

StrengthSearchResult search_strength(TrainedModel& trained, const ActivationEdit& edit,
                                     const at::Tensor& deviation, const RegenerateOptions& options,
                                     const StrengthSearchOptions& search) {
  const c10::NoGradGuard no_grad;
  if (options.strength <= 0 || options.strength > search.strongest) {
    throw ConfigError(c10::str("strength ", options.strength, ": a search starts above 0 and at most at ",
                               search.strongest));
  }
  const int64_t count = edit.edited.size(0);
  std::vector<StrengthSearch> searches(static_cast<size_t>(count), {options.strength, search});
  StrengthSearchResult best{
      .strength = at::full({count}, options.strength), .gain = {}, .arrived = {}, .images = {}};
  Progress progress("searching strengths", search.rounds, "rounds");
  for (int64_t round = 0; round < search.rounds; ++round) {
    const auto left = rows_left(searches);
    if (left.empty()) break;
    const auto rows = at::tensor(left);
    const auto of = [&](const at::Tensor& all) { return all.index_select(0, rows); };
    std::vector<float> strengths;
    for (const int64_t r : left) strengths.push_back(static_cast<float>(searches[r].next()));
    const ActivationEdit asked{edit.x_T, of(edit.activation), of(edit.edited), at::tensor(strengths),
                               edit.source.defined() ? of(edit.source) : rows};
    const auto tried = regenerate(trained, asked, options);
    const auto gain = edit_gain(asked.activation, asked.edited, tried.activation, deviation);
    if (round == 0) {
      best.images = tried;
      best.gain = gain.clone();
    }
    for (size_t i = 0; i < left.size(); ++i) {
      const int64_t r = left[i], row = static_cast<int64_t>(i);
      const double arrived = gain[row].item<double>();
      if (!searches[r].enter(arrived) || round == 0) continue;
      copy_rows(tried, row, best.images, r);
      best.strength[r] = strengths[i];
      best.gain[r] = arrived;
    }
    progress.advance();
  }
  best.arrived = (best.gain - 1).abs() <= search.tolerance;
  return best;
}

void log_strength_search(const StrengthSearchResult& result) {
  const auto number = [](const at::Tensor& value) { return format_fixed(value.item<double>(), 2); };
  const auto& arrived = result.arrived;
  const auto searched = result.gain.isnan().logical_not();
  const auto count = arrived.sum().item<int64_t>(), all = searched.sum().item<int64_t>();
  if (count > 0) {
    const auto strength = result.strength.index({arrived});
    log_info(std::to_string(count) + " of " + std::to_string(all) +
             " edits arrive at what was asked, at strengths " + number(strength.min()) + " to " +
             number(strength.max()) + " (median " + number(nan_median(strength)) + ")");
  }
  if (count < all) {
    const auto missing = searched.logical_and(arrived.logical_not());
    const auto gain = result.gain.index({missing});
    log_warning(std::to_string(gain.size(0)) + " of " + std::to_string(all) +
                " edits do not get there: between " + number(gain.min()) + " and " + number(gain.max()) +
                " of the asked change arrives at best, at strengths up to " +
                number(result.strength.index({missing}).max()));
  }
}

}  // namespace patronus
