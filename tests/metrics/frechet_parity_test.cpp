#include "patronus/metrics/frechet.h"

#include <ATen/Functions.h>

#include "support/parity.h"

namespace patronus::test {
namespace {

class FrechetParity : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(FrechetParity, StatisticsAndDistanceAgree) {
  const Dict file = read_tensor_file(GetParam());
  for (const auto& [name, value] : file.entries()) {
    SCOPED_TRACE(name);
    const Dict& recorded = value.dict();
    const auto a = feature_statistics(recorded.at("features1").tensor());
    const auto b = feature_statistics(recorded.at("features2").tensor());
    EXPECT_TRUE(close(a.mean, recorded.at("mu1").tensor(), 1e-12));
    EXPECT_TRUE(close(b.covariance, recorded.at("sigma2").tensor(), 1e-12));
    const double rtol = name.starts_with("rank_deficient") ? 1e-6 : 1e-8;
    const double expected = recorded.at("fid").number();
    EXPECT_NEAR(frechet_distance(a, b), expected, rtol * expected);
    EXPECT_NEAR(frechet_distance(b, a), expected, rtol * expected);
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FrechetParity);
INSTANTIATE_TEST_SUITE_P(Cases, FrechetParity, testing::ValuesIn(parity_cases("frechet")), case_name);

}  // namespace
}  // namespace patronus::test
