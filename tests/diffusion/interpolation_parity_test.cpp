#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/diffusion/slerp.h"
#include "support/parity.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr double kInterpolationTolerance = 1e-5;

void check_interpolation(const Dict& group) {
  const auto alpha = group.at("alpha").tensor();
  const auto steps = group.at("steps").integer();
  ASSERT_TRUE(test::close(at::linspace(0, 1, steps), alpha, 1e-6));
  const auto end = [&](const std::string& name) { return group.at(name).tensor(); };
  for (int64_t i = 0; i < steps; ++i) {
    const auto weight = alpha[i].item<double>();
    EXPECT_TRUE(test::close(at::lerp(end("pact_a"), end("pact_b"), weight)[0], end("pact_lerp")[i],
                            kInterpolationTolerance));
    const auto x_T = slerp(end("xT_a"), end("xT_b"), weight);
    EXPECT_TRUE(test::close(x_T[0], end("xT_slerp")[i], kInterpolationTolerance));
    EXPECT_TRUE(test::close(x_T.norm(), end("norms")[i], 0, kInterpolationTolerance));
  }
}

class InterpolationParity : public testing::TestWithParam<fs::path> {};

TEST_P(InterpolationParity, ReproducesLerpAndSlerp) {
  int groups = 0;
  const Dict recorded = read_tensor_file(GetParam());
  for (const auto& [name, group] : recorded.entries()) {
    if (!name.starts_with("slerp_")) continue;
    SCOPED_TRACE(name);
    ++groups;
    check_interpolation(group.dict());
  }
  EXPECT_GT(groups, 0);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(InterpolationParity);
INSTANTIATE_TEST_SUITE_P(Reference, InterpolationParity,
                         testing::ValuesIn(test::parity_cases("interpolation")), test::case_name);

}  // namespace
}  // namespace patronus
