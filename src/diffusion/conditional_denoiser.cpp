#include "patronus/diffusion/conditional_denoiser.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "patronus/core/recorded_work.h"
#include "patronus/diffusion/objective.h"

namespace patronus {
namespace {

/// The network's embeddings of timesteps, each [1, E], computed the first time that a timestep is asked for.
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

/// The network's output for one batch after another. On a GPU it is recorded once batches of the same shape
/// have come some times in a row, until the shape changes.
class NetworkEvaluation {
 public:
  explicit NetworkEvaluation(UNet unet) : unet_(std::move(unet)) {}

  /// Float32 [B, C, S, S], of x [B, C, S, S].
  at::Tensor operator()(const at::Tensor& x, const Embeddings& embeddings, Precision precision) {
    if (!makes_graphs(x.device())) return evaluate(x, embeddings, precision);
    if (!is_like_before(x, embeddings, precision)) start_again(x, embeddings, precision);
    if (!work_ && batches_++ == kBatchesBefore) work_ = record();
    if (!work_) return evaluate(x, embeddings, precision);
    x_.copy_(x);
    embeddings_.time.copy_(embeddings.time);
    if (embeddings.condition.defined()) embeddings_.condition.copy_(embeddings.condition);
    work_->replay();
    return output_.clone();
  }

 private:
  static constexpr int64_t kBatchesBefore = 2;  // that set everything up

  at::Tensor evaluate(const at::Tensor& x, const Embeddings& embeddings, Precision precision) {
    const PrecisionGuard guard(x.device().type(), precision);
    return unet_->denoise(x, embeddings).to(at::kFloat);
  }

  std::optional<RecordedWork> record() {
    return RecordedWork::record(x_.device(), [this] { output_ = evaluate(x_, embeddings_, precision_); });
  }

  bool is_like_before(const at::Tensor& x, const Embeddings& e, Precision precision) const {
    const auto same = [](const at::Tensor& a, const at::Tensor& b) {
      return a.defined() == b.defined() && (!a.defined() || a.sizes().equals(b.sizes()));
    };
    return same(x, x_) && same(e.time, embeddings_.time) && same(e.condition, embeddings_.condition) &&
           precision == precision_;
  }

  void start_again(const at::Tensor& x, const Embeddings& e, Precision precision) {
    work_.reset();
    batches_ = 0;
    x_ = x.clone();
    embeddings_ = {.time = e.time.clone(),
                   .condition = e.condition.defined() ? e.condition.clone() : e.condition};
    precision_ = precision;
  }

  UNet unet_;
  int64_t batches_ = 0;  // alike, one after the other
  // The recorded work's own, and what it was recorded for.
  at::Tensor x_, output_;
  Embeddings embeddings_;
  Precision precision_ = Precision::kFloat32;
  std::optional<RecordedWork> work_;
};

}  // namespace

ConditionalDenoiser conditional_denoiser(UNet unet, const Schedule& schedule, PredictionKind kind) {
  TORCH_CHECK(!unet->is_training(), "the network must be in evaluation mode to sample");
  const auto time = std::make_shared<TimeEmbeddings>(unet);
  const auto evaluation = std::make_shared<NetworkEvaluation>(unet);
  return [=](const at::Tensor& activations, Precision precision) mutable -> Denoiser {
    const c10::NoGradGuard no_grad;
    const auto condition = unet->embed_condition(activations);
    return [=](const at::Tensor& x_t, int64_t t) {
      const c10::NoGradGuard no_grad;
      const auto x = x_t.to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
      const auto output =
          (*evaluation)(x, {.time = time->at_timestep(t, x.device()), .condition = condition}, precision);
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
