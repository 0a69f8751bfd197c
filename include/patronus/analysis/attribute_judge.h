#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

namespace patronus {

/// How likely an attribute must be to count as there.
inline constexpr double kLikely = 0.5;

/// Somebody who says which attributes images show, without asking the model's encoder.
struct AttributeJudge {
  std::vector<std::string> names = {};  // [A]
  at::Tensor accuracy = {};             // float64 [A], balanced, on real images
  // Images [B, C, S, S] in [-1, 1], on the CPU, to how likely each attribute is in them: float [B, A].
  std::function<at::Tensor(const at::Tensor& images)> judge = {};

  /// How likely each attribute is in `images`, float [B, C, S, S] on the CPU, clamped to [-1, 1] first,
  /// whether they are real or generated: float64 [B, A].
  at::Tensor probabilities(const at::Tensor& images) const;
  /// Which attributes are likelier than kLikely in `images`, as for `probabilities`: bool [B, A].
  at::Tensor attributes_of(const at::Tensor& images) const;
};

/// Whether a judge of this accuracy is right often enough, on 80 % of real images (balanced), for its word to
/// count: bool, of its shape; false where it is NaN.
at::Tensor is_believed(const at::Tensor& accuracy);

}  // namespace patronus
