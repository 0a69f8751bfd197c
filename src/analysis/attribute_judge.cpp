#include "patronus/analysis/attribute_judge.h"

#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor AttributeJudge::probabilities(const at::Tensor& images) const {
  return judge(images.clamp(-1, 1)).to(at::kDouble);
}

at::Tensor AttributeJudge::attributes_of(const at::Tensor& images) const {
  return probabilities(images) > kLikely;
}

at::Tensor is_believed(const at::Tensor& accuracy) {
  constexpr double kBelieved = 0.8;
  return accuracy >= kBelieved;
}

}  // namespace patronus
