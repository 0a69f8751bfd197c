#include "patronus/models/inception.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <string>

#include "patronus/core/pixels.h"

namespace patronus {
namespace {

constexpr int64_t kInputSize = 299;
constexpr int64_t kClasses = 1008;
constexpr double kInceptionEps = 1e-3;
constexpr const char* kBatchCount = ".num_batches_tracked";

struct Convolution {
  std::string name;
  int64_t channels;
  std::array<int64_t, 2> kernel{1, 1};
  int64_t stride = 1;
  bool padded = true;  // keeps height and width
};

enum class Pool { kNone, kMean, kMax, kHalve };

/// A branch of a block: pools the input, applies the convolutions of the chain, then those of the fork side
/// by side, whose outputs are concatenated.
struct Branch {
  Pool pool = Pool::kNone;
  std::vector<Convolution> chain;
  std::vector<Convolution> fork{};
};

/// 3x3 pooling; averages exclude padding.
at::Tensor pooled(const at::Tensor& x, Pool pool) {
  switch (pool) {
    case Pool::kMean:
      return at::avg_pool2d(x, 3, 1, 1, /*ceil_mode=*/false, /*count_include_pad=*/false);
    case Pool::kMax:
      return at::max_pool2d(x, 3, 1, 1);
    case Pool::kHalve:
      return at::max_pool2d(x, 3, 2);
    default:
      return x;
  }
}

/// Convolution without bias, BatchNorm with running statistics, ReLU. Registered names: `conv`, `bn`.
class ConvolutionUnit : public torch::nn::Module {
 public:
  ConvolutionUnit(int64_t in_channels, const Convolution& c) : stride_(c.stride) {
    const auto [height, width] = c.kernel;
    if (c.padded) padding_ = {height / 2, width / 2};
    const auto conv = register_module("conv", std::make_shared<torch::nn::Module>("Convolution"));
    weight_ = conv->register_parameter("weight", at::zeros({c.channels, in_channels, height, width}), false);
    const auto bn = register_module("bn", std::make_shared<torch::nn::Module>("BatchNorm"));
    scale_ = bn->register_parameter("weight", at::ones({c.channels}), false);
    shift_ = bn->register_parameter("bias", at::zeros({c.channels}), false);
    mean_ = bn->register_buffer("running_mean", at::zeros({c.channels}));
    variance_ = bn->register_buffer("running_var", at::ones({c.channels}));
    bn->register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
  }

  /// Folds BatchNorm into the weights: cheaper than another pass over the output.
  at::Tensor forward(const at::Tensor& x) const {
    const auto scale = scale_ * (variance_ + kInceptionEps).rsqrt();
    const auto weight = weight_ * scale.view({-1, 1, 1, 1});
    return at::conv2d(x, weight, shift_ - mean_ * scale, stride_, padding_).relu_();
  }

 private:
  int64_t stride_;
  std::array<int64_t, 2> padding_{0, 0};
  at::Tensor weight_, scale_, shift_, mean_, variance_;
};

/// Parallel branches with concatenated outputs; registers their convolutions by name.
class InceptionBlock : public torch::nn::Module {
 public:
  InceptionBlock(int64_t in_channels, const std::vector<Branch>& branches) {
    for (const auto& branch : branches) {
      auto& built = branches_.emplace_back();
      built.pool = branch.pool;
      int64_t channels = in_channels;
      const auto add = [&](const Convolution& c) {
        return register_module(c.name, std::make_shared<ConvolutionUnit>(channels, c));
      };
      for (const auto& c : branch.chain) {
        built.chain.push_back(add(c));
        channels = c.channels;
      }
      for (const auto& c : branch.fork) {
        built.fork.push_back(add(c));
        out_channels_ += c.channels;
      }
      if (branch.fork.empty()) out_channels_ += channels;
    }
  }

  at::Tensor forward(const at::Tensor& x) const {
    std::vector<at::Tensor> outputs;
    for (const auto& branch : branches_) {
      auto y = pooled(x, branch.pool);
      for (const auto& unit : branch.chain) y = unit->forward(y);
      for (const auto& unit : branch.fork) outputs.push_back(unit->forward(y));
      if (branch.fork.empty()) outputs.push_back(y);
    }
    return at::cat(outputs, 1);
  }

  int64_t out_channels() const { return out_channels_; }

