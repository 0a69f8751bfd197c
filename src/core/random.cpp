#include "patronus/core/random.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randperm.h>
#include <c10/core/DeviceGuard.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "core/normal_noise.h"
#include "core/normal_noise_gpu.h"
#include "patronus/core/device.h"
#include "patronus/core/gpu.h"
#include "patronus/core/gpu_function.h"

namespace patronus {
namespace {

uint64_t splitmix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

at::Tensor as_tensor(const std::vector<uint64_t>& seeds) {
  const auto rows = at::empty({std::ssize(seeds)}, at::kUInt64);
  std::ranges::copy(seeds, rows.data_ptr<uint64_t>());
  return rows;
}

/// Fills rows of `noise`, float32 [B, ...], from `seeds` [B], both on the CPU.
void draw_normal(const uint64_t* seeds, const at::Tensor& noise, uint64_t draw) {
  auto* values = noise.data_ptr<float>();
  const int64_t numbers = noise.numel() / noise.size(0);
  at::parallel_for(0, noise.size(0), 1, [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; ++image) {
      for (int64_t i = 0; i < numbers; i += 4) {
        const NormalBlock normal = normal_block(seeds[image], draw, static_cast<uint64_t>(i / 4));
        std::copy_n(normal.values, std::min<int64_t>(4, numbers - i), values + image * numbers + i);
      }
    }
  });
}

/// Null if noise for GPUs is drawn on the CPU.
auto* gpu_kernel() {
  static auto* const kernel = gpu_function<decltype(draw_normal_on_gpu)>("draw_normal_on_gpu");
  return kernel;
}

/// Noise with one seed per image; every call is a new draw.
class ImageNoise {
 public:
  explicit ImageNoise(const std::vector<uint64_t>& seeds) : seeds_(as_tensor(seeds)) {}

  at::Tensor operator()(const at::Tensor& like) {
    TORCH_CHECK(like.size(0) == seeds_.size(0), "noise for ", seeds_.size(0), " images asked for a batch of ",
                like.size(0));
    seeds_ = to_device(seeds_, gpu_kernel() ? like.device() : at::Device(at::kCPU));
    const auto noise = at::empty(like.sizes(), seeds_.options().dtype(at::kFloat));
    if (noise.numel() > 0) fill(noise);
    ++draw_;
    return to_device(noise, like.device()).to(like.scalar_type());
  }

 private:
  void fill(const at::Tensor& noise) const {
    const auto* seeds = seeds_.const_data_ptr<uint64_t>();
    if (!noise.is_cuda()) return draw_normal(seeds, noise, draw_);
    const c10::DeviceGuard device(noise.device());
    const int64_t images = noise.size(0);
    gpu_kernel()(seeds, images, noise.numel() / images, draw_, noise.data_ptr<float>(),
                 current_stream(noise.device()));
  }

  at::Tensor seeds_;  // uint64 [B], on the device that draws
  uint64_t draw_ = 0;
};

}  // namespace

uint64_t derive_seed(uint64_t seed, std::string_view purpose, uint64_t index) {
  uint64_t hash = splitmix64(seed);
  for (const char c : purpose) hash = splitmix64(hash ^ static_cast<unsigned char>(c));
  return splitmix64(hash ^ index);
}

at::Generator make_generator(uint64_t seed) {
  return at::make_generator<at::CPUGeneratorImpl>(seed);
}

NoiseSource noise_per_image(const std::vector<uint64_t>& seeds) {
  return [noise = std::make_shared<ImageNoise>(seeds)](const at::Tensor& like) { return (*noise)(like); };
}

std::vector<uint64_t> image_seeds(uint64_t seed, std::string_view purpose, int64_t first, int64_t count) {
  std::vector<uint64_t> seeds;
  for (int64_t i = first; i < first + count; ++i) seeds.push_back(derive_seed(seed, purpose, i));
  return seeds;
}

at::Tensor random_permutation(int64_t size, uint64_t seed) {
  return at::randperm(size, make_generator(seed), at::kLong);
}

at::Tensor draw_indices(int64_t size, int64_t count, uint64_t seed) {
  return std::get<0>(random_permutation(size, seed).slice(0, 0, count).sort());
}

at::Tensor draw_common_indices(int64_t size, int64_t count, std::string_view purpose) {
  return draw_indices(size, count, derive_seed(0, purpose));
}

at::Tensor random_derangement(int64_t size, uint64_t seed) {
  const auto order = random_permutation(size, seed);
  return order.roll(1, 0).index_select(0, order.argsort());
}

void seed_default_generators(uint64_t seed, at::Device device) {
  const auto seed_one = [seed](at::Generator generator) {
    const std::lock_guard lock(generator.mutex());
    generator.set_current_seed(seed);
  };
  seed_one(at::detail::getDefaultCPUGenerator());
  if (!device.is_cpu()) seed_one(at::globalContext().defaultGenerator(device));
}

}  // namespace patronus
