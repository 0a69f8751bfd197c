#include "patronus/core/random.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randperm.h>

#include <memory>
#include <mutex>

#include "patronus/core/device.h"

namespace patronus {
namespace {

uint64_t splitmix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

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
  auto generators = std::make_shared<std::vector<at::Generator>>();
  for (const uint64_t seed : seeds) generators->push_back(make_generator(seed));
  return [generators](const at::Tensor& like) {
    TORCH_CHECK(like.size(0) == static_cast<int64_t>(generators->size()), "noise for ", generators->size(),
                " images asked for a batch of ", like.size(0));
    auto noise = at::empty(like.sizes(), at::kFloat);
    for (int64_t i = 0; i < like.size(0); ++i) noise[i].normal_(0, 1, (*generators)[i]);
    return to_device(noise, like.device()).to(like.scalar_type());
  };
}

std::vector<uint64_t> image_seeds(uint64_t seed, std::string_view purpose, int64_t first, int64_t count) {
  std::vector<uint64_t> seeds;
  for (int64_t i = first; i < first + count; ++i) seeds.push_back(derive_seed(seed, purpose, i));
  return seeds;
}

at::Tensor draw_indices(int64_t size, int64_t count, uint64_t seed) {
  const auto order = at::randperm(size, make_generator(seed), at::kLong);
  return std::get<0>(order.slice(0, 0, count).sort());
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
