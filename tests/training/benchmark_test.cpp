#include "patronus/training/benchmark.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "patronus/training/benchmark_report.h"
#include "support/failure.h"
#include "support/small_run.h"
#include "training/operation_profile.h"

namespace patronus {
namespace {

TEST(OperationProfile, CountsConvolutionsAndMatrixProductsBothWays) {
  const auto image = at::rand({2, 3, 8, 8}), kernel = at::rand({5, 3, 3, 3}).requires_grad_();
  const auto convolved = [&] { return at::conv2d(image, kernel, {}, /*stride=*/2, /*padding=*/1); };
  const double flop = 2.0 * (2 * 5 * 4 * 4) * (3 * 3 * 3);
  EXPECT_EQ(profile_operations([&] { convolved(); }).flop, flop);
  EXPECT_EQ(profile_operations([&] { convolved(); }).convolution_flop, flop);
  // The image needs no gradient.
  EXPECT_EQ(profile_operations([&] { convolved().sum().backward(); }).flop, 2 * flop);
  const auto a = at::rand({4, 6}), b = at::rand({6, 7});
  EXPECT_EQ(profile_operations([&] { at::mm(a, b); }).flop, 2.0 * 4 * 6 * 7);
  EXPECT_EQ(profile_operations([&] { at::mm(a, b); }).convolution_flop, 0);
  EXPECT_EQ(profile_operations([&] { at::addmm(at::rand({7}), a, b); }).flop, 2.0 * 4 * 6 * 7);
  EXPECT_EQ(profile_operations([&] { at::add(a, a); }).flop, 0);
}

TEST(OperationProfile, TimeIsThatOfTheOutermostOperators) {
  const auto image = at::rand({2, 3, 64, 64}), kernel = at::rand({5, 3, 3, 3});
  const OperationProfile profile = profile_operations([&] { at::conv2d(image, kernel); });
  ASSERT_EQ(profile.kinds.size(), 1u);
  EXPECT_EQ(profile.kinds.begin()->first, "convolutions");
  EXPECT_GT(profile.kinds.begin()->second, 0);
  EXPECT_LE(profile.kinds.begin()->second, profile.seconds);
}

TEST(OperationProfile, TellsTheBackwardPassesOperatorsApart) {
  const auto image = at::rand({8, 16, 64, 64}), kernel = at::rand({16, 16, 3, 3}).requires_grad_();
  const auto convolved = at::conv2d(image, kernel);
  // A process beside this one may hold up either operator, but not every time.
  const auto convolutions_take_longest = [&] {
    const OperationProfile profile =
        profile_operations([&] { convolved.backward(at::ones_like(convolved), /*retain_graph=*/true); });
    const auto longest =
        std::ranges::max_element(profile.kinds, {}, [](const auto& kind) { return kind.second; });
    return longest->first == "convolutions";
  };
  bool is_told = false;
  for (int i = 0; i < 20 && !is_told; ++i) is_told = convolutions_take_longest();
  EXPECT_TRUE(is_told);
}

TEST(Benchmark, MeasuresEverythingInEveryRoundAgainstTheReferencesWay) {
  const Benchmark b = run_benchmark(test::small_run(), {.rounds = 2, .seconds = 0.001, .baseline = true});
  ASSERT_EQ(b.rates.size(), 10u);
  EXPECT_EQ(b.rates[0].what, "training, batch 8");
  for (const auto& rate : b.rates) {
    EXPECT_EQ(rate.rates.size(), 2u) << rate.what;
    EXPECT_GT(rate.rates[0], 0) << rate.what;
    EXPECT_EQ(rate.baseline.size(), rate.what.starts_with("encoding") ? 0u : 2u) << rate.what;
  }
  EXPECT_GT(b.convolution_gflop, 0);
  EXPECT_GT(b.training_gflop, b.convolution_gflop);
  ASSERT_EQ(b.start_seconds.size(), 2u);
  EXPECT_GT(b.start_seconds[0], 0);
  double shares = 0;
  for (const auto& [kind, share] : b.time) shares += share;
  EXPECT_NEAR(shares, 1, 1e-9);
  const auto json = benchmark_json(b);
  EXPECT_EQ(json["rates"][0]["patronus"]["rounds"].size(), 2u);
  EXPECT_NEAR(json["rates"][0]["ratio"]["rounds"][1].get<double>(),
              b.rates[0].rates[1] / b.rates[0].baseline[1], 1e-9);
  EXPECT_NE(benchmark_markdown(b).find("| what | patronus | the reference's way | ratio |"),
            std::string::npos);
}

TEST(Benchmark, RefusesToMeasureNothing) {
  EXPECT_EQ(test::message_of([] { run_benchmark(test::small_run(), {.rounds = 0}); }),
            "rounds 0: expected at least 1");
  EXPECT_EQ(test::message_of([] { run_benchmark(test::small_run(), {.seconds = 0}); }),
            "seconds 0: expected more than 0");
}

}  // namespace
}  // namespace patronus
