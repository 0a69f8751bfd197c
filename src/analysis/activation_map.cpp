#include "patronus/analysis/activation_map.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

namespace patronus {

at::Tensor activation_maps(PrototypeEncoder encoder, const at::Tensor& images, int64_t prototype,
                           int64_t size) {
  const c10::NoGradGuard no_grad;
  const auto distances = encoder->distances(encoder->features(images.to(encoder->prototypes().device())));
  const auto patches = encoder->activation(distances.select(1, prototype));
  return upsample_patch_values(patches.cpu(), encoder->receptive_field(), size);
}

at::Tensor upsample_patch_values(const at::Tensor& patches, const ReceptiveField& field, int64_t size) {
  const double scale = static_cast<double>(field.image_size) / static_cast<double>(size);
  const auto position =
      (at::arange(size, at::kFloat) + 0.5) * scale;  // pixel centres of the map, in image pixels
  const auto cell = ((position - field.start) / static_cast<double>(field.jump))
                        .clamp(0, static_cast<double>(field.cells - 1));
  // Linear interpolation as a matrix [size, n]: the weight of a patch falls to 0 at its neighbours' centres.
  const auto weight = (1 - (cell.unsqueeze(1) - at::arange(field.cells, at::kFloat)).abs()).clamp_min(0);
  return weight.matmul(patches).matmul(weight.t());
}

}  // namespace patronus
