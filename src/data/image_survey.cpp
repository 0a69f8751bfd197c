#include "patronus/data/image_survey.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <map>

#include "patronus/core/to_vector.h"

namespace patronus {
namespace {

/// Sorts sizes by decreasing frequency; equally frequent ones by width, then height.
std::vector<SizeCount> by_frequency(const std::map<std::pair<int64_t, int64_t>, SplitCount>& sizes) {
  std::vector<SizeCount> sorted;
  for (const auto& [size, images] : sizes) sorted.push_back({size.first, size.second, images});
  std::stable_sort(sorted.begin(), sorted.end(), [](const SizeCount& a, const SizeCount& b) {
    return a.images.total() > b.images.total();
  });
  return sorted;
}

/// An image as its split and its index there.
using Image = std::pair<Split, size_t>;

/// Adds a group of images with the same pixels to the survey.
void add_group(const DataListing& listing, const std::vector<Image>& images, ImageSurvey& survey) {
  std::vector<std::string> names;
  SplitCount count;
  for (const auto& [split, place] : images) {
    names.push_back(to_string(split) + " " + listing.opened().at(split).files[place]);
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
  for (const auto& [split, images] : listing.opened()) {
    for (size_t i = 0; i < images.originals.size(); ++i) {
      const auto& [hash, width, height, gray] = images.originals[i];
      ++sizes[{width, height}][split];
      survey.gray[split] += gray;
      same[hash].emplace_back(split, i);
    }
  }
  survey.sizes = by_frequency(sizes);
  for (const auto& [hash, images] : same) {
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
