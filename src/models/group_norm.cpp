#include "patronus/models/group_norm.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace patronus {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// One image of a channels-last batch, as pixels × channels.
struct Plane {
  int64_t pixels, channels, groups;
  int64_t group_size() const { return channels / groups; }
};

/// Runs body(pixel * C + c, c) over an image. Inner loops of a fixed 8 channels are what the compiler
/// vectorises.
template <class Body>
void for_each_value(const Plane& plane, const Body& body) {
  constexpr int64_t kLanes = 8;
  for (int64_t start = 0; start < plane.pixels * plane.channels; start += plane.channels) {
    for (int64_t c = 0; c < plane.channels; c += kLanes) {
      for (int64_t lane = 0; lane < kLanes; ++lane) body(start + c + lane, c + lane);
    }
  }
}

/// Mean over each group of what was summed up per channel, written back to all its channels.
void average_groups(const Plane& plane, float* per_channel) {
  const int64_t size = plane.group_size();
  for (float* group = per_channel; group < per_channel + plane.channels; group += size) {
    double sum = 0;
    for (int64_t c = 0; c < size; ++c) sum += group[c];
    std::fill(group, group + size, static_cast<float>(sum / static_cast<double>(size * plane.pixels)));
  }
}

/// Normalises one image; `mean` and `rstd` [C] receive each channel's group statistics.
template <class T>
void normalize_image(const Plane& plane, const T* __restrict x, T* __restrict y, float* __restrict mean,
                     float* __restrict rstd, const float* weight, const float* bias, float eps) {
  for_each_value(plane, [=](int64_t i, int64_t c) { mean[c] += static_cast<float>(x[i]); });
  average_groups(plane, mean);
  for_each_value(plane, [=](int64_t i, int64_t c) {
    const float centred = static_cast<float>(x[i]) - mean[c];
    rstd[c] += centred * centred;
  });
  average_groups(plane, rstd);
  std::vector<float> scale_of(plane.channels), shift_of(plane.channels);
  float* __restrict scale = scale_of.data();
  float* __restrict shift = shift_of.data();
  for (int64_t c = 0; c < plane.channels; ++c) {
    rstd[c] = 1 / std::sqrt(rstd[c] + eps);
    scale[c] = rstd[c] * weight[c];
    shift[c] = bias[c] - mean[c] * scale[c];
  }
  for_each_value(plane, [=](int64_t i, int64_t c) {
    y[i] = static_cast<T>(static_cast<float>(x[i]) * scale[c] + shift[c]);
  });
}

/// Gradients of one image: dx, and its share of those of weight and bias [C].
/// With n = (x - mean) rstd: dx = rstd (w dy - mean_g(w dy) - n mean_g(w dy n)), means over the group.
template <class T>
void differentiate_image(const Plane& plane, const T* __restrict x, const T* __restrict dy, T* __restrict dx,
                         const float* __restrict mean, const float* __restrict rstd,
                         const float* __restrict weight, float* __restrict dweight, float* __restrict dbias) {
  for_each_value(plane, [=](int64_t i, int64_t c) {
    const float gradient = static_cast<float>(dy[i]);
    dbias[c] += gradient;
    dweight[c] += gradient * (static_cast<float>(x[i]) - mean[c]) * rstd[c];
  });
  std::vector<float> bias_mean(dbias, dbias + plane.channels), weight_mean(dweight, dweight + plane.channels);
  for (int64_t c = 0; c < plane.channels; ++c) {
    bias_mean[c] *= weight[c];
    weight_mean[c] *= weight[c];
  }
  average_groups(plane, bias_mean.data());
  average_groups(plane, weight_mean.data());
  // dx = a dy + b x + k with coefficients per channel.
  std::vector<float> coefficients(3 * plane.channels);
  float* __restrict a = coefficients.data();
  float* __restrict b = a + plane.channels;
  float* __restrict k = b + plane.channels;
  for (int64_t c = 0; c < plane.channels; ++c) {
    a[c] = rstd[c] * weight[c];
    b[c] = -rstd[c] * rstd[c] * weight_mean[c];
    k[c] = -rstd[c] * bias_mean[c] - b[c] * mean[c];
  }
  for_each_value(plane, [=](int64_t i, int64_t c) {
    dx[i] = static_cast<T>(a[c] * static_cast<float>(dy[i]) + b[c] * static_cast<float>(x[i]) + k[c]);
  });
}

