#include "patronus/diagnosis/attribute_images.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <tuple>

#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "patronus/data/read_attributes.h"
#include "patronus/metrics/correlation.h"

namespace patronus {

at::Tensor AttributeImages::values(int64_t a, const at::Tensor& rows) const {
  return attributes.values.select(1, a).index_select(0, rows);
}

AttributeImages with_attributes(const Dataset& images, const std::string& csv) {
  AttributeTable table = images.attributes();
  if (!csv.empty()) {
    std::vector<std::string> files;
    for (int64_t i = 0; i < images.size(); ++i) files.push_back(images.file(i));
    table = read_attributes(csv, files);
  }
  if (table.names.empty()) table.values = at::empty({images.size(), 0}, at::kLong);
  return {images, binary_attributes(table)};
}

std::vector<int64_t> columns_of(const std::vector<std::string>& wanted,
                                const std::vector<std::string>& known) {
  std::vector<int64_t> columns;
  for (const auto& name : wanted) {
    const auto found = std::find(known.begin(), known.end(), name);
    columns.push_back(found == known.end() ? -1 : found - known.begin());
  }
  return columns;
}

at::Tensor attributes_named(const BinaryAttributes& attributes, const std::vector<std::string>& names) {
  const at::Tensor& values = attributes.values;
  std::vector<at::Tensor> named;
  for (const int64_t column : columns_of(names, attributes.names)) {
    named.push_back(column < 0 ? at::full({values.size(0)}, kUnknown) : values.select(1, column));
  }
  return at::stack(named, 1);
}

SplitHalves split_in_halves(int64_t size, int64_t most, uint64_t seed) {
  constexpr int64_t kMin = 50;
  if (size < kMin) {
    throw DataError(pluralize(size, "test image") + "; expected at least " + std::to_string(kMin) +
                    ", of which one half chooses prototypes and the other tests them");
  }
  const auto drawn = draw_indices(size, most, derive_seed(seed, "images to diagnose"));
  const auto order = random_permutation(drawn.size(0), derive_seed(seed, "halves"));
  const auto half = [&](int64_t first, int64_t end) {
    return std::get<0>(drawn.index_select(0, order.slice(0, first, end)).sort());
  };
  const int64_t middle = drawn.size(0) / 2;
  return {half(0, middle), half(middle, drawn.size(0))};
}

at::Tensor attribute_correlations(const at::Tensor& values) {
  auto phi = at::full({values.size(1), values.size(1)}, kNaN, at::kDouble).fill_diagonal_(1);
  for (int64_t a = 0; a < values.size(1); ++a) {
    for (int64_t b = 0; b < a; ++b) {
      const auto pair = values.index_select(1, at::tensor({a, b}));
      const auto known = (pair != kUnknown).all(1).nonzero().squeeze(1);
      if (known.size(0) < 2) continue;
      const auto r = correlations(pair.index_select(0, known))[0][1];
      phi[a][b] = r;
      phi[b][a] = r;
    }
  }
  return phi;
}

bool are_confounded(const at::Tensor& correlations, size_t a, size_t b) {
  constexpr double kConfounding = 0.5;
  return correlations[static_cast<int64_t>(a)][static_cast<int64_t>(b)].abs().item<double>() >= kConfounding;
}

}  // namespace patronus
