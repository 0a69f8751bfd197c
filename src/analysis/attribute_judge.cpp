#include "patronus/analysis/attribute_judge.h"

#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor AttributeJudge::probabilities(const at::Tensor& images) const {
  return judge(images.clamp(-1, 1)).to(at::kDouble);
}

at::Tensor AttributeJudge::predict_attributes(const at::Tensor& images) const {
  return probabilities(images) > kPresenceThreshold;
}

at::Tensor is_reliable(const at::Tensor& accuracy) {
  constexpr double kMinReliableAccuracy = 0.8;
  return accuracy >= kMinReliableAccuracy;
}

}  // namespace patronus
