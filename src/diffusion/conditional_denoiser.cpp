#include "patronus/diffusion/conditional_denoiser.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <map>
#include <memory>
#include <utility>

#include "diffusion/recorded_network.h"
#include "patronus/core/recorded_work.h"
#include "patronus/diffusion/objective.h"

namespace patronus {
namespace {

/// Embeddings of timesteps, each [1, E], computed on first use.
class TimeEmbeddings {
 public:
  explicit TimeEmbeddings(UNet unet) : unet_(std::move(unet)) {}

  const at::Tensor& at_timestep(int64_t t, at::Device device) {
    at::Tensor& embedding = timesteps_[t];
    if (!embedding.defined()) {
      embedding = unet_->embed_time(at::full({1}, t, at::TensorOptions(device).dtype(at::kLong)));
    }
    return embedding;
  }

 private:
  UNet unet_;
  std::map<int64_t, at::Tensor> timesteps_;
};

}  // namespace

ConditionalDenoiser conditional_denoiser(UNet unet, const NoiseSchedule& schedule, PredictionKind kind) {
  TORCH_CHECK(!unet->is_training(), "the network must be in evaluation mode to sample");
  const auto time = std::make_shared<TimeEmbeddings>(unet);
  const auto recorded = std::make_shared<RecordedNetwork>(unet);
  return [=](const at::Tensor& activations, Precision precision) mutable -> Denoiser {
    const c10::NoGradGuard no_grad;
    const auto condition = unet->embed_condition(activations);
    return [=](const at::Tensor& x_t, int64_t t) {
      const c10::NoGradGuard no_grad;
      const auto x = x_t.to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
      const Embeddings embeddings{.time = time->at_timestep(t, x.device()), .condition = condition};
      const auto output = uses_cuda_graphs(x.device()) ? (*recorded)(x, embeddings, precision)
                                                       : network_output(unet, x, embeddings, precision);
      return to_prediction(output, x, schedule.alpha_bar(t), kind);
    };
  };
}

Denoiser guided_denoiser(const ConditionalDenoiser& model, const at::Tensor& from, const at::Tensor& to,
                         const at::Tensor& strength, Precision precision) {
  return [pair = model(at::cat({from, to}), precision), w = strength.view({-1, 1, 1, 1})](
             const at::Tensor& x_t, int64_t t) {
    const Prediction both = pair(at::cat({x_t, x_t}), t);
    const auto x0 = both.x0.chunk(2), eps = both.eps.chunk(2);
    return Prediction{at::lerp(x0[0], x0[1], w), at::lerp(eps[0], eps[1], w)};
  };
}

}  // namespace patronus
