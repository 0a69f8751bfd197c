#include <ATen/Functions.h>

#include <filesystem>

#include "patronus/models/losses.h"
#include "support/parity.h"

namespace patronus::test {
namespace {

class DistinctLossParity : public testing::TestWithParam<std::filesystem::path> {};

/// Whether it is the paper's distance; the reference has others.
bool is_absolute_cosine(const Dict& entry) {
  return entry.at("is_cosine").integer() != 0 && entry.at("is_abs").integer() != 0;
}

void expect_distinct_loss(const at::Tensor& recorded_prototypes, const Dict& entry) {
  const auto prototypes = recorded_prototypes.clone().requires_grad_();
  const auto loss = distinct_loss(prototypes, entry.at("margin").number());
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), entry.at("loss").number(), 1e-6);
  const auto& grad = entry.at("grad").tensor();
  EXPECT_TRUE(close(prototypes.grad(), grad, 1e-4 * grad.abs().max().item<double>()));
}

TEST_P(DistinctLossParity, LossesAndGradientsAgree) {
  const Dict file = read_tensor_file(GetParam());
  int compared = 0;
  for (const auto& [group, value] : file.entries()) {
    const auto& prototypes = value.dict().at("prototypes").tensor();
    for (const auto& [name, entry] : value.dict().entries()) {
      SCOPED_TRACE(group + "/" + name);
      if (std::holds_alternative<Dict>(entry) && is_absolute_cosine(entry.dict())) {
        expect_distinct_loss(prototypes, entry.dict());
        ++compared;
      }
      if (name == "loss") {  // the group of a single prototype
        EXPECT_EQ(distinct_loss(prototypes, 0.5).item<double>(), entry.number());
      }
    }
  }
  EXPECT_GT(compared, 0);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DistinctLossParity);
INSTANTIATE_TEST_SUITE_P(Cases, DistinctLossParity, testing::ValuesIn(parity_cases("distinct_loss")),
                         case_name);

}  // namespace
}  // namespace patronus::test
