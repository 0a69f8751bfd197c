#include "models/winograd.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/native/CPUBlas.h>
#include <ATen/record_function.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <vector>

#include "models/scratch.h"
#include "models/winograd_bf16_kernel.h"
#include "models/winograd_kernel.h"
#include "patronus/core/device.h"

namespace patronus {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// F(4 x 4, 3 x 3) with products in float32.
struct Float32Products {
  using Point = float;
  static constexpr int64_t kTile = kWinogradTile, kPoints = kWinogradPoints;
  static constexpr int64_t kMaxTiles = 32;  // per task: their data fit in the L2 cache
  static constexpr int64_t kMinTiles = 16, kMinTilesInBf16Training = 256;

  static void transform_inputs(const TiledImages& images, const at::Tensor& x, TileRange tiles,
                               Point* points) {
    patronus::transform_inputs(images, x.const_data_ptr(), tiles, points);
  }
  static void transform_outputs(const TiledImages& images, const float* points, const float* bias,
                                TileRange tiles, const at::Tensor& y) {
    patronus::transform_outputs(images, points, bias, tiles, y.data_ptr());
  }
  static constexpr auto transform_filters = patronus::transform_filters;
};

/// F(2 x 2, 3 x 3) with products in bfloat16.
struct Bf16Products {
  using Point = at::BFloat16;
  static constexpr int64_t kTile = kWinograd2x2Tile, kPoints = kWinograd2x2Points;
  static constexpr int64_t kMaxTiles = 64;
  static constexpr int64_t kMinTiles = 4, kMinTilesInBf16Training = 512;

  static void transform_inputs(const TiledImages& images, const at::Tensor& x, TileRange tiles,
                               Point* points) {
    transform_inputs_2x2(images, x.const_data_ptr<at::BFloat16>(), tiles, points);
  }
  static void transform_outputs(const TiledImages& images, const float* points, const float* bias,
                                TileRange tiles, const at::Tensor& y) {
    transform_outputs_2x2(images, points, bias, tiles, y.data_ptr<at::BFloat16>());
  }
  static constexpr auto transform_filters = transform_filters_2x2;
};

/// Whether images of this type are multiplied in bfloat16.
bool multiplies_in_bf16(at::ScalarType images) {
  return images == at::kBFloat16 && cpu_is_fast_at_bf16();
}

/// Calls `act` with the kind of products for images of this type.
template <class Act>
auto with_products_for(at::ScalarType images, const Act& act) {
  return multiplies_in_bf16(images) ? act(Bf16Products()) : act(Float32Products());
}

/// Number of values that [points, rows, columns] occupy in memory.
template <class Products>
int64_t points_size(int64_t rows, int64_t columns) {
  return Products::kPoints * point_stride(rows, columns);
}

/// One matrix product per point, [rows, inner] [inner, columns], stored in or added to `product`.
template <class Products, class Point = typename Products::Point>
void multiply_points(const Point* a, const Point* b, int64_t rows, int64_t inner, int64_t columns, bool add,
                     float* product) {
  for (int64_t p = 0; p < Products::kPoints; ++p) {
    at::native::cpublas::brgemm(rows, columns, inner, inner, columns, columns, add,
                                a + p * point_stride(rows, inner), b + p * point_stride(inner, columns),
                                product + p * point_stride(rows, columns),
                                /*is_vnni=*/std::is_same_v<Point, at::BFloat16>);
  }
}

template <class Products>
TiledImages tiled(const at::Tensor& images) {
  return {images.scalar_type(), images.size(0), images.size(1),
          images.size(2),       images.size(3), Products::kTile};
}

/// Part `part` of `parts` nearly equal parts of `all`.
TileRange part_of(int64_t all, int64_t part, int64_t parts) {
  const int64_t first = all * part / parts;
  return {first, all * (part + 1) / parts - first};
}

/// Transforms `filters` [F, 3, 3, C], contiguous, F even, into `points` [points, F, C].
template <class Products>
void transform_all_filters(const at::Tensor& filters, bool rotated, typename Products::Point* points) {
  const int64_t all = filters.size(0), channels = filters.size(3);
  const float* values = filters.const_data_ptr<float>();
  at::parallel_for(0, all / 2, 4, [&](int64_t first, int64_t last) {
    Products::transform_filters(values, 2 * first, 2 * last, all, channels, rotated, points);
  });
}

/// Permutes a weight [K, C, 3, 3] to [C, 3, 3, K].
at::Tensor filters_by_input(const at::Tensor& weight) {
  return weight.detach().permute({1, 2, 3, 0}).contiguous();
}

/// Permutes a weight [K, C, 3, 3] to [K, 3, 3, C].
at::Tensor filters_by_output(const at::Tensor& weight) {
  return weight.detach().permute({0, 2, 3, 1}).contiguous();
}

/// `filters`: [points, channels of x, channels of y].
template <class Products>
void convolve(const at::Tensor& x, const typename Products::Point* filters, const float* bias,
              const at::Tensor& y) {
  const auto from = tiled<Products>(x), to = tiled<Products>(y);
  const int64_t threads = at::get_num_threads(), tiles = from.tiles();
  const int64_t most = Products::kMaxTiles * threads, rounds = (tiles + most - 1) / most;
  const int64_t parts = std::min(rounds * threads, tiles);
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    thread_local Scratch<typename Products::Point> inputs;
    thread_local Scratch<float> outputs;
    for (int64_t part = begin; part < end; ++part) {
      const auto range = part_of(tiles, part, parts);
      auto* a = inputs.of(points_size<Products>(range.count, from.channels));
      float* b = outputs.of(points_size<Products>(range.count, to.channels));
      Products::transform_inputs(from, x, range, a);
      multiply_points<Products>(a, filters, range.count, from.channels, to.channels, /*add=*/false, b);
      Products::transform_outputs(to, b, bias, range, y);
    }
  });
}

