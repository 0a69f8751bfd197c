#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/diagnosis/attribute_images.h"
#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// Source of the activations for generated images: test images or the latent model.
enum class ActivationSource { kTestImages, kLatentModel };
inline std::vector<std::string> enum_names(ActivationSource) {
  return {"test images", "latent model"};
}

/// Correlation of two attributes (phi, of 0/1 values) in the data and in images from the model.
struct Association {
  ActivationSource drawn_from = ActivationSource::kTestImages;
  size_t a = 0;  // attribute indices
  size_t b = 0;
  double training = 0;   // phi of the training images' labels
  Estimate real{};       // phi of test images, as judged
  Estimate generated{};  // phi of as many images generated from random noise, as judged
  // |generated| - |real|, with a simultaneous interval over all pairs: above 0 if the model amplifies.
  Estimate difference{};
  std::string dependence{};  // why the two depend on each other by definition; empty: no known reason

  bool is_amplified() const { return difference.low > 0; }
};

/// Associations of all pairs of the attributes selected by `counts` (bool [A]), most amplified first.
/// `training`: float64 [A, A]; `real`, `generated`: judged attributes of n test and n generated images, bool
/// [n, A]. `seed`: of the bootstrap.
std::vector<Association> associations(const at::Tensor& training, const at::Tensor& real,
                                      const at::Tensor& generated, const at::Tensor& counts,
                                      ActivationSource drawn_from = ActivationSource::kTestImages,
                                      uint64_t seed = 0);

}  // namespace patronus
