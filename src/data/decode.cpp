#include "data/decode.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>

#include "patronus/core/error.h"
#include "patronus/core/hash.h"
#include "patronus/core/pixels.h"
#include "patronus/data/preprocess.h"

namespace patronus {
namespace {

constexpr double kFixedPoint = 16384;
constexpr int64_t kBatchBytes = int64_t{32} << 20;

at::Tensor packed(const at::Tensor& image) {
  return image.mul(kFixedPoint).round_().clamp_(-32768, 32767).to(at::kShort);
}

OriginalImage described(const at::Tensor& picture) {
  const int64_t height = picture.size(1), width = picture.size(2);
  return {hash_of(picture, static_cast<uint64_t>(width)), static_cast<int32_t>(width),
          static_cast<int32_t>(height), is_gray(picture)};
}

}  // namespace

int64_t decode_batch_size(int64_t size) {
  return std::clamp<int64_t>(kBatchBytes / (6 * size * size), 16, 1024);
}

DecodedImages decode_images(const ImageSource& source, const DataConfig& config, IndexRange range,
                            at::ScalarType storage) {
  const int64_t count = range.end - range.first;
  DecodedImages decoded{at::zeros({count, config.channels, config.size, config.size}, storage),
                        std::vector<std::string>(static_cast<size_t>(count)),
                        std::vector<OriginalImage>(static_cast<size_t>(count)), false};
  std::atomic<bool> resized = false;
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      try {
        const auto picture = source.read(range.first + i);
        decoded.originals[i] = described(picture);
        auto pixels = with_channels(picture, config.channels);
        if (config.resize == Resize::kCrop) pixels = centre_crop(pixels);
        const bool fits = pixels.size(1) == config.size && pixels.size(2) == config.size;
        if (!fits) resized = true;
        if (storage == at::kShort) pixels = packed(preprocess(pixels, config.size));
        if (fits || storage == at::kShort) decoded.pixels[i].copy_(pixels);
      } catch (const DataError& failure) {
        decoded.failures[i] = failure.what();
      }
    }
  });
  decoded.resized = resized;
  return decoded;
}

at::Tensor unpacked(const at::Tensor& stored) {
  // Same arithmetic as preprocess(), so that uint8 storage gives the same bits. The divisor is a tensor
  // because GPUs divide by a scalar by multiplying with its rounded reciprocal.
  if (stored.scalar_type() == at::kByte) {
    const auto largest = at::full({}, 255, stored.options().dtype(at::kFloat));
    return stored.to(at::kFloat).div_(largest).mul_(2).sub_(1);
  }
  return stored.to(at::kFloat).mul_(1 / kFixedPoint);
}

}  // namespace patronus
