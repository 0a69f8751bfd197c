#include "patronus/data/image_survey.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <map>

#include "patronus/core/error.h"
#include "patronus/core/hash.h"
#include "patronus/core/pixels.h"
#include "patronus/core/progress.h"
#include "patronus/core/to_vector.h"

namespace patronus {
namespace {

/// What is kept of an image that was looked at.
struct Look {
  int64_t width = 0;  // 0 where it could not be decoded
  int64_t height = 0;
  bool gray = false;
  uint64_t picture = 0;  // its hash
};

Look look_at(const DataListing& listing, Split split, int64_t index) {
  try {
    const auto pixels = listing.original(split, index);
    return {pixels.size(2), pixels.size(1), is_gray(pixels),
            hash_of(pixels, static_cast<uint64_t>(pixels.size(2)))};
  } catch (const DataError&) {
    return {};
  }
}

std::vector<Look> look_at_all(const DataListing& listing, Split split) {
  constexpr int64_t kBatch = 256;
  std::vector<Look> looks(static_cast<size_t>(listing.size(split)));
  const auto count = std::ssize(looks);
  Progress progress("looking at " + to_string(split) + " images", count, "images");
  for (int64_t first = 0; first < count; first += kBatch) {
    const int64_t end = std::min(first + kBatch, count);
    at::parallel_for(first, end, 1, [&](int64_t begin, int64_t stop) {
      for (int64_t i = begin; i < stop; ++i) looks[i] = look_at(listing, split, i);
    });
    progress.advance(end - first);
  }
  return looks;
}

/// The most frequent size first; of equals the smaller.
std::vector<SizeCount> by_frequency(const std::map<std::pair<int64_t, int64_t>, SplitCount>& sizes) {
  std::vector<SizeCount> sorted;
  for (const auto& [size, images] : sizes) sorted.push_back({size.first, size.second, images});
  std::stable_sort(sorted.begin(), sorted.end(), [](const SizeCount& a, const SizeCount& b) {
    return a.images.total() > b.images.total();
  });
  return sorted;
}

using Image = std::pair<Split, int64_t>;

/// Notes images with the same pixels.
void add_group(const DataListing& listing, const std::vector<Image>& images, ImageSurvey& survey) {
  std::vector<std::string> names;
  SplitCount count;
  for (const auto& [split, index] : images) {
    names.push_back(to_string(split) + " " + listing.file(split, index));
    ++count[split];
  }
  survey.identical.push_back(std::move(names));
  for (const Split split : kSplits) survey.repeated[split] += count[split];
  if (count[Split::kTrain] > 0) survey.shared += count[Split::kTest];
}

}  // namespace

ImageSurvey survey_images(const DataListing& listing) {
  ImageSurvey survey;
  std::map<std::pair<int64_t, int64_t>, SplitCount> sizes;
  std::map<uint64_t, std::vector<Image>> same;
  for (const Split split : kSplits) {
    const auto looks = look_at_all(listing, split);
    for (size_t i = 0; i < looks.size(); ++i) {
      const auto& [width, height, gray, picture] = looks[i];
      if (width == 0) continue;
      ++sizes[{width, height}][split];
      if (gray) ++survey.gray[split];
      same[picture].emplace_back(split, static_cast<int64_t>(i));
    }
  }
  survey.sizes = by_frequency(sizes);
  for (const auto& [picture, images] : same) {
    if (images.size() > 1) add_group(listing, images, survey);
  }
  std::sort(survey.identical.begin(), survey.identical.end());
  return survey;
}

PixelStatistics pixel_statistics(const Dataset& images) {
  constexpr int64_t kBatch = 256;
  at::Tensor sum, squares;
  int64_t count = 0;
  for (int64_t first = 0; first < images.size(); first += kBatch) {
    const auto pixels = (images.slice(first, kBatch).to(at::kDouble) + 1) / 2;
    const auto batch_sum = pixels.sum({0, 2, 3}), batch_squares = pixels.square().sum({0, 2, 3});
    sum = sum.defined() ? sum + batch_sum : batch_sum;
    squares = squares.defined() ? squares + batch_squares : batch_squares;
    count += pixels.numel() / pixels.size(1);
  }
  const auto mean = sum / count;
  const auto deviation = (squares / count - mean.square()).clamp_min(0).sqrt();
  return {to_vector(mean), to_vector(deviation)};
}

}  // namespace patronus
