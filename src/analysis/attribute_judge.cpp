#include "patronus/analysis/attribute_judge.h"

#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor AttributeJudge::attributes_of(const at::Tensor& images) const {
  return probabilities_of(images) > kLikely;
}

at::Tensor is_believed(const at::Tensor& accuracy) {
  constexpr double kBelieved = 0.8;
  return accuracy >= kBelieved;
}

}  // namespace patronus
