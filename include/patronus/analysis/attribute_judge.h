#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

namespace patronus {

/// Probability above which an attribute counts as present.
inline constexpr double kPresenceThreshold = 0.5;

/// A classifier of image attributes that is independent of the model's encoder.
struct AttributeJudge {
  std::vector<std::string> names = {};  // [A]
  at::Tensor accuracy = {};             // float64 [A], balanced accuracy on real images
  // Maps images [B, C, S, S] in [-1, 1] on the CPU to the probability of each attribute: float [B, A].
  std::function<at::Tensor(const at::Tensor& images)> judge = {};

  std::string identity = {};  // what it was trained on and how; empty: unknown

  /// Probability of each attribute: float64 [B, A]. `images`: float [B, C, S, S] on the CPU, real or
  /// generated; clamped to [-1, 1] first.
  at::Tensor probabilities(const at::Tensor& images) const;
  /// Whether each attribute's probability exceeds kPresenceThreshold: bool [B, A]. `images` as for
  /// `probabilities`.
  at::Tensor predict_attributes(const at::Tensor& images) const;
};

/// Whether a judge is accurate enough to be relied on: balanced accuracy of at least 0.8. Returns bool of the
/// same shape; false for NaN.
at::Tensor is_reliable(const at::Tensor& accuracy);

}  // namespace patronus
