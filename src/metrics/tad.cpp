#include "patronus/metrics/tad.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <tuple>

#include "patronus/core/unknown.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/mutual_information.h"

namespace patronus {

Tad total_auroc_difference(const at::Tensor& x, const at::Tensor& attributes) {
  Tad result;
  result.auroc = sign_free(auroc_of_columns(x, attributes));
  const auto chance = at::full({result.auroc.size(0), 1}, 0.5, at::kDouble);  // runner-up for a single code
  const auto top = std::get<0>(at::cat({result.auroc, chance}, 1).topk(2, 1));
  const auto best = top.select(1, 0), second = top.select(1, 1);
  result.redundancy = redundancy(attributes);
  result.possible = result.redundancy <= kLargestRedundancy;
  result.captured = result.possible & (best >= kCapturedAuroc);
  result.tad = (best - second).masked_select(result.captured).sum().item<double>();
  return result;
}

TadOverFolds total_auroc_difference(const at::Tensor& x, const at::Tensor& attributes,
                                    const std::vector<Fold>& folds) {
  TadOverFolds result;
  std::vector<double> tad, captured, possible;
  for (const auto& fold : folds) {
    const auto& part = result.folds.emplace_back(
        total_auroc_difference(x.index_select(0, fold.train), attributes.index_select(0, fold.train)));
    tad.push_back(part.tad);
    captured.push_back(part.captured.sum().item<double>());
    possible.push_back(part.possible.sum().item<double>());
  }
  result.tad = mean_over(tad, "folds", Deviation::kPopulation);
  result.captured = mean_over(captured, "folds", Deviation::kPopulation);
  result.possible = mean_over(possible, "folds", Deviation::kPopulation);
  return result;
}

at::Tensor held_out_auroc(const at::Tensor& x, const at::Tensor& attributes, const std::vector<Fold>& folds) {
  const int64_t ranks = std::min<int64_t>(2, x.size(1));
  auto all = at::full({std::ssize(folds), attributes.size(1), 2}, kNaN, at::kDouble);
  for (size_t f = 0; f < folds.size(); ++f) {
    const auto labels_of = [&](const at::Tensor& rows) { return attributes.index_select(0, rows); };
    const auto auroc_in = [&](const at::Tensor& rows) {
      return auroc_of_columns(x.index_select(0, rows), labels_of(rows));
    };
    const auto& [train, test] = folds[f];
    const auto chosen = auroc_in(train);  // [A, D]
    const auto best = std::get<1>(sign_free(chosen).topk(ranks, 1));
    const auto measured = auroc_in(test).gather(1, best);
    const auto is_known = has_several_classes(labels_of(train)) & has_several_classes(labels_of(test));
    all[static_cast<int64_t>(f)]
        .slice(1, 0, ranks)
        .copy_(in_direction(measured, chosen.gather(1, best) >= 0.5)
                   .masked_fill(is_known.logical_not().unsqueeze(1), kNaN));
  }
  return all;
}

}  // namespace patronus
