#include "analysis/emergence_sums.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <limits>
#include <utility>
#include <vector>

#include "patronus/interop/result_cache.h"

namespace patronus {
namespace {

constexpr int64_t kVersion = 1;  // version of the saved file
constexpr int64_t kRows = 1001;  // the sample and 1000 resamples

/// The tensors by their keys in the saved file.
template <class Sums>
auto sum_tensors(Sums& sums) {
  return std::vector<std::pair<std::string, decltype(&sums.counted)>>{
      {"seen", &sums.seen},           {"counted", &sums.counted},
      {"asked", &sums.target_change}, {"difference", &sums.difference},
      {"square", &sums.square},       {"late", &sums.late},
      {"centroid", &sums.centroid},   {"loss", &sums.loss},
      {"example", &sums.example},     {"largest", &sums.largest}};
}

/// Makes the image with the largest final difference the example of prototype `k`, if it exceeds that of all
/// earlier images.
void note_example(EmergenceSums& sums, int64_t k, const RaisedCurves& curves) {
  const auto final = curves.difference.select(1, -1);
  const int64_t row = final.argmax().item<int64_t>();
  if (!(final[row] > sums.largest[k]).item<bool>()) return;
  sums.largest[k] = final[row];
  sums.example[k] = curves.image[row];
}

}  // namespace

EmergenceSums empty_sums(int64_t prototypes, int64_t steps, int64_t starts) {
  const auto zeros = [](at::IntArrayRef shape) { return at::zeros(shape, at::kDouble); };
  return {.images = 0,
          .seen = zeros({kRows}),
          .counted = zeros({kRows, prototypes}),
          .target_change = zeros({kRows, prototypes}),
          .difference = zeros({kRows, prototypes, steps}),
          .square = zeros({prototypes, steps}),
          .late = zeros({kRows, prototypes, starts}),
          .centroid = zeros({kRows, prototypes}),
          .loss = zeros({kRows, steps, 3}),
          .example = at::full({prototypes}, -1, at::kLong),
          .largest = at::full({prototypes}, -std::numeric_limits<double>::infinity(), at::kDouble)};
}

void add_curves(EmergenceSums& sums, int64_t k, const RaisedCurves& curves) {
  const auto add = [&](const at::Tensor& sum, const at::Tensor& values) {
    sum.select(1, k).add_(at::matmul(curves.weights, values));
  };
  add(sums.counted, at::ones_like(curves.target_change));
  add(sums.target_change, curves.target_change);
  add(sums.difference, curves.difference);
  add(sums.late, curves.late);
  add(sums.centroid, curves.centroid);
  sums.square[k].add_(curves.difference.square().sum(0));
  note_example(sums, k, curves);
}

void save_sums(const std::filesystem::path& path, const EmergenceSums& sums, const std::string& protocol) {
  Dict file;
  file.set("images", sums.images);
  for (const auto& [name, tensor] : sum_tensors(sums)) file.set(name, *tensor);
  write_cached_result(path, {kVersion, protocol}, std::move(file));
}

std::optional<EmergenceSums> load_sums(const std::filesystem::path& path, const std::string& protocol) {
  EmergenceSums sums;
  const bool is_known = read_cached_result(path, {kVersion, protocol}, [&](const Dict& file) {
    sums.images = file.at("images").integer();
    for (const auto& [name, tensor] : sum_tensors(sums)) *tensor = file.at(name).tensor();
  });
  return is_known ? std::optional(std::move(sums)) : std::nullopt;
}

}  // namespace patronus
