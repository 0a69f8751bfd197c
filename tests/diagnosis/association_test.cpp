#include "patronus/diagnosis/association.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "patronus/core/random.h"

namespace patronus {
namespace {

/// Attributes of which the second copies the first in a share of `together` of 600 images.
at::Tensor judged(double together, uint64_t seed) {
  const auto a = at::randint(0, 2, {600, 3}, make_generator(seed), at::kLong).to(at::kBool);
  const auto copies = at::rand({600}, make_generator(seed + 1)) < together;
  a.select(1, 1).copy_(at::where(copies, a.select(1, 0), a.select(1, 1)));
  return a;
}

TEST(Association, SaysWhatIsExaggeratedAndWhatIsNot) {
  const auto training = at::full({3, 3}, 0.3, at::kDouble);
  const auto all = associations(training, judged(0.3, 1), judged(0.8, 11), at::ones({3}, at::kBool));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all.front().a, 0u);
  EXPECT_EQ(all.front().b, 1u);
  EXPECT_TRUE(all.front().is_amplified());
  EXPECT_NEAR(all.front().real.value, 0.3, 0.1);
  EXPECT_NEAR(all.front().generated.value, 0.8, 0.1);
  EXPECT_NEAR(all.front().difference.value, 0.5, 0.12);
  EXPECT_EQ(all.front().training, 0.3);
  EXPECT_EQ(all.front().drawn_from, DrawnFrom::kTestImages);
}

TEST(Association, TheSameImagesExaggerateNothing) {
  const auto images = judged(0.5, 3);
  for (const auto& pair : associations(at::eye(3, at::kDouble), images, images, at::ones({3}, at::kBool))) {
    EXPECT_FALSE(pair.is_amplified());
    EXPECT_EQ(pair.difference.value, 0);
  }
}

TEST(Association, LeavesOutWhatDoesNotCount) {
  const auto images = judged(0.5, 5);
  const auto counts = at::tensor({1, 0, 1}).to(at::kBool);
  const auto all = associations(at::eye(3, at::kDouble), images, images, counts);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all.front().b, 2u);
  EXPECT_TRUE(associations(at::eye(3, at::kDouble), images, images, at::zeros({3}, at::kBool)).empty());
}

TEST(Association, CallsNoPairAmplifiedByChanceHoweverManyThereAre) {
  constexpr int64_t kAttributes = 14, kImages = 300;  // 91 pairs
  int64_t runs_with_alarms = 0;
  for (uint64_t run = 0; run < 20; ++run) {
    const auto coins = [&](uint64_t n) {
      return at::randint(0, 2, {kImages, kAttributes}, make_generator(2 * run + n), at::kLong).to(at::kBool);
    };
    const auto all = associations(at::eye(kAttributes, at::kDouble), coins(0), coins(1),
                                  at::ones({kAttributes}, at::kBool));
    runs_with_alarms += std::any_of(all.begin(), all.end(), [](const auto& a) { return a.is_amplified(); });
  }
  EXPECT_LE(runs_with_alarms, 3) << "one is expected of 20";
}

}  // namespace
}  // namespace patronus