Plane plane_of(const at::Tensor& x, int64_t groups) {
  return {x.size(2) * x.size(3), x.size(1), groups};
}

/// Runs body(offset of its values, offset of its channels) for all images.
template <class Body>
void for_each_image(const at::Tensor& x, const Plane& plane, const Body& body) {
  at::parallel_for(0, x.size(0), 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) body(b * plane.pixels * plane.channels, b * plane.channels);
  });
}

template <class T>
void forward_images(const at::Tensor& x, const at::Tensor& y, const at::Tensor& statistics,
                    const at::Tensor& weight, const at::Tensor& bias, const Plane& plane, double eps) {
  float* mean = statistics.data_ptr<float>();
  float* rstd = mean + x.size(0) * plane.channels;
  for_each_image(x, plane, [&](int64_t values, int64_t channels) {
    normalize_image(plane, x.data_ptr<T>() + values, y.data_ptr<T>() + values, mean + channels,
                    rstd + channels, weight.data_ptr<float>(), bias.data_ptr<float>(),
                    static_cast<float>(eps));
  });
}

template <class T>
void backward_images(const at::Tensor& x, const at::Tensor& dy, const at::Tensor& dx,
                     const at::Tensor& statistics, const at::Tensor& weight, const at::Tensor& gradients,
                     const Plane& plane) {
  const int64_t size = x.size(0) * plane.channels;
  const float* mean = statistics.data_ptr<float>();
  float* dweight = gradients.data_ptr<float>();
  for_each_image(x, plane, [&](int64_t values, int64_t channels) {
    differentiate_image(plane, x.data_ptr<T>() + values, dy.data_ptr<T>() + values, dx.data_ptr<T>() + values,
                        mean + channels, mean + size + channels, weight.data_ptr<float>(), dweight + channels,
                        dweight + size + channels);
  });
}

struct ChannelsLastGroupNorm : torch::autograd::Function<ChannelsLastGroupNorm> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, int64_t groups, double eps) {
    const auto plane = plane_of(x, groups);
    const auto y = at::empty_like(x);
    const auto statistics = at::zeros({2, x.size(0), x.size(1)}, weight.options());
    if (x.scalar_type() == at::kFloat) {
      forward_images<float>(x, y, statistics, weight, bias, plane, eps);
    } else {
      forward_images<at::BFloat16>(x, y, statistics, weight, bias, plane, eps);
    }
    context->save_for_backward({x, weight, statistics});
    context->saved_data["groups"] = groups;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &statistics = saved[2];
    const auto plane = plane_of(x, context->saved_data["groups"].toInt());
    const auto dy = gradients[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    const auto dx = at::empty_like(x);
    const auto parameter_gradients = at::zeros_like(statistics);
    if (x.scalar_type() == at::kFloat) {
      backward_images<float>(x, dy, dx, statistics, weight, parameter_gradients, plane);
    } else {
      backward_images<at::BFloat16>(x, dy, dx, statistics, weight, parameter_gradients, plane);
    }
    const auto summed = parameter_gradients.sum(1);
    return {dx, summed[0], summed[1], {}, {}};
  }
};

}  // namespace

GroupNormImpl::GroupNormImpl(int64_t groups, int64_t channels)
    : torch::nn::GroupNormImpl(torch::nn::GroupNormOptions(groups, channels)) {}

at::Tensor GroupNormImpl::forward(const at::Tensor& x) {
  const bool supported = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
  const bool channels_last = x.is_contiguous(at::MemoryFormat::ChannelsLast) && !x.is_contiguous();
  if (!x.is_cpu() || !supported || !channels_last || weight.scalar_type() != at::kFloat) {
    return torch::nn::GroupNormImpl::forward(x);
  }
  return ChannelsLastGroupNorm::apply(x, weight, bias, options.num_groups(), options.eps());
}

}  // namespace patronus
