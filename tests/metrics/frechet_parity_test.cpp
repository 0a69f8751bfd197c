#include "patronus/metrics/frechet.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

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
    EXPECT_TRUE(close(b.mean, recorded.at("mu2").tensor(), 1e-12));
    EXPECT_TRUE(close(a.covariance, recorded.at("sigma1").tensor(), 1e-12));
    EXPECT_TRUE(close(b.covariance, recorded.at("sigma2").tensor(), 1e-12));
    const auto expect = [&](double actual, const char* key, double rtol) {
      EXPECT_NEAR(actual, recorded.at(key).number(), rtol * recorded.at(key).number()) << key;
    };
    expect((a.mean - b.mean).square().sum().item<double>(), "mean_term", 1e-10);
    expect(a.covariance.trace().item<double>(), "trace1", 1e-10);
    expect(b.covariance.trace().item<double>(), "trace2", 1e-10);
    const double rtol = name.starts_with("rank_deficient") ? 1e-6 : 1e-8;
    for (const double distance : {frechet_distance(a, b), frechet_distance(b, a)}) {
      expect(distance, "fid", rtol);
      expect(distance, "fid_symmetric_route", rtol);
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FrechetParity);
INSTANTIATE_TEST_SUITE_P(Cases, FrechetParity, testing::ValuesIn(parity_cases("frechet")), case_name);

}  // namespace
}  // namespace patronus::test
