#include "patronus/models/module_state.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <c10/util/StringUtil.h>

#include <unordered_map>

#include "patronus/core/error.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

/// In the order of Python's `state_dict`: parameters, buffers, children.
void append_state(const torch::nn::Module& module, const std::string& prefix, NamedTensors& state) {
  for (const auto& item : module.named_parameters(/*recurse=*/false))
    state.emplace_back(prefix + item.key(), item.value());
  for (const auto& item : module.named_buffers(/*recurse=*/false))
    state.emplace_back(prefix + item.key(), item.value());
  for (const auto& child : module.named_children())
    append_state(*child.value(), prefix + child.key() + ".", state);
}

/// Message such as "2 tensors are missing (a, b)"; empty if there are none.
std::string count_and_name(std::vector<std::string> names, const std::string& what) {
  if (names.empty()) return "";
  const std::string count =
      pluralize(std::ssize(names), "tensor") + (names.size() == 1 ? " is " : " are ") + what;
  const bool more = names.size() > 3;
  if (more) names.resize(3);
  return count + " (" + join(names) + (more ? ", ...)" : ")");
}

using TensorsByName = std::unordered_map<std::string, at::Tensor>;

std::vector<std::string> names_not_in(const NamedTensors& tensors, const TensorsByName& others) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    if (!others.contains(name)) names.push_back(name);
  }
  return names;
}

void check_names(const NamedTensors& wanted, const NamedTensors& given, const std::string& advice) {
  const auto missing = names_not_in(wanted, {given.begin(), given.end()});
  const auto unknown = names_not_in(given, {wanted.begin(), wanted.end()});
  std::vector<std::string> problems;
  for (const auto& text : {count_and_name(missing, "missing"), count_and_name(unknown, "unknown")}) {
    if (!text.empty()) problems.push_back(text);
  }
  if (!problems.empty()) {
    throw ConfigError("the weights are of another model: " + join(problems, " and ") + "; " + advice);
  }
}

}  // namespace

NamedTensors module_state(const torch::nn::Module& module, const std::string& prefix) {
  NamedTensors state;
  append_state(module, prefix, state);
  return state;
}

NamedTensors trainable_tensors(NamedTensors state) {
  std::erase_if(state, [](const auto& item) { return !item.second.requires_grad(); });
  return state;
}

void use_channels_last(torch::nn::Module& module) {
  for (auto& parameter : module.parameters()) {
    if (parameter.dim() != 4) continue;
    // `contiguous` would keep weights with one input channel, which count as channels-last already, but with
    // strides for which LibTorch convolves in the other layout.
    const auto copy = at::empty(parameter.sizes(), parameter.options(), at::MemoryFormat::ChannelsLast);
    parameter.set_data(copy.copy_(parameter.detach()));
  }
}

void require_finite(const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (tensor.isfinite().all().item<bool>()) continue;
    throw DataError("tensor " + name +
                    " holds values that are not finite, of a training that diverged or a " +
                    "damaged file; take an earlier one");
  }
}

void load_tensors(const NamedTensors& own, const NamedTensors& values, const std::string& advice) {
  const c10::NoGradGuard no_grad;
  const TensorsByName by_name(values.begin(), values.end());
  // Checked first, since a wrong shape says more about the cause than a list of names.
  for (const auto& [name, tensor] : own) {
    const auto found = by_name.find(name);
    if (found == by_name.end() || found->second.sizes() == tensor.sizes()) continue;
    throw ConfigError(
        c10::str("tensor ", name, " is ", found->second.sizes(), ", the model wants ", tensor.sizes()));
  }
  check_names(own, values, advice);
  for (const auto& [name, tensor] : own) tensor.copy_(by_name.at(name));
}

}  // namespace patronus