/// Gradient of a weight, [K, C, 3, 3] float32, channels-last, from inputs and output gradients.
at::Tensor weight_gradient(const at::Tensor& x, const at::Tensor& dy) {
  constexpr int64_t kTiles = 64;  // a multiple of kWinogradLanes
  using Products = Float32Products;
  const auto from = tiled<Products>(x), to = tiled<Products>(dy);
  const int64_t blocks = (from.tiles() + kTiles - 1) / kTiles;
  const int64_t workers = std::min<int64_t>(at::get_num_threads(), blocks);
  const auto parts = at::empty({workers, to.channels, 3, 3, from.channels}, at::kFloat);
  at::parallel_for(0, workers, 1, [&](int64_t begin, int64_t end) {
    thread_local Scratch<float> inputs, gradients, transposed, sums;
    float* a = gradients.of(points_size<Products>(kTiles, to.channels));
    float* a_transposed = transposed.of(points_size<Products>(kTiles, to.channels));
    float* b = inputs.of(points_size<Products>(kTiles, from.channels));
    float* sum = sums.of(points_size<Products>(to.channels, from.channels));
    for (int64_t worker = begin; worker < end; ++worker) {
      const auto mine = part_of(blocks, worker, workers);
      for (int64_t block = mine.first; block < mine.first + mine.count; ++block) {
        const TileRange range{block * kTiles, kTiles};
        transform_output_gradients(to, dy.const_data_ptr(), range, a);
        transpose_points(a, kTiles, to.channels, a_transposed);
        transform_inputs(from, x.const_data_ptr(), range, b);
        multiply_points<Products>(a_transposed, b, to.channels, kTiles, from.channels,
                                  /*add=*/block > mine.first, sum);
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

/// Convolves `x` with `filters` [F, 3, 3, C], contiguous; `bias` may be null.
template <class Products>
void transform_and_convolve(const at::Tensor& x, const at::Tensor& filters, bool rotated, const float* bias,
                            const at::Tensor& y) {
  thread_local Scratch<typename Products::Point> scratch;
  auto* points = scratch.of(points_size<Products>(filters.size(0), filters.size(3)));
  transform_all_filters<Products>(filters, rotated, points);
  convolve<Products>(x, points, bias, y);
}

at::Tensor evaluate(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                    const at::Tensor& filters) {
  RECORD_FUNCTION("patronus::winograd_convolution", (std::vector<c10::IValue>{x, weight}));
  const auto y = empty_images(x, weight.size(0));
  const auto offset = bias.defined() ? bias.detach().to(at::kFloat).contiguous() : bias;
  const float* offsets = offset.defined() ? offset.const_data_ptr<float>() : nullptr;
  with_products_for(x.scalar_type(), [&]<class Products>(Products) {
    if (filters.defined()) {
      convolve<Products>(x, filters.const_data_ptr<typename Products::Point>(), offsets, y);
    } else {
      transform_and_convolve<Products>(x, filters_by_input(weight), /*rotated=*/false, offsets, y);
    }
  });
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
      results[0] = empty_images(x, x.size(1));
      with_products_for(dy.scalar_type(), [&]<class Products>(Products) {
        transform_and_convolve<Products>(dy, filters_by_output(weight), /*rotated=*/true, nullptr,
                                         results[0]);
      });
    }
    if (context->needs_input_grad(1)) {
      RECORD_FUNCTION("patronus::winograd_convolution_gradient", (std::vector<c10::IValue>{dy, weight}));
      results[1] = weight_gradient(x, dy);
    }
    if (context->saved_data["bias"].toBool()) results[2] = dy.sum({0, 2, 3}, /*keepdim=*/false, at::kFloat);
    return results;
  }
};

/// Whether there are enough tiles to repay transforming the filters, or reading transformed ones; thresholds
/// measured on an AMD EPYC. In bfloat16 without gradients, only the tiles of one image count: direct sums
/// round differently, and the result for an image must not depend on its batch.
bool repays(const at::Tensor& x) {
  const bool bf16 = x.scalar_type() == at::kBFloat16;
  return with_products_for(x.scalar_type(), [&]<class Products>(Products) {
    const auto images = tiled<Products>(x);
    const int64_t in_tiles = images.tiles() * Products::kTile * Products::kTile;
    // Small images waste too much work on tiles that reach beyond them.
    if (in_tiles > 2 * images.images * images.height * images.width) return false;
    if (at::GradMode::is_enabled()) return images.tiles() >= (bf16 ? Products::kMinTilesInBf16Training : 96);
    const int64_t of_one = images.tiles_down() * images.tiles_across();
    return (bf16 ? of_one : images.tiles()) >= Products::kMinTiles;
  });
}

bool is_multiple(int64_t channels) {
  return channels % kWinogradLanes == 0;
}

}  // namespace

bool cpu_supports_winograd() {
#ifdef __x86_64__
  return __builtin_cpu_supports("x86-64-v3");
#else
  return false;
#endif
}

bool can_use_winograd(const at::Tensor& x, const at::Tensor& weight) {
  const bool bf16 = x.scalar_type() == at::kBFloat16;
  const bool types = (bf16 || x.scalar_type() == at::kFloat) && weight.scalar_type() == at::kFloat;
  const bool layout =
      x.is_cpu() && weight.is_cpu() && x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast);
  if (!cpu_supports_winograd() || (bf16 && has_bf16_tiles()) || !types || !layout) return false;
  const bool channels =
      x.size(1) == weight.size(1) && is_multiple(weight.size(0)) && is_multiple(weight.size(1));
  return channels && repays(x);
}

at::Tensor winograd_filters(const at::Tensor& weight, at::ScalarType images) {
  return with_products_for(images, [&]<class Products>(Products) {
    using Point = typename Products::Point;
    const auto points = at::empty({points_size<Products>(weight.size(1), weight.size(0))},
                                  c10::CppTypeToScalarType<Point>::value);
    transform_all_filters<Products>(filters_by_input(weight), /*rotated=*/false,
                                    points.template data_ptr<Point>());
    return points;
  });
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
