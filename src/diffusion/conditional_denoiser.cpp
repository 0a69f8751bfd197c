#include "patronus/diffusion/conditional_denoiser.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <utility>

namespace patronus {

Denoiser make_denoiser(UNet unet, const Schedule& schedule, PredictionKind kind, at::Tensor activations,
                       Precision precision) {
  TORCH_CHECK(!unet->is_training(), "the network must be in evaluation mode to sample");
  return [=](const at::Tensor& x_t, int64_t t) mutable {
    const at::NoGradGuard no_grad;
    const auto x = x_t.to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
    const auto levels = at::full({x.size(0)}, t, x.options().dtype(at::kLong));
    at::Tensor output;
    {
      const AutocastGuard autocast(x.device().type(), precision);
      output = unet->forward(x, levels, activations);
    }
    return to_prediction(output.to(at::kFloat), x, schedule.alpha_bar(t), kind);
  };
}

ConditionalDenoiser conditional_denoiser(UNet unet, const Schedule& schedule, PredictionKind kind) {
  return [=](const at::Tensor& activations, Precision precision) {
    return make_denoiser(unet, schedule, kind, activations, precision);
  };
}

Denoiser guided_denoiser(Denoiser from, Denoiser to, double strength) {
  return [=](const at::Tensor& x_t, int64_t t) {
    const Prediction a = from(x_t, t), b = to(x_t, t);
    return Prediction{at::lerp(a.x0, b.x0, strength), at::lerp(a.eps, b.eps, strength)};
  };
}

}  // namespace patronus
