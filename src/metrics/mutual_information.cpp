#include "patronus/metrics/mutual_information.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <vector>

#include "patronus/core/unknown.h"

namespace patronus {
namespace {

/// Entropy of a variable [N] without unknown values.
double entropy_of(const at::Tensor& values) {
  const auto p = at::bincount(values).to(at::kDouble) / std::max<int64_t>(values.size(0), 1);
  return -at::xlogy(p, p).sum().item<double>();
}

/// One variable, with its entropy.
struct Variable {
  at::Tensor values;  // int64 [N]
  double entropy;     // over the rows in which it is known
  bool complete;      // whether it is known in all rows
};

std::vector<Variable> variables_of(const at::Tensor& x) {
  std::vector<Variable> variables;
  for (const auto& column : x.t().contiguous().unbind(0)) {
    const auto rows = known_rows(column);
    const bool complete = rows.size(0) == column.size(0);
    variables.push_back({column, entropy_of(complete ? column : column.index_select(0, rows)), complete});
  }
  return variables;
}

/// H(a) + H(b) - H(a, b) over the rows in which both are known; the values of b are below `b_values`.
double information(const Variable& a, const Variable& b, int64_t b_values) {
  if (a.complete && b.complete) return a.entropy + b.entropy - entropy_of(a.values * b_values + b.values);
  const auto rows = ((a.values != kUnknown) & (b.values != kUnknown)).nonzero().squeeze(1);
  const auto x = a.values.index_select(0, rows), y = b.values.index_select(0, rows);
  return entropy_of(x) + entropy_of(y) - entropy_of(x * b_values + y);
}

/// [A, A], share of the rows with a known attribute (row) in which another (column) is known too.
at::Tensor known_together(const at::Tensor& attributes) {
  const auto known = (attributes != kUnknown).to(at::kDouble);
  const auto both = known.t().matmul(known);
  return both / both.diagonal().clamp_min(1).unsqueeze(1);
}

}  // namespace

at::Tensor entropy(const at::Tensor& x) {
  std::vector<double> entropies;
  for (const auto& variable : variables_of(x)) entropies.push_back(variable.entropy);
  return at::tensor(entropies, at::kDouble);
}

at::Tensor mutual_information(const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.size(0) == b.size(0), "information of variables ", a.sizes(), " and ", b.sizes());
  const int64_t values = b.max().item<int64_t>() + 1;
  const auto others = variables_of(b);
  std::vector<double> shared;
  for (const auto& variable : variables_of(a)) {
    for (const auto& other : others) shared.push_back(information(variable, other, values));
  }
  return at::tensor(shared, at::kDouble).view({a.size(1), b.size(1)}).clamp_min(0);
}

at::Tensor equal_width_bins(const at::Tensor& x, int64_t bins) {
  const auto values = x.to(at::kDouble);
  const auto low = values.amin(0), width = values.amax(0) - low;
  const auto place = (values - low) / at::where(width > 0, width, at::ones_like(width));
  return (place * bins).to(at::kLong).clamp_max(bins - 1);
}

at::Tensor redundancy(const at::Tensor& attributes) {
  const auto own = entropy(attributes);
  auto told = mutual_information(attributes, attributes) * known_together(attributes);
  const auto most = told.fill_diagonal_(0).amax(1);
  return at::where(own > 0, most / own, 1.0).clamp_max(1);
}

}  // namespace patronus
