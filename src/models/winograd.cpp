#include "models/winograd.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/native/CPUBlas.h>
#include <ATen/record_function.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "models/scratch.h"
#include "models/winograd_kernel.h"

namespace patronus {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// At each point a matrix product, [rows, inner] [inner, columns], into or added to `product`.
void multiply_points(const float* a, const float* b, int64_t rows, int64_t inner, int64_t columns, bool add,
                     float* product) {
  for (int64_t p = 0; p < kWinogradPoints; ++p) {
    at::native::cpublas::brgemm(rows, columns, inner, inner, columns, columns, add,
                                a + p * point_stride(rows, inner), b + p * point_stride(inner, columns),
                                product + p * point_stride(rows, columns), /*is_vnni=*/false);
  }
}

TiledImages tiled(const at::Tensor& images) {
  return {images.scalar_type(), images.size(0), images.size(1), images.size(2), images.size(3)};
}

/// The `part`-th of `parts` nearly equal parts of `all`.
TileRange part_of(int64_t all, int64_t part, int64_t parts) {
  const int64_t first = all * part / parts;
  return {first, all * (part + 1) / parts - first};
}

/// `filters`: [F, 3, 3, C], contiguous; into `points`, [36, F, C].
void transform_all_filters(const at::Tensor& filters, bool turned, float* points) {
  const int64_t all = filters.size(0), channels = filters.size(3);
  const float* values = filters.const_data_ptr<float>();
  at::parallel_for(0, all, 8, [&](int64_t first, int64_t last) {
    transform_filters(values, first, last, all, channels, turned, points);
  });
}

/// [C, 3, 3, K] of a weight [K, C, 3, 3].
at::Tensor filters_by_input(const at::Tensor& weight) {
  return weight.detach().permute({1, 2, 3, 0}).contiguous();
}

/// [K, 3, 3, C] of a weight [K, C, 3, 3].
at::Tensor filters_by_output(const at::Tensor& weight) {
  return weight.detach().permute({0, 2, 3, 1}).contiguous();
}

/// `filters`: [36, channels of x, channels of y].
void convolve(const at::Tensor& x, const float* filters, const float* bias, const at::Tensor& y) {
  constexpr int64_t kMostTiles = 32;  // what is made of them stays in the second cache
  const auto from = tiled(x), to = tiled(y);
  const int64_t threads = at::get_num_threads(), tiles = from.tiles();
  const int64_t rounds = (tiles + kMostTiles * threads - 1) / (kMostTiles * threads);
  const int64_t parts = std::min(rounds * threads, tiles);
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    thread_local Scratch inputs, outputs;
    for (int64_t part = begin; part < end; ++part) {
      const auto range = part_of(tiles, part, parts);
      float* a = inputs.of(points_size(range.count, from.channels));
      float* b = outputs.of(points_size(range.count, to.channels));
      transform_inputs(from, x.const_data_ptr(), range, a);
      multiply_points(a, filters, range.count, from.channels, to.channels, /*add=*/false, b);
      transform_outputs(to, b, bias, range, y.data_ptr());
    }
  });
}

/// The gradient of a weight, [K, C, 3, 3] float32 in channels-last layout, from the inputs and the outputs'
/// gradients.
at::Tensor weight_gradient(const at::Tensor& x, const at::Tensor& dy) {
  constexpr int64_t kTiles = 64;  // a multiple of kWinogradLanes
  const auto from = tiled(x), to = tiled(dy);
  const int64_t blocks = (from.tiles() + kTiles - 1) / kTiles;
  const int64_t workers = std::min<int64_t>(at::get_num_threads(), blocks);
  const auto parts = at::empty({workers, to.channels, 3, 3, from.channels}, at::kFloat);
  at::parallel_for(0, workers, 1, [&](int64_t begin, int64_t end) {
    thread_local Scratch inputs, gradients, transposed, sums;
    float* a = gradients.of(points_size(kTiles, to.channels));
    float* a_transposed = transposed.of(points_size(kTiles, to.channels));
    float* b = inputs.of(points_size(kTiles, from.channels));
    float* sum = sums.of(points_size(to.channels, from.channels));
    for (int64_t worker = begin; worker < end; ++worker) {
      const auto mine = part_of(blocks, worker, workers);
      for (int64_t block = mine.first; block < mine.first + mine.count; ++block) {
        const TileRange range{block * kTiles, kTiles};
        transform_output_gradients(to, dy.const_data_ptr(), range, a);
        transpose_points(a, kTiles, to.channels, a_transposed);
        transform_inputs(from, x.const_data_ptr(), range, b);
        multiply_points(a_transposed, b, to.channels, kTiles, from.channels, /*add=*/block > mine.first, sum);
      }
      transform_filter_gradients(sum, to.channels, from.channels, parts[worker].data_ptr<float>());
    }
  });
  return parts.sum(0).permute({0, 3, 1, 2});
}

