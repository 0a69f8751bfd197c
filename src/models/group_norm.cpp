#include "patronus/models/group_norm.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>

#include "models/group_norm_gpu.h"
#include "models/group_norm_kernel.h"
#include "patronus/core/gpu.h"
#include "patronus/core/gpu_function.h"

namespace patronus {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Tensors of a fused normalisation; `x` is channels-last, all others are float32 and contiguous.
struct Operands {
  at::Tensor x, weight, bias;
  at::Tensor before, scale, shift, mask;  // [B, C] or undefined
  at::Tensor mean, rstd;                  // [B, groups]
  double eps;
  bool silu;

  int64_t channels() const { return x.size(1); }
  NormTask task(int64_t image) const {
    const auto row = [image](const at::Tensor& rows) {
      return rows.defined() ? rows.data_ptr<float>() + image * rows.size(1) : nullptr;
    };
    return {.pixels = x.size(2) * x.size(3),
            .channels = channels(),
            .group_size = channels() / mean.size(1),
            .silu = silu,
            .eps = static_cast<float>(eps),
            .weight = weight.data_ptr<float>(),
            .bias = bias.data_ptr<float>(),
            .before = row(before),
            .scale = row(scale),
            .shift = row(shift),
            .mask = row(mask),
            .mean = row(mean),
            .rstd = row(rstd)};
  }
};

/// Runs body(image, first channel, last channel + 1) in parallel over images, and over their channels too if
/// there are few images.
template <class Body>
void for_each_part(const Operands& o, const Body& body) {
  const int64_t channels = o.channels();
  const bool many_images = o.x.size(0) >= 2 * at::get_num_threads();
  const int64_t part = many_images ? channels : independent_channels(channels / o.mean.size(1));
  const int64_t parts = (channels + part - 1) / part;
  at::parallel_for(0, o.x.size(0) * parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % parts * part;
      body(i / parts, first, std::min(first + part, channels));
    }
  });
}

/// Null if only LibTorch's normalisation is available on the GPU.
struct GpuKernels {
  decltype(&gpu_supports_channels) takes =
      gpu_function<decltype(gpu_supports_channels)>("gpu_supports_channels");
  decltype(&normalize_on_gpu) normalize = gpu_function<decltype(normalize_on_gpu)>("normalize_on_gpu");
  decltype(&differentiate_on_gpu) differentiate =
      gpu_function<decltype(differentiate_on_gpu)>("differentiate_on_gpu");
};

const GpuKernels& gpu_kernels() {
  static const GpuKernels kernels;
  return kernels;
}

char* image_data(const at::Tensor& images, int64_t image) {
  return static_cast<char*>(images.data_ptr()) + image * images.stride(0) * images.element_size();
}

void normalize(const Operands& o, const at::Tensor& y) {
  if (o.x.is_cuda()) {
    const c10::DeviceGuard device(o.x.device());
    return gpu_kernels().normalize(o.task(0), o.x.size(0), o.x.scalar_type() == at::kBFloat16,
                                   o.x.const_data_ptr(), y.data_ptr(), current_stream(o.x.device()));
  }
  for_each_part(o, [&](int64_t image, int64_t begin, int64_t end) {
    normalize_channels(o.task(image), o.x.scalar_type(), image_data(o.x, image), image_data(y, image), begin,
                       end);
  });
}

/// `sums`: float32 [3, B, C], as in NormSums.
void differentiate(const Operands& o, const at::Tensor& dy, const at::Tensor& dx, const at::Tensor& sums) {
  const auto rows = [&](int64_t image) {
    const auto row = [&](int64_t i) { return sums[i].data_ptr<float>() + image * o.channels(); };
    return NormSums{row(0), row(1), row(2)};
  };
  if (o.x.is_cuda()) {
    const c10::DeviceGuard device(o.x.device());
    return gpu_kernels().differentiate(o.task(0), rows(0), o.x.size(0), o.x.scalar_type() == at::kBFloat16,
                                       o.x.const_data_ptr(), dy.const_data_ptr(), dx.data_ptr(),
                                       current_stream(o.x.device()));
  }
  for_each_part(o, [&](int64_t image, int64_t begin, int64_t end) {
    differentiate_channels(o.task(image), rows(image), o.x.scalar_type(), image_data(o.x, image),
                           image_data(dy, image), image_data(dx, image), begin, end);
  });
}

