#include "patronus/evaluation/attribute_classifier.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/functional.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adamw.h>

#include "patronus/analysis/attribute_judge.h"
#include "patronus/core/progress.h"
#include "patronus/core/random.h"
#include "patronus/core/unknown.h"
#include "patronus/data/loader.h"

namespace patronus {
namespace {

// A change to these values or to training needs a new kJudgeVersion (train_judge.cpp).
constexpr int64_t kSide = 64;        // larger images are downsampled to this
constexpr int64_t kCells = 8;        // side of the last feature map
constexpr int64_t kMaxPasses = 100;  // over the images: a small set has no more to teach
constexpr double kRate = 2e-3;       // decays linearly to 0

/// Feature maps as kCells x kCells cells. Pooling is slow, also where it would change nothing.
at::Tensor pooled(const at::Tensor& features) {
  return features.size(-1) == kCells ? features : at::adaptive_avg_pool2d(features, {kCells, kCells});
}

torch::nn::Sequential make_network(int64_t channels, int64_t side, int64_t attributes) {
  namespace nn = torch::nn;
  nn::Sequential network;
  const auto add = [&](int64_t in, int64_t out, int64_t stride) {
    network->push_back(nn::Conv2d(nn::Conv2dOptions(in, out, 3).stride(stride).padding(1)));
    network->push_back(nn::BatchNorm2d(out));
    network->push_back(nn::ReLU());
    return out;
  };
  int64_t width = add(channels, 32, 1);
  for (; 2 * side >= 3 * kCells; side = (side + 1) / 2)
    width = add(width, std::min<int64_t>(64, width + 16), 2);
  network->push_back(nn::Functional(pooled));
  network->push_back(nn::Flatten());
  network->push_back(nn::Linear(width * kCells * kCells, attributes));
  return network;
}

at::Tensor reduced(const at::Tensor& images) {
  return images.size(-1) > kSide ? at::adaptive_avg_pool2d(images, {kSide, kSide}) : images;
}

/// Loss weight [A] of images with the attribute relative to those without, to balance the two classes.
at::Tensor weight_of_presence(const at::Tensor& truth) {
  const auto with = (truth == 1).sum(0).to(at::kFloat), known = (truth != kUnknown).sum(0);
  const auto share = with / known.clamp_min(1);
  return ((1 - share) / share.clamp_min(1e-6)).clamp(0.02, 50);
}

}  // namespace

AttributeClassifier::AttributeClassifier(const Dataset& images, const at::Tensor& rows,
                                         const BinaryAttributes& attributes, at::Device device,
                                         const AttributeClassifierOptions& options)
    : device_(device) {
  const auto truth = attributes.values.index_select(0, rows);
  const auto shape = images.slice(0, 1).sizes().vec();
  seed_default_generators(derive_seed(options.seed, "attribute classifier"));
  network_ = make_network(shape[1], std::min(shape[3], kSide), truth.size(1));
  move_to_device();
  const auto weight = weight_of_presence(truth).to(device_);
  BatchOrder order(rows.size(0), options.batch_size, options.seed);
  const int64_t steps = std::min(options.steps, kMaxPasses * order.batches_per_epoch());
  torch::optim::AdamW optimizer(network_->parameters(), torch::optim::AdamWOptions(kRate));
  Progress progress("training a classifier of attributes", steps, "steps");
  for (int64_t step = 0; step < steps; ++step) {
    const double left = 1 - static_cast<double>(step) / static_cast<double>(steps);
    for (auto& group : optimizer.param_groups()) group.options().set_lr(kRate * left);
    const auto chosen = order.batch_indices(step);
    const auto clean = reduced(images.images(rows.index_select(0, chosen)));
    // Noise, with a random strength per image, since generated images are less clean than real ones.
    const auto noisy = clean + 0.1 * at::rand({clean.size(0), 1, 1, 1}) * at::randn_like(clean);
    const auto target = truth.index_select(0, chosen).to(device_);
    const auto known = (target != kUnknown).to(at::kFloat);
    optimizer.zero_grad();
    at::binary_cross_entropy_with_logits(network_->forward(on_device(noisy)), target * known, known, weight)
        .backward();
    optimizer.step();
    progress.advance();
  }
  network_->eval();
}

AttributeClassifier::AttributeClassifier(const Dataset& images, int64_t attributes, at::Device device,
                                         const NamedTensors& state)
    : device_(device) {
  const auto shape = images.slice(0, 1).sizes().vec();
  network_ = make_network(shape[1], std::min(shape[3], kSide), attributes);
  load_tensors(module_state(*network_), state);
  move_to_device();
  network_->eval();
}

void AttributeClassifier::move_to_device() {
  network_->to(device_);
  if (device_.is_cpu()) use_channels_last(*network_);
}

at::Tensor AttributeClassifier::on_device(const at::Tensor& images) const {
  return device_.is_cpu() ? images.contiguous(at::MemoryFormat::ChannelsLast) : images.to(device_);
}

NamedTensors AttributeClassifier::state() const {
  return module_state(*network_);
}

void AttributeClassifier::broadcast_from_first_rank(const ProcessGroup& ranks) {
  ranks.broadcast(network_->parameters());
  ranks.broadcast(network_->buffers());
}

at::Tensor AttributeClassifier::probabilities(const at::Tensor& images) {
  const c10::NoGradGuard no_grad;
  constexpr int64_t kBatch = 256;
  std::vector<at::Tensor> all;
  for (const auto& batch : images.split(kBatch)) {
    all.push_back(network_->forward(on_device(reduced(batch))).sigmoid().cpu());
  }
  return at::cat(all);
}

at::Tensor AttributeClassifier::accuracy(const Dataset& images, const at::Tensor& rows,
                                         const BinaryAttributes& attributes) {
  constexpr int64_t kChunk = 1024;
  std::vector<at::Tensor> judged;
  for (const auto& chunk : rows.split(kChunk))
    judged.push_back(probabilities(images.images(chunk)) > kPresenceThreshold);
  return balanced_accuracy(at::cat(judged), attributes.values.index_select(0, rows));
}

at::Tensor balanced_accuracy(const at::Tensor& judged, const at::Tensor& truth) {
  const auto right = judged.to(at::kBool) == (truth == 1);
  const auto share = [&](int64_t value) {
    const auto among = truth == value;
    return (right & among).sum(0).to(at::kDouble) / among.sum(0).to(at::kDouble);
  };
  return (share(1) + share(0)) / 2;
}

}  // namespace patronus
