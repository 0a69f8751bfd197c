#include "patronus/metrics/tad.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <fstream>

#include "data/data_files.h"
#include "patronus/core/random.h"
#include "patronus/core/unknown.h"

namespace patronus {
namespace {

at::Tensor fair_attributes(int64_t rows, int64_t count) {
  return at::randint(0, 2, {rows, count}, make_generator(1), at::kLong);
}

/// For the first of `truth` one dimension turned round, and one that orders 13 of its 16 pairs; for the
/// second, which is independent of the first, nothing.
struct EightRows {
  at::Tensor codes = at::tensor({3.0f, 1.0f, 3.0f, 2.0f, 3.0f, 3.0f, 3.0f, 6.0f,  //
                                 1.0f, 4.0f, 1.0f, 5.0f, 1.0f, 7.0f, 1.0f, 5.5f})
                         .view({8, 2});
  at::Tensor truth = at::tensor({0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 0}, at::kLong).view({8, 2});
};

TEST(TotalAurocDifference, IsTheLeadOfTheBestDimensionOfCapturedAttributes) {
  const EightRows rows;
  const Tad tad = total_auroc_difference(rows.codes, rows.truth);
  EXPECT_EQ(tad.auroc[0][0].item<double>(), 1);
  EXPECT_EQ(tad.auroc[0][1].item<double>(), 13.0 / 16);
  EXPECT_TRUE(at::equal(tad.captured, at::tensor({1, 0}).to(at::kBool)));
  EXPECT_EQ(tad.possible.sum().item<int64_t>(), 2);
  EXPECT_EQ(tad.tad, 3.0 / 16);
}

TEST(TotalAurocDifference, OfACopiedDimensionIsNothing) {
  const EightRows rows;
  const auto code = rows.codes.slice(1, 0, 1);
  const Tad tad = total_auroc_difference(at::cat({code, -2 * code}, 1), rows.truth);
  EXPECT_TRUE(tad.captured[0].item<bool>());
  EXPECT_EQ(tad.tad, 0);
}

TEST(TotalAurocDifference, MeasuresASingleDimensionAgainstChance) {
  const EightRows rows;
  const Tad tad = total_auroc_difference(rows.codes.slice(1, 0, 1), rows.truth);
  EXPECT_EQ(tad.tad, 0.5);
}

TEST(TotalAurocDifference, LeavesOutAttributesThatAnotherTellsOrThatDoNotVary) {
  const auto independent = fair_attributes(400, 2);
  const auto attributes =
      at::cat({independent, 1 - independent.slice(1, 1, 2), at::ones({400, 1}, at::kLong)}, 1);
  const Tad tad = total_auroc_difference(attributes.to(at::kFloat), attributes);
  EXPECT_TRUE(at::equal(tad.possible, at::tensor({1, 0, 0, 0}).to(at::kBool)));
  EXPECT_TRUE(at::equal(tad.captured, tad.possible));
  const auto top = std::get<0>(tad.auroc[0].topk(2));
  EXPECT_NEAR(tad.tad, (top[0] - top[1]).item<double>(), 1e-15);
}

TEST(TotalAurocDifference, OverFoldsSeesTheTrainPartsOnly) {
  const auto attributes = fair_attributes(400, 3);
  const auto x = attributes.to(at::kDouble) + at::randn({400, 3}, make_generator(2), at::kDouble);
  const auto folds = k_folds(400);
  const TadOverFolds result = total_auroc_difference(x, attributes, folds);
  ASSERT_EQ(result.folds.size(), 5u);
  auto tad = at::empty({5}, at::kDouble);
  for (int64_t k = 0; k < 5; ++k) {
    const auto& rows = folds[k].train;
    tad[k] = total_auroc_difference(x.index_select(0, rows), attributes.index_select(0, rows)).tad;
  }
  EXPECT_NEAR(result.tad.mean, tad.mean().item<double>(), 1e-15);
  EXPECT_NEAR(result.tad.deviation, tad.std(false).item<double>(), 1e-15);
  EXPECT_GT(result.tad.deviation, 0);
  EXPECT_EQ(result.possible.mean, 3);
  EXPECT_GT(result.captured.mean, 0);
}

/// The first rows of the official table, -1 and 1 as 0 and 1.
at::Tensor celeba_attributes(const std::filesystem::path& table, int64_t rows) {
  constexpr int64_t kAttributes = 40;
  std::ifstream file(table);
  std::string text;
  for (int header = 0; header < 2; ++header) std::getline(file, text);  // the number of rows, the names
  std::vector<int64_t> values;
  for (int64_t row = 0; row < rows && file >> text; ++row) {
    for (int64_t a = 0, value = 0; a < kAttributes && file >> value; ++a) values.push_back(value == 1);
  }
  return at::tensor(values, at::kLong).view({-1, kAttributes});
}

TEST(TotalAurocDifference, CanCaptureTwentyFourOfTheFortyAttributesOfCelebA) {
  const auto table = test::real_data("celeba/list_attr_celeba.txt");
  if (!std::filesystem::exists(table)) GTEST_SKIP() << table << " does not exist";
  const auto attributes = celeba_attributes(table, 10'000);
  ASSERT_EQ(attributes.size(0), 10'000);
  const Tad tad = total_auroc_difference(at::zeros({10'000, 1}), attributes);
  EXPECT_EQ(tad.possible.sum().item<int64_t>(), 24);
}

TEST(TotalAurocDifference, LeavesOutRowsWhoseValueIsUnknown) {
  const EightRows rows;
  const auto noise = at::full({4, 2}, kUnknown);
  const auto codes = at::cat({at::full({4, 2}, 9.f), rows.codes}), truth = at::cat({noise, rows.truth});
  const Tad with = total_auroc_difference(codes, truth),
            without = total_auroc_difference(rows.codes, rows.truth);
  EXPECT_EQ(with.tad, without.tad);
  EXPECT_TRUE(at::equal(with.auroc, without.auroc));
  EXPECT_TRUE(at::equal(with.redundancy, without.redundancy));
}

TEST(HeldOutAuroc, IsChanceForTheBestOfManyDimensionsThatTellNothing) {
  const auto noise = at::randn({200, 100}, make_generator(2));
  const auto coins = fair_attributes(200, 20);
  const auto held_out = held_out_auroc(noise, coins, k_folds(200));
  ASSERT_EQ(held_out.sizes(), (std::vector<int64_t>{5, 20, 2}));
  EXPECT_GT(total_auroc_difference(noise, coins).auroc.amax(1).mean().item<double>(), 0.6);
  EXPECT_NEAR(held_out.mean().item<double>(), 0.5, 0.02);
}

TEST(HeldOutAuroc, IsInTheDirectionOfTheTrainPart) {
  const auto truth = at::arange(20).remainder(2).unsqueeze(1);
  const auto best = 1 - 2 * truth.select(1, 0),
             weak = (at::arange(20) >= 10).to(at::kLong) * truth.select(1, 0);
  const auto held_out = held_out_auroc(at::stack({weak, best}, 1).to(at::kFloat), truth, k_folds(20));
  EXPECT_TRUE((held_out.select(2, 0) == 1).all().item<bool>()) << held_out;
  EXPECT_LT(held_out.select(2, 1).mean().item<double>(), 1);
}

TEST(HeldOutAuroc, IsUnknownWhereAPartHasOneClassOnlyAndOfASecondDimensionThatIsNotThere) {
  auto truth = at::zeros({20, 1}, at::kLong);
  truth[k_folds(20)[3].test[0]] = 1;
  const auto held_out = held_out_auroc(at::randn({20, 1}), truth, k_folds(20));
  EXPECT_TRUE(held_out.isnan().all().item<bool>());
  const auto known =
      held_out_auroc(at::randn({20, 1}), at::arange(20).remainder(2).unsqueeze(1), k_folds(20));
  EXPECT_TRUE(known.select(2, 1).isnan().all().item<bool>());
}

}  // namespace
}  // namespace patronus