at::Tensor channels_last(const at::Tensor& images) {
  return images.contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor empty_images(const at::Tensor& like, int64_t channels) {
  return at::empty({like.size(0), channels, like.size(2), like.size(3)}, like.options(),
                   at::MemoryFormat::ChannelsLast);
}

at::Tensor evaluate(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                    const at::Tensor& filters) {
  RECORD_FUNCTION("patronus::winograd_convolution", (std::vector<c10::IValue>{x, weight}));
  const auto y = empty_images(x, weight.size(0));
  const auto offset = bias.defined() ? bias.detach().to(at::kFloat).contiguous() : bias;
  const float* offsets = offset.defined() ? offset.const_data_ptr<float>() : nullptr;
  if (filters.defined()) {
    convolve(x, filters.const_data_ptr<float>(), offsets, y);
  } else {
    thread_local Scratch scratch;
    float* points = scratch.of(points_size(weight.size(0), weight.size(1)));
    transform_all_filters(filters_by_input(weight), /*turned=*/false, points);
    convolve(x, points, offsets, y);
  }
  return y;
}

struct WinogradConvolution : torch::autograd::Function<WinogradConvolution> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias) {
    context->save_for_backward({x, weight});
    context->saved_data["bias"] = bias.has_value() && bias->requires_grad();
    return evaluate(x, weight, bias.value_or(at::Tensor()), {});
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    TORCH_CHECK(!at::GradMode::is_enabled(), "Winograd's convolution has no second derivatives");
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1];
    const auto dy = channels_last(gradients[0].to(x.scalar_type()));
    variable_list results(3);
    if (context->needs_input_grad(0)) {
      RECORD_FUNCTION("patronus::winograd_convolution_gradient", (std::vector<c10::IValue>{dy, weight}));
      thread_local Scratch scratch;
      float* points = scratch.of(points_size(weight.size(0), weight.size(1)));
      transform_all_filters(filters_by_output(weight), /*turned=*/true, points);
      results[0] = empty_images(x, x.size(1));
      convolve(dy, points, nullptr, results[0]);
    }
    if (context->needs_input_grad(1)) {
      RECORD_FUNCTION("patronus::winograd_convolution_gradient", (std::vector<c10::IValue>{dy, weight}));
      results[1] = weight_gradient(x, dy);
    }
    if (context->saved_data["bias"].toBool()) results[2] = dy.sum({0, 2, 3}, /*keepdim=*/false, at::kFloat);
    return results;
  }
};

/// Fewer tiles do not repay that filters are transformed, or read once they are: measured on an AMD EPYC.
/// Without gradients one image's decide in bfloat16, by whose rounding a direct sum differs: what comes of an
/// image does not depend on its batch.
bool has_enough_tiles(const TiledImages& images) {
  const bool bf16 = images.type == at::kBFloat16;
  if (at::GradMode::is_enabled()) return images.tiles() >= (bf16 ? 256 : 96);
  return (bf16 ? images.tiles_down() * images.tiles_across() : images.tiles()) >= 16;
}

bool is_multiple(int64_t channels) {
  return channels % kWinogradLanes == 0;
}

/// Whether the processor is faster at direct convolutions in bf16.
bool has_bf16_tiles() {
#ifdef __x86_64__
  return __builtin_cpu_supports("amx-bf16");
#else
  return false;
#endif
}

}  // namespace

bool processor_takes_winograd() {
#ifdef __x86_64__
  return __builtin_cpu_supports("x86-64-v3");
#else
  return false;
#endif
}

bool takes_winograd(const at::Tensor& x, const at::Tensor& weight) {
  const bool bf16 = x.scalar_type() == at::kBFloat16;
  const bool types = (bf16 || x.scalar_type() == at::kFloat) && weight.scalar_type() == at::kFloat;
  const bool layout =
      x.is_cpu() && weight.is_cpu() && x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast);
  if (!processor_takes_winograd() || (bf16 && has_bf16_tiles()) || !types || !layout) return false;
  const bool channels =
      x.size(1) == weight.size(1) && is_multiple(weight.size(0)) && is_multiple(weight.size(1));
  const auto images = tiled(x);
  // Tiles that reach far beyond small images cost what is won.
  const bool covered = 2 * images.images * images.height * images.width >= 16 * images.tiles();
  return channels && covered && has_enough_tiles(images);
}

at::Tensor winograd_filters(const at::Tensor& weight) {
  const auto points = at::empty({points_size(weight.size(0), weight.size(1))}, at::kFloat);
  transform_all_filters(filters_by_input(weight), /*turned=*/false, points.data_ptr<float>());
  return points;
}

at::Tensor winograd_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                const at::Tensor& filters) {
  const bool needs_gradients = at::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad() ||
                                                              (bias.defined() && bias.requires_grad()));
  if (!needs_gradients) return evaluate(x, weight, bias, filters);
  return WinogradConvolution::apply(x, weight,
                                    bias.defined() ? std::optional<at::Tensor>(bias) : std::nullopt);
}

}  // namespace patronus
