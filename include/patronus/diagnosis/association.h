#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/diagnosis/attribute_images.h"
#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// Where the activations of drawn images come from: from test images, or from the latent model.
enum class DrawnFrom { kTestImages, kLatentModel };
inline std::vector<std::string> enum_names(DrawnFrom) {
  return {"test images", "latent model"};
}

/// How strongly two attributes go together (phi, the correlation of 0/1 values) in the data and in what the
/// model makes of it.
struct Association {
  DrawnFrom drawn_from = DrawnFrom::kTestImages;
  size_t a = 0;  // numbers of attributes
  size_t b = 0;
  double training = 0;   // in the labels of the training images
  Estimate real{};       // in test images, as judged
  Estimate generated{};  // in as many images drawn with random noise, as judged
  // |generated| - |real|, whose interval holds for all pairs at once: above 0 where the model exaggerates.
  Estimate difference{};

  bool is_amplified() const { return difference.low > 0; }
};

/// The association of every two attributes that `counts` (bool [A]), the most exaggerated first. `training`:
/// float64 [A, A]; `real` and `generated`: what is judged of n images and of as many drawn ones, bool [n, A].
std::vector<Association> associations(const at::Tensor& training, const at::Tensor& real,
                                      const at::Tensor& generated, const at::Tensor& counts,
                                      DrawnFrom drawn_from = DrawnFrom::kTestImages);

}  // namespace patronus
