#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace patronus {

/// Derives an independent seed for a purpose ("noise", "shuffle", ...) and index.
uint64_t derive_seed(uint64_t seed, std::string_view purpose, uint64_t index = 0);

/// Creates a separate CPU generator; does not affect the default one.
at::Generator make_generator(uint64_t seed);

/// Returns noise with the shape, dtype and device of `like`, a new draw at every call.
using NoiseSource = std::function<at::Tensor(const at::Tensor& like)>;

/// Standard normal noise in which row i of the batch depends only on all 64 bits of `seeds[i]`, the number of
/// the call and the position in the image (Philox 4x32-10, Salmon et al., 2011): an image is independent of
/// its batch and, up to rounding, of the device. Copies of a source share the call count.
NoiseSource noise_per_image(const std::vector<uint64_t>& seeds);

/// Seeds of `count` images: derive_seed(seed, purpose, i) for i = first, first + 1, ...
std::vector<uint64_t> image_seeds(uint64_t seed, std::string_view purpose, int64_t first, int64_t count);

/// The numbers 0 ... size - 1 in random order: int64 [size].
at::Tensor random_permutation(int64_t size, uint64_t seed);

/// Draws `count` of the numbers 0 ... size - 1 (all if fewer) without replacement: int64, ascending.
at::Tensor draw_indices(int64_t size, int64_t count, uint64_t seed);

/// The same with a seed that depends on `purpose` alone, not on the run. Evaluations then measure runs of
/// different seeds on the same images, so that only the models differ.
at::Tensor draw_common_indices(int64_t size, int64_t count, std::string_view purpose);

/// A random cyclic permutation of 0 ... size - 1, int64 [size]: no number keeps its place unless it is the
/// only one.
at::Tensor random_derangement(int64_t size, uint64_t seed);

/// Seeds the default generators of the CPU and of `device`.
void seed_default_generators(uint64_t seed, at::Device device = at::kCPU);

}  // namespace patronus
