#include "patronus/training/muon.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/record_function.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "patronus/training/gradients.h"

namespace patronus {
namespace {

constexpr int kIterations = 5;
constexpr double kStepSize = 0.2;  // root mean square of an update for learning rate 1

/// A weight [O, I, ...] as a matrix [O, ... * I]; a view for channels-last convolutions.
at::Tensor as_matrix(const at::Tensor& weight) {
  return weight.movedim(1, -1).flatten(1);
}

/// Inverse of `as_matrix`, for a weight shaped like `weight`.
at::Tensor as_weight(const at::Tensor& matrix, const at::Tensor& weight) {
  return matrix.view(weight.movedim(1, -1).sizes()).movedim(-1, 1);
}

}  // namespace

at::Tensor orthogonalize(const at::Tensor& matrices) {
  const bool wide = matrices.size(1) <= matrices.size(2);
  const auto x = matrices / matrices.norm(2, {1, 2}, /*keepdim=*/true).clamp_min(1e-12);
  auto gram = wide ? at::bmm(x, x.mT()) : at::bmm(x.mT(), x);
  const auto identity = at::eye(gram.size(1), gram.options()).expand_as(gram);
  // All factors are polynomials of the Gram matrix and hence commute.
  at::Tensor product;
  for (int i = 0; i < kIterations; ++i) {
    const auto factor = 3.4445 * identity + at::baddbmm(gram, gram, gram, /*beta=*/-4.7750, /*alpha=*/2.0315);
    product = i == 0 ? factor : at::bmm(product, factor);
    if (i + 1 < kIterations) gram = at::bmm(at::bmm(factor, gram), factor);
  }
  return wide ? at::bmm(product, x) : at::bmm(x, product);
}

Muon::Muon(const ParameterGroup& group, const MuonOptions& options)
    : learning_rate_factor_(group.learning_rate_factor), options_(options) {
  std::map<std::vector<int64_t>, Stack> by_shape;
  at::TensorOptions of_rate(at::kDouble);  // double, so that no learning rate overflows
  for (const auto& [name, parameter] : group.parameters) {
    Stack& stack = by_shape[parameter.sizes().vec()];
    stack.parameters.emplace_back(name, parameter);
    stack.momentum.push_back(at::zeros_like(parameter));
    of_rate = of_rate.device(parameter.device());
  }
  for (auto& [shape, stack] : by_shape) stacks_.push_back(std::move(stack));
  learning_rate_ = at::zeros({}, of_rate);
}

void Muon::set_learning_rate(double learning_rate) {
  learning_rate_.fill_(learning_rate * learning_rate_factor_);
}

void Muon::step() {
  const c10::NoGradGuard no_grad;
  RECORD_FUNCTION("patronus::muon", std::vector<c10::IValue>());
  const auto kept = 1 - learning_rate_ * options_.weight_decay;
  for (auto& stack : stacks_) {
    const auto gradients = gradients_of(stack.parameters);
    at::_foreach_mul_(stack.momentum, options_.momentum);
    at::_foreach_add_(stack.momentum, gradients);
    const auto ahead = at::_foreach_add(gradients, stack.momentum, options_.momentum);
    std::vector<at::Tensor> matrices;
    for (const auto& update : ahead) matrices.push_back(as_matrix(update));
    const auto directions = orthogonalize(at::stack(matrices));
    const double length = std::sqrt(double(std::max(directions.size(1), directions.size(2))));
    const auto updates = directions * (learning_rate_ * (kStepSize * length));
    for (size_t i = 0; i < stack.parameters.size(); ++i) {
      const auto& weight = stack.parameters[i].second;
      weight.mul_(kept).sub_(as_weight(updates[static_cast<int64_t>(i)], weight));
    }
  }
}

Dict Muon::state() const {
  Dict result;
  for (const auto& stack : stacks_) {
    for (size_t i = 0; i < stack.parameters.size(); ++i) {
      result.set(stack.parameters[i].first, stack.momentum[i]);
    }
  }
  return result;
}

void Muon::load_state(const Dict& state) {
  const c10::NoGradGuard no_grad;
  for (auto& stack : stacks_) {
    for (size_t i = 0; i < stack.parameters.size(); ++i) {
      stack.momentum[i].copy_(state.at(stack.parameters[i].first).tensor());
    }
  }
}

}  // namespace patronus