struct FusedGroupNorm : torch::autograd::Function<FusedGroupNorm> {
  using MaybeRows = std::optional<at::Tensor>;

  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, const MaybeRows& before, const MaybeRows& scale,
                            const MaybeRows& shift, const MaybeRows& mask, int64_t groups, double eps,
                            bool silu) {
    const auto statistics = at::empty({2, x.size(0), groups}, weight.options());
    const Operands o{x,
                     weight,
                     bias,
                     before.value_or(at::Tensor()),
                     scale.value_or(at::Tensor()),
                     shift.value_or(at::Tensor()),
                     mask.value_or(at::Tensor()),
                     statistics[0],
                     statistics[1],
                     eps,
                     silu};
    const auto y = at::empty_like(x);
    normalize(o, y);
    context->save_for_backward({o.x, o.weight, o.bias, o.before, o.scale, o.shift, o.mask, statistics});
    context->saved_data["eps"] = eps;
    context->saved_data["silu"] = silu;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    TORCH_CHECK(!at::GradMode::is_enabled(), "the fused group normalisation has no second derivatives");
    const auto s = context->get_saved_variables();
    const Operands o{s[0],
                     s[1],
                     s[2],
                     s[3],
                     s[4],
                     s[5],
                     s[6],
                     s[7][0],
                     s[7][1],
                     context->saved_data["eps"].toDouble(),
                     context->saved_data["silu"].toBool()};
    const auto dy = gradients[0].to(o.x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    const auto dx = at::empty_like(o.x);
    const auto sums = at::empty({3, o.x.size(0), o.channels()}, o.weight.options());
    differentiate(o, dy, dx, sums);
    const auto of_parameters = sums.narrow(0, 0, 2);  // sums of dz and of dz n
    const auto parameters = (o.scale.defined() ? of_parameters * (1 + o.scale) : of_parameters).sum(1);
    return {dx,
            parameters[1],
            parameters[0],
            o.before.defined() ? sums[2] : at::Tensor(),
            o.scale.defined() ? at::addcmul(o.weight * sums[1], o.bias, sums[0]) : at::Tensor(),
            o.shift.defined() ? sums[0] : at::Tensor(),
            {},
            {},
            {},
            {}};
  }
};

/// Expands to [B, C] float32, contiguous; nothing for an undefined tensor.
std::optional<at::Tensor> rows_for(const at::Tensor& x, const at::Tensor& rows) {
  if (!rows.defined()) return std::nullopt;
  return rows.to(at::kFloat).expand({x.size(0), x.size(1)}).contiguous();
}

bool runs_on_gpu(const at::Tensor& x, int64_t groups) {
  const auto takes = gpu_kernels().takes;
  return x.is_cuda() && takes != nullptr && takes(x.size(1), x.size(1) / groups) &&
         x.storage_offset() * x.element_size() % 16 == 0;
}

bool is_fusible(const at::Tensor& x, const at::Tensor& weight, int64_t groups) {
  const bool type = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
  const bool channels_last = x.is_contiguous(at::MemoryFormat::ChannelsLast) && !x.is_contiguous();
  const bool device = x.is_cpu() || runs_on_gpu(x, groups);
  return device && type && channels_last && weight.scalar_type() == at::kFloat;
}

at::Tensor as_pixels(const at::Tensor& rows) {
  return rows.unsqueeze(-1).unsqueeze(-1);
}

}  // namespace

GroupNormImpl::GroupNormImpl(int64_t groups, int64_t channels)
    : torch::nn::GroupNormImpl(torch::nn::GroupNormOptions(groups, channels)) {}

at::Tensor GroupNormImpl::forward(const at::Tensor& x) {
  if (!is_fusible(x, weight, options.num_groups()))
    return torch::nn::GroupNormImpl::forward(x).to(x.scalar_type());
  return FusedGroupNorm::apply(x, weight, bias, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
                               options.num_groups(), options.eps(), false);
}

at::Tensor GroupNormImpl::silu(const at::Tensor& x, const ChannelModulation& m) {
  if (is_fusible(x, weight, options.num_groups())) {
    return FusedGroupNorm::apply(x, weight, bias, rows_for(x, m.before), rows_for(x, m.scale),
                                 rows_for(x, m.shift), rows_for(x, m.mask), options.num_groups(),
                                 options.eps(), true);
  }
  auto y = torch::nn::GroupNormImpl::forward(m.before.defined() ? x + as_pixels(m.before) : x);
  if (m.scale.defined()) y = y * (1 + as_pixels(m.scale));
  if (m.shift.defined()) y = y + as_pixels(m.shift);
  y = at::silu(y);
  if (m.mask.defined()) y = y * as_pixels(m.mask);
  return y.to(x.scalar_type());
}

at::Tensor channel_dropout_mask(const at::Tensor& x, double probability) {
  if (probability == 0) return {};
  return at::empty({x.size(0), x.size(1)}, x.options().dtype(at::kFloat))
      .bernoulli_(1 - probability)
      .div_(1 - probability);
}

}  // namespace patronus
