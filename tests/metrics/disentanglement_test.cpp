#include "patronus/metrics/disentanglement.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"

namespace patronus {
namespace {

constexpr int64_t kRows = 4000, kFactors = 6, kNoiseCodes = 4;

at::Tensor factors() {
  return at::randint(0, 2, {kRows, kFactors}, make_generator(1), at::kLong);
}

/// One code a factor plus small noise, and codes of noise alone, in another order and turned round.
at::Tensor codes_of(const at::Tensor& attributes) {
  auto generator = make_generator(2);
  const auto clean = at::cat({attributes.to(at::kDouble), at::zeros({kRows, kNoiseCodes})}, 1);
  const auto noise = at::randn(clean.sizes(), generator, at::kDouble);
  const auto scale = at::cat({at::full({kFactors}, 0.1), at::ones({kNoiseCodes})});
  return -(clean + scale * noise).index_select(1, at::randperm(clean.size(1), generator, at::kLong));
}

Dci dci_of(const at::Tensor& codes, const at::Tensor& attributes) {
  return dci(probe_attributes(codes, attributes, k_folds(kRows)));
}

TEST(Dci, OfOneCodeAFactorIsNearOne) {
  const Dci result = dci_of(codes_of(factors()), factors());
  EXPECT_GT(result.disentanglement, 0.9);
  EXPECT_GT(result.completeness, 0.9);
  EXPECT_GT(result.informativeness, 0.999);
}

TEST(Dci, OfRandomCodesIsNearNothing) {
  const Dci result = dci_of(at::randn({kRows, 10}, make_generator(3)), factors());
  EXPECT_LT(result.disentanglement, 0.3);  // 0.28 / ln 6 = 0.16 by chance
  EXPECT_LT(result.completeness, 0.3);     // 0.28 / ln 10 = 0.12
  EXPECT_NEAR(result.informativeness, 0.5, 0.05);
}

TEST(Dci, OfRotatedCodesIsInformativeButNotDisentangled) {
  const auto rotation = std::get<0>(at::linalg_qr(at::randn({10, 10}, make_generator(4), at::kDouble)));
  const Dci result = dci_of(at::matmul(codes_of(factors()), rotation), factors());
  EXPECT_LT(result.disentanglement, 0.4);
  EXPECT_LT(result.completeness, 0.4);
  EXPECT_GT(result.informativeness, 0.99);
}

TEST(Dci, CountsOnlyAttributesThatCouldBeMeasured) {
  const auto attributes = factors();
  const auto more = at::cat({attributes, at::ones({kRows, 1}, at::kLong)}, 1);
  const auto codes = codes_of(attributes);
  EXPECT_EQ(dci_of(codes, more).disentanglement, dci_of(codes, attributes).disentanglement);
  const Dci none = dci_of(codes, at::ones({kRows, 2}, at::kLong));
  EXPECT_TRUE(std::isnan(none.disentanglement));
  EXPECT_TRUE(std::isnan(none.completeness));
  EXPECT_TRUE(std::isnan(none.informativeness));
}

TEST(Disentanglement, IsOneWhereEveryCodeServesOneAttributeAndNothingWhereItServesAllAlike) {
  const auto one = at::tensor({0.0, 3.0, 2.0, 0.0, 0.0, 0.0}).view({3, 2});
  EXPECT_EQ(disentanglement(one), 1);
  EXPECT_EQ(completeness(one), 1);
  EXPECT_NEAR(disentanglement(at::ones({3, 2})), 0, 1e-15);
  EXPECT_NEAR(completeness(at::ones({3, 2})), 0, 1e-15);
}

TEST(Disentanglement, WeighsCodesByTheirImportance) {
  // Two codes share the first attribute; the third serves both attributes alike, and is a quarter of it all.
  const auto importance = at::tensor({3.0, 0.0, 3.0, 0.0, 1.0, 1.0}).view({3, 2});
  EXPECT_NEAR(disentanglement(importance), 6.0 / 8, 1e-15);
  const double first = -(2 * 3.0 / 7 * std::log(3.0 / 7) + 1.0 / 7 * std::log(1.0 / 7)) / std::log(3);
  EXPECT_NEAR(completeness(importance), 7.0 / 8 * (1 - first) + 1.0 / 8, 1e-15);
}

TEST(MutualInformationGap, OfOneCodeAFactorIsNearOne) {
  EXPECT_GT(mutual_information_gap(codes_of(factors()), factors()), 0.95);
}

TEST(MutualInformationGap, OfRandomOrDoubledCodesIsNearNothing) {
  EXPECT_LT(mutual_information_gap(at::randn({kRows, 10}, make_generator(3)), factors()), 0.01);
  const auto codes = codes_of(factors());
  EXPECT_LT(mutual_information_gap(at::cat({codes, codes}, 1), factors()), 1e-12);
}

TEST(MutualInformationGap, IsTheLeadOfTheBestCodeInSharesOfTheEntropy) {
  const auto attribute = at::tensor({0, 0, 1, 1, 2, 2, 2, 2}, at::kLong).unsqueeze(1);
  const auto exact = attribute.to(at::kDouble), half = (exact == 2).to(at::kDouble);
  const double entropy = 0.5 * std::log(4) + 0.5 * std::log(2);
  EXPECT_NEAR(mutual_information_gap(at::cat({half, exact}, 1), attribute), (entropy - std::log(2)) / entropy,
              1e-14);
  EXPECT_NEAR(mutual_information_gap(exact, attribute), 1, 1e-14) << "a single code";
}

TEST(MutualInformationGap, TellsTwentyValuesOfACodeApartAndNoMore) {
  const auto gap_of = [](int64_t values) {
    const auto attribute = at::arange(values, at::kLong).unsqueeze(1);
    return mutual_information_gap(attribute.to(at::kFloat), attribute);
  };
  EXPECT_NEAR(gap_of(20), 1, 1e-14);
  EXPECT_LT(gap_of(21), 0.99);
}

TEST(MutualInformationGap, LeavesOutAttributesThatDoNotVary) {
  const auto attributes = factors();
  const auto codes = codes_of(attributes);
  const auto constant = at::zeros({kRows, 1}, at::kLong);
  EXPECT_EQ(mutual_information_gap(codes, at::cat({attributes, constant}, 1)),
            mutual_information_gap(codes, attributes));
  EXPECT_EQ(mutual_information_gap(codes, constant), 0);
}

}  // namespace
}  // namespace patronus
