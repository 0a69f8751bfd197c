// The reference's edited conditions: extrapolation sets an entry, enhancement raises it to one maximum of
// all.
#include <ATen/Functions.h>

#include <algorithm>

#include "patronus/analysis/edit.h"
#include "patronus/analysis/plausible_range.h"
#include "support/named_tensors.h"
#include "support/parity.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class EditParity : public testing::TestWithParam<fs::path> {
 protected:
  const at::Tensor& tensor(const std::string& name) const { return group.at(name).tensor(); }

  Dict file = read_tensor_file(GetParam());
  const Dict& group = file.at("extrapolation").dict();
};

TEST_P(EditParity, ASweepAsksForTheReferencesExtrapolatedConditions) {
  std::vector<at::Tensor> target;
  for (const int64_t k : test::integers(group.at("selected"))) {
    const EditSweep sweep = parse_sweep(std::to_string(k) + "=0:3:7");
    for (int64_t i = 0; i < sweep.count; ++i) target.push_back(apply_sweep(tensor("pact"), sweep, i, {}));
  }
  EXPECT_TRUE(test::close(at::cat(target), tensor("extrapolated_cond"), 1e-6));
}

TEST_P(EditParity, TheGlobalMaximumAsksForTheReferencesEnhancedConditions) {
  const auto& batch = tensor("batch_pact");
  const auto range = plausible_range(batch, {.maximum = MaximumRule::kGlobal});
  EXPECT_TRUE(test::close(range.maximum, at::full_like(range.maximum, group.at("max_pact").number()), 1e-6));
  std::vector<at::Tensor> target;
  for (const int64_t k : test::integers(group.at("selected"))) {
    target.push_back(apply_edit(batch, {.prototypes = {k}, .kind = Edit::Kind::kMaximum}, range));
  }
  EXPECT_TRUE(test::close(at::cat(target), tensor("enhanced_cond"), 1e-6));
}

TEST_P(EditParity, QuantilesOfAllActivationsAgree) {
  int quantiles = 0;
  for (const auto& [name, value] : group.entries()) {
    if (!name.starts_with("quantile")) continue;
    ++quantiles;
    const double quantile = std::stod(name.substr(8)) / 100;
    const auto range = plausible_range(tensor("batch_pact"), {.quantile = std::max(quantile, 1 - quantile),
                                                              .maximum = MaximumRule::kGlobal});
    const auto& ours = quantile < 0.5 ? range.minimum : range.maximum;
    EXPECT_NEAR(ours[0].item<double>(), value.number(), 1e-6) << name;
  }
  EXPECT_GT(quantiles, 0);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EditParity);
INSTANTIATE_TEST_SUITE_P(Reference, EditParity, testing::ValuesIn(test::parity_cases("interpolation")),
                         test::case_name);

}  // namespace
}  // namespace patronus
