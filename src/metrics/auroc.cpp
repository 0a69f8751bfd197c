#include "patronus/metrics/auroc.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/metrics/ranks.h"

namespace patronus {

at::Tensor auroc_of_columns(const at::Tensor& scores, const at::Tensor& labels) {
  TORCH_CHECK(scores.dim() == 2 && labels.dim() == 2 && scores.size(0) == labels.size(0), "AUROC of scores ",
              scores.sizes(), " for labels ", labels.sizes());
  TORCH_CHECK(((labels == 0) | (labels == 1)).all().item<bool>(), "AUROC for labels other than 0 and 1");
  const auto y = labels.to(at::kDouble);
  const auto positives = y.sum(0).unsqueeze(1), negatives = y.size(0) - positives;
  const auto pairs = positives * negatives;
  const auto ordered = at::matmul(y.t(), mid_ranks(scores)) - positives * (positives + 1) / 2;
  return at::where(pairs > 0, ordered / pairs.clamp_min(1), 0.5);
}

double auroc(const at::Tensor& scores, const at::Tensor& labels) {
  return auroc_of_columns(scores.unsqueeze(1), labels.unsqueeze(1)).item<double>();
}

at::Tensor sign_free(const at::Tensor& auroc) {
  return at::maximum(auroc, 1 - auroc);
}

at::Tensor has_several_classes(const at::Tensor& labels) {
  return labels.amin(0) != labels.amax(0);
}

}  // namespace patronus
