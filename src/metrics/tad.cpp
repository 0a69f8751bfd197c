#include "patronus/metrics/tad.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <tuple>

#include "patronus/metrics/auroc.h"
#include "patronus/metrics/mutual_information.h"

namespace patronus {

Tad total_auroc_difference(const at::Tensor& x, const at::Tensor& attributes) {
  Tad result;
  result.auroc = sign_free(auroc_of_columns(x, attributes));
  std::tie(result.best, result.best_dimension) = result.auroc.max(1);
  // No dimension is below 0.5: with 0.5 in the place of the best one, the second is the largest.
  result.second = result.auroc.scatter(1, result.best_dimension.unsqueeze(1), 0.5).amax(1);
  result.redundancy = shared_information(attributes).redundancy;
  result.possible = result.redundancy <= kLargestRedundancy;
  result.captured = result.possible & (result.best >= kCapturedAuroc);
  result.tad = (result.best - result.second).masked_select(result.captured).sum().item<double>();
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

}  // namespace patronus
