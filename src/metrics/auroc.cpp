#include "patronus/metrics/auroc.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>
#include <limits>
#include <vector>

#include "patronus/core/unknown.h"
#include "patronus/metrics/correlation.h"
#include "patronus/metrics/wilson_interval.h"

namespace patronus {
namespace {

/// AUROC of columns without unknown labels.
at::Tensor auroc_of_known(const at::Tensor& scores, const at::Tensor& labels) {
  const auto y = labels.to(at::kDouble);
  const auto positives = y.sum(0).unsqueeze(1), negatives = y.size(0) - positives;
  const auto pairs = positives * negatives;
  const auto ordered = at::matmul(y.t(), mid_ranks(scores)) - positives * (positives + 1) / 2;
  return at::where(pairs > 0, ordered / pairs.clamp_min(1), 0.5);
}

}  // namespace

at::Tensor auroc_of_columns(const at::Tensor& scores, const at::Tensor& labels) {
  TORCH_CHECK(scores.dim() == 2 && labels.dim() == 2 && scores.size(0) == labels.size(0), "AUROC of scores ",
              scores.sizes(), " for labels ", labels.sizes());
  const auto unknown = labels == kUnknown;
  TORCH_CHECK(((labels == 0) | (labels == 1) | unknown).all().item<bool>(),
              "AUROC for labels other than 0, 1 and unknown");
  if (!unknown.any().item<bool>()) return auroc_of_known(scores, labels);
  std::vector<at::Tensor> columns;
  for (const auto& column : labels.unbind(1)) {
    const auto rows = known_rows(column);
    columns.push_back(
        auroc_of_known(scores.index_select(0, rows), column.index_select(0, rows).unsqueeze(1)));
  }
  return at::cat(columns);
}

double auroc(const at::Tensor& scores, const at::Tensor& labels) {
  return auroc_of_columns(scores.unsqueeze(1), labels.unsqueeze(1)).item<double>();
}

Estimate auroc_interval(double auroc, int64_t with, int64_t without) {
  const double pairs = static_cast<double>(with) * static_cast<double>(without);
  const double more = static_cast<double>(with + without) / 2 - 1;
  const auto standard_error = [&](double a) {  // that of Hanley and McNeil, of groups of their mean size
    return std::sqrt(a * (1 - a) * (1 + more * ((1 - a) / (2 - a) + a / (1 + a))) / pairs);
  };
  const auto bound = [&](double outside) {  // by bisection
    double inside = auroc;
    for (int i = 0; i < 50; ++i) {
      const double middle = (inside + outside) / 2;
      const bool is_inside = std::abs(middle - auroc) <= kNormalQuantile * standard_error(middle);
      (is_inside ? inside : outside) = middle;
    }
    return inside;
  };
  return {auroc, bound(0), bound(1)};
}

at::Tensor sign_free(const at::Tensor& auroc) {
  return at::maximum(auroc, 1 - auroc);
}

BestColumns best_columns(const at::Tensor& auroc) {
  const auto best = sign_free(auroc).argmax(-1, /*keepdim=*/true);
  return {best.squeeze(-1), (auroc.gather(-1, best) >= 0.5).squeeze(-1)};
}

at::Tensor in_direction(const at::Tensor& auroc, const at::Tensor& rises) {
  return at::where(rises, auroc, 1 - auroc);
}

at::Tensor cliffs_delta(const at::Tensor& auroc) {
  return 2 * auroc - 1;
}

at::Tensor has_several_classes(const at::Tensor& labels) {
  if (labels.size(0) == 0) return at::zeros(labels.sizes().slice(1), at::kBool);
  const auto classes = labels.to(at::kLong);
  const auto lowest = classes.masked_fill(classes == kUnknown, std::numeric_limits<int64_t>::max()).amin(0);
  return lowest < classes.amax(0);
}

}  // namespace patronus