 private:
  using Units = std::vector<std::shared_ptr<ConvolutionUnit>>;
  struct BuiltBranch {
    Pool pool;
    Units chain;
    Units fork;
  };
  std::vector<BuiltBranch> branches_;
  int64_t out_channels_ = 0;
};

// The blocks of Inception v3, with torchvision's names.

/// At 35x35.
std::vector<Branch> block_a(int64_t pool_channels) {
  return {{.chain = {{"branch1x1", 64}}},
          {.chain = {{"branch5x5_1", 48}, {"branch5x5_2", 64, {5, 5}}}},
          {.chain = {{"branch3x3dbl_1", 64}, {"branch3x3dbl_2", 96, {3, 3}}, {"branch3x3dbl_3", 96, {3, 3}}}},
          {.pool = Pool::kMean, .chain = {{"branch_pool", pool_channels}}}};
}

/// From 35x35 to 17x17.
std::vector<Branch> block_b() {
  return {{.chain = {{"branch3x3", 384, {3, 3}, 2, false}}},
          {.chain = {{"branch3x3dbl_1", 64},
                     {"branch3x3dbl_2", 96, {3, 3}},
                     {"branch3x3dbl_3", 96, {3, 3}, 2, false}}},
          {.pool = Pool::kHalve, .chain = {}}};
}

/// At 17x17, with 7x7 convolutions of `channels` channels factored into 1x7 and 7x1.
std::vector<Branch> block_c(int64_t channels) {
  return {
      {.chain = {{"branch1x1", 192}}},
      {.chain = {{"branch7x7_1", channels}, {"branch7x7_2", channels, {1, 7}}, {"branch7x7_3", 192, {7, 1}}}},
      {.chain = {{"branch7x7dbl_1", channels},
                 {"branch7x7dbl_2", channels, {7, 1}},
                 {"branch7x7dbl_3", channels, {1, 7}},
                 {"branch7x7dbl_4", channels, {7, 1}},
                 {"branch7x7dbl_5", 192, {1, 7}}}},
      {.pool = Pool::kMean, .chain = {{"branch_pool", 192}}}};
}

/// From 17x17 to 8x8.
std::vector<Branch> block_d() {
  return {{.chain = {{"branch3x3_1", 192}, {"branch3x3_2", 320, {3, 3}, 2, false}}},
          {.chain = {{"branch7x7x3_1", 192},
                     {"branch7x7x3_2", 192, {1, 7}},
                     {"branch7x7x3_3", 192, {7, 1}},
                     {"branch7x7x3_4", 192, {3, 3}, 2, false}}},
          {.pool = Pool::kHalve, .chain = {}}};
}

/// At 8x8.
std::vector<Branch> block_e(Pool pool) {
  return {{.chain = {{"branch1x1", 320}}},
          {.chain = {{"branch3x3_1", 384}},
           .fork = {{"branch3x3_2a", 384, {1, 3}}, {"branch3x3_2b", 384, {3, 1}}}},
          {.chain = {{"branch3x3dbl_1", 448}, {"branch3x3dbl_2", 384, {3, 3}}},
           .fork = {{"branch3x3dbl_3a", 384, {1, 3}}, {"branch3x3dbl_3b", 384, {3, 1}}}},
          {.pool = pool, .chain = {{"branch_pool", 192}}}};
}

/// Network input float32 [B, 3, 299, 299] in [-1, 1], resized without antialiasing, as pytorch-fid does.
at::Tensor network_input(const at::Tensor& images) {
  TORCH_CHECK(images.dim() == 4 && (images.size(1) == 1 || images.size(1) == 3), "inception features of ",
              images.sizes());
  const auto pixels = images.scalar_type() == at::kByte ? images : to_pixels(images);
  const auto large = at::upsample_bilinear2d(pixels.to(at::kFloat) / 255, {kInputSize, kInputSize},
                                             /*align_corners=*/false);
  return (2 * large - 1).expand({-1, 3, -1, -1}).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

InceptionImpl::InceptionImpl() {
  int64_t channels = 3;
  const auto convolution = [&](const Convolution& c) -> Layer {
    const auto unit = register_module(c.name, std::make_shared<ConvolutionUnit>(channels, c));
    channels = c.channels;
    return [unit](const at::Tensor& x) { return unit->forward(x); };
  };
  const auto block = [&](const std::string& name, const std::vector<Branch>& branches) -> Layer {
    const auto built = register_module(name, std::make_shared<InceptionBlock>(channels, branches));
    channels = built->out_channels();
    return [built](const at::Tensor& x) { return built->forward(x); };
  };
  const Layer halve = [](const at::Tensor& x) { return pooled(x, Pool::kHalve); };

  parts_ = {
      {convolution({"Conv2d_1a_3x3", 32, {3, 3}, 2, false}),
       convolution({"Conv2d_2a_3x3", 32, {3, 3}, 1, false}), convolution({"Conv2d_2b_3x3", 64, {3, 3}}),
       halve},
      {convolution({"Conv2d_3b_1x1", 80}), convolution({"Conv2d_4a_3x3", 192, {3, 3}, 1, false}), halve},
      {block("Mixed_5b", block_a(32)), block("Mixed_5c", block_a(64)), block("Mixed_5d", block_a(64)),
       block("Mixed_6a", block_b()), block("Mixed_6b", block_c(128)), block("Mixed_6c", block_c(160)),
       block("Mixed_6d", block_c(160)), block("Mixed_6e", block_c(192))},
      {block("Mixed_7a", block_d()), block("Mixed_7b", block_e(Pool::kMean)),
       block("Mixed_7c", block_e(Pool::kMax))}};
  const auto fc = register_module("fc", std::make_shared<torch::nn::Module>("Classifier"));
  fc->register_parameter("weight", at::zeros({kClasses, channels}), false);
  fc->register_parameter("bias", at::zeros({kClasses}), false);
}

void InceptionImpl::load_state(const NamedTensors& values) {
  const auto without_counts = [](NamedTensors tensors) {
    std::erase_if(tensors, [](const auto& entry) { return entry.first.ends_with(kBatchCount); });
    return tensors;
  };
  load_tensors(without_counts(module_state(*this)), without_counts(values),
               "expected those of pytorch-fid's Inception");
}

at::Tensor InceptionImpl::forward(const at::Tensor& images, int64_t dimensions) {
  return feature_map(images, dimensions).mean({2, 3});
}

at::Tensor InceptionImpl::feature_map(const at::Tensor& images, int64_t dimensions) {
  const c10::NoGradGuard no_grad;
  auto x = network_input(images);
  for (size_t part = 0; part < parts_.size(); ++part) {
    for (const auto& layer : parts_[part]) x = layer(x);
    if (kInceptionDimensions[part] == dimensions) return x;
  }
  TORCH_CHECK(false, "no part of Inception has ", dimensions, " channels");
}

}  // namespace patronus
