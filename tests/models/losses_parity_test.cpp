#include <ATen/Functions.h>

#include <filesystem>

#include "patronus/models/losses.h"
#include "support/parity.h"

namespace patronus::test {
namespace {

class DistinctLossParity : public testing::TestWithParam<std::filesystem::path> {};

PrototypeDistance recorded_distance(const Dict& entry) {
  if (entry.at("is_cosine").integer() == 0) return PrototypeDistance::kEuclidean;
  return entry.at("is_abs").integer() != 0 ? PrototypeDistance::kCosineAbs : PrototypeDistance::kCosineSigned;
}

void expect_distinct_loss(const at::Tensor& recorded_prototypes, const Dict& entry) {
  const auto prototypes = recorded_prototypes.clone().requires_grad_();
  const auto distance = recorded_distance(entry);
  const auto loss = distinct_loss(prototypes, entry.at("margin").number(), distance);
  loss.backward();
  const double expected = entry.at("loss").number();
  const double tolerance = distance == PrototypeDistance::kEuclidean ? 1e-5 * expected : 1e-6;
  EXPECT_NEAR(loss.item<double>(), expected, tolerance);
  const auto& grad = entry.at("grad").tensor();
  EXPECT_TRUE(close(prototypes.grad(), grad, 1e-4 * grad.abs().max().item<double>()));
}

TEST_P(DistinctLossParity, LossesAndGradientsAgree) {
  const Dict file = read_tensor_file(GetParam());
  for (const auto& [group, value] : file.entries()) {
    const auto& prototypes = value.dict().at("prototypes").tensor();
    for (const auto& [name, entry] : value.dict().entries()) {
      SCOPED_TRACE(group + "/" + name);
      if (std::holds_alternative<Dict>(entry)) expect_distinct_loss(prototypes, entry.dict());
      if (name == "loss") {  // the group of a single prototype
        EXPECT_EQ(distinct_loss(prototypes, 0.5).item<double>(), entry.number());
      }
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DistinctLossParity);
INSTANTIATE_TEST_SUITE_P(Cases, DistinctLossParity, testing::ValuesIn(parity_cases("distinct_loss")),
                         case_name);

}  // namespace
}  // namespace patronus::test
