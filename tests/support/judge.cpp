#include "support/judge.h"

#include <torch/nn.h>
#include <torch/optim/adamw.h>

#include "patronus/core/random.h"
#include "patronus/data/loader.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/models/module_state.h"
#include "patronus/run/checkpoint.h"

namespace patronus::test {
namespace {

constexpr int64_t kAttributes = 9;

torch::nn::Sequential convolutions() {
  namespace nn = torch::nn;
  const auto conv = [](int64_t in, int64_t out, int64_t stride) {
    return nn::Conv2d(nn::Conv2dOptions(in, out, 3).stride(stride).padding(1));
  };
  return nn::Sequential(conv(3, 32, 1), nn::BatchNorm2d(32), nn::ReLU(), conv(32, 48, 2), nn::BatchNorm2d(48),
                        nn::ReLU(), conv(48, 64, 2), nn::BatchNorm2d(64), nn::ReLU());
}

at::Tensor channels_last(const at::Tensor& images) {
  return images.contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

Judge::Judge() {
  seed_default_generators(1);
  body_ = convolutions();
  use_channels_last(*body_);
  head_ = torch::nn::Sequential(torch::nn::Flatten(), torch::nn::Linear(64 * 8 * 8, kAttributes));
}

Judge::Judge(const std::filesystem::path& file) : Judge() {
  const Dict saved = read_tensor_file(file);
  load_tensors(module_state(*body_), to_named_tensors(saved.at("body").dict()));
  load_tensors(module_state(*head_), to_named_tensors(saved.at("head").dict()));
  body_->eval();
}

void Judge::save(const std::filesystem::path& file) const {
  Dict weights;
  weights.set("body", to_dict(module_state(*body_)));
  weights.set("head", to_dict(module_state(*head_)));
  write_tensor_file(file, weights);
}

Judge::Judge(const FacesConfig& faces) : Judge() {
  auto parameters = body_->parameters();
  for (const auto& parameter : head_->parameters()) parameters.push_back(parameter);
  DataConfig data;
  data.faces = faces;
  const Dataset train = open_dataset(data, Split::kTrain);
  constexpr int64_t kSteps = 700;
  BatchOrder order(train.size(), 64, 1);
  torch::optim::AdamW optimizer(parameters, torch::optim::AdamWOptions(2e-3));
  for (int64_t step = 0; step < kSteps; ++step) {
    for (auto& group : optimizer.param_groups()) group.options().set_lr(2e-3 * (1 - double(step) / kSteps));
    const auto indices = order.batch_indices(step);
    const auto truth = train.attributes().values.index_select(0, indices).to(at::kFloat);
    // Some noise, since generated images are less clean than drawings.
    const auto images = train.images(indices);
    const auto noisy = images + 0.1 * at::rand({images.size(0), 1, 1, 1}) * at::randn_like(images);
    optimizer.zero_grad();
    at::binary_cross_entropy_with_logits(head_->forward(body_->forward(channels_last(noisy))), truth)
        .backward();
    optimizer.step();
  }
  body_->eval();
}

at::Tensor Judge::attributes(const at::Tensor& images) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> logits;
  for (const auto& batch : images.split(256))
    logits.push_back(head_->forward(body_->forward(channels_last(batch))));
  return at::cat(logits) > 0;
}

at::Tensor Judge::features(const at::Tensor& images) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> features;
  for (const auto& batch : images.split(256)) {
    features.push_back(at::adaptive_avg_pool2d(body_->forward(channels_last(batch)), {2, 2}).flatten(1));
  }
  return at::cat(features);
}

}  // namespace patronus::test
