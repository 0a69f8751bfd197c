#include "patronus/diffusion/round_trip.h"

namespace patronus {

RoundTrip round_trip(const Denoiser& denoiser, const at::Tensor& images, const NoiseSchedule& schedule,
                     const InversionOptions& options) {
  RoundTrip result;
  result.inversion = invert_ddim(denoiser, images, schedule, options);
  result.image =
      sample(denoiser, result.inversion.x_T, schedule, {.sampler = Sampler::kDdim, .steps = options.steps});
  return result;
}

}  // namespace patronus
