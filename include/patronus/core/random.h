#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace patronus {

/// A seed for one purpose ("noise", "shuffle", ...) and index, independent of the seeds for all others.
uint64_t derive_seed(uint64_t seed, std::string_view purpose, uint64_t index = 0);

/// A CPU generator of its own; the default generator is left alone.
at::Generator make_generator(uint64_t seed);

/// Gives noise of the shape, dtype and device of `like`: a new draw at every call.
using NoiseSource = std::function<at::Tensor(const at::Tensor& like)>;

/// Standard normal noise in which row i of the batch is a function of all 64 bits of `seeds[i]`, the number
/// of the call and the place in the image (Philox 4x32-10, Salmon et al., 2011): an image depends neither on
/// the batch that it is drawn in nor, but for rounding, on the device. Copies of a source count their calls
/// together.
NoiseSource noise_per_image(const std::vector<uint64_t>& seeds);

/// Seeds `derive_seed(seed, purpose, first) ... (…, first + count - 1)`, one an image.
std::vector<uint64_t> image_seeds(uint64_t seed, std::string_view purpose, int64_t first, int64_t count);

/// The numbers 0 ... size - 1 in random order: int64 [size].
at::Tensor random_permutation(int64_t size, uint64_t seed);

/// `count` of the numbers 0 ... size - 1, or all where there are fewer, each at most once: int64, ascending.
at::Tensor draw_indices(int64_t size, int64_t count, uint64_t seed);

/// A random cyclic permutation of 0 ... size - 1, int64 [size]: no number stays in its place, unless it is
/// the only one.
at::Tensor draw_others(int64_t size, uint64_t seed);

/// Seeds the default generators of the CPU and of `device`.
void seed_default_generators(uint64_t seed, at::Device device = at::kCPU);

}  // namespace patronus
