#include "support/named_tensors.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

namespace patronus::test {

NamedTensors named_tensors(const Dict& dict) {
  NamedTensors tensors;
  for (const auto& [name, value] : dict.entries()) tensors.emplace_back(name, value.tensor());
  return tensors;
}

std::vector<std::string> names(const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

NamedTensors copies(const NamedTensors& tensors) {
  NamedTensors result;
  for (const auto& [name, tensor] : tensors) result.emplace_back(name, tensor.detach().clone());
  return result;
}

void expect_same(const NamedTensors& actual, const NamedTensors& expected) {
  ASSERT_EQ(names(actual), names(expected));
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_TRUE(at::equal(actual[i].second, expected[i].second)) << actual[i].first;
  }
}

std::vector<int64_t> integers(const Value& list) {
  std::vector<int64_t> values;
  if (std::holds_alternative<at::Tensor>(list)) {
    const auto& tensor = list.tensor();
    for (int64_t i = 0; i < tensor.size(0); ++i) values.push_back(tensor[i].item<int64_t>());
  } else {
    for (const auto& element : list.list()) values.push_back(element.integer());
  }
  return values;
}

std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> values;
  for (const auto& element : list.list()) values.push_back(element.text());
  return values;
}

}  // namespace patronus::test
