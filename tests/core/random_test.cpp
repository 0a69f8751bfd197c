#include "patronus/core/random.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <set>
#include <utility>

#include "core/normal_noise.h"
#include "support/on_device.h"

namespace patronus {
namespace {

TEST(Random, SeedsOfPurposesAndIndicesDiffer) {
  std::set<uint64_t> seeds;
  for (const uint64_t seed : {0, 1}) {
    for (const char* purpose : {"noise", "shuffle"}) {
      for (uint64_t index = 0; index < 100; ++index) seeds.insert(derive_seed(seed, purpose, index));
    }
  }
  EXPECT_EQ(seeds.size(), 400u);
}

uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// Runs, data sets' divisions and recorded values depend on them: they must never change. By a program in
// Python of SplitMix64 (Steele, Lea and Flood, 2014), whose first number of seed 0 is e220a8397b1dcdaf.
TEST(Random, DerivedSeedsStayWhatTheyAre) {
  constexpr uint64_t kStep = 0x9E3779B97F4A7C15;
  ASSERT_EQ(mix(kStep), 0xE220A8397B1DCDAF);
  EXPECT_EQ(derive_seed(0, ""), mix(mix(kStep) + kStep));
  EXPECT_EQ(derive_seed(0, "shuffle", 0), 0xE9265809069AC61E);
  EXPECT_EQ(derive_seed(7, "noise", 12), 0x98B0FDEF16B8E633);
  EXPECT_EQ(derive_seed(~uint64_t{0}, "é", ~uint64_t{0}), 0xC0776222DB4B55DB);
}

TEST(Random, CommonIndicesAreThoseOfTheirPurpose) {
  const auto indices = draw_common_indices(100, 10, "images");
  EXPECT_TRUE(at::equal(indices, draw_indices(100, 10, derive_seed(0, "images"))));
  EXPECT_FALSE(at::equal(indices, draw_common_indices(100, 10, "others")));
}

TEST(Random, SeedsOfImagesAreThoseOfTheirNumbers) {
  const auto seeds = image_seeds(3, "noise", 5, 4);
  ASSERT_EQ(seeds.size(), 4u);
  for (uint64_t i = 0; i < 4; ++i) EXPECT_EQ(seeds[i], derive_seed(3, "noise", 5 + i));
  EXPECT_TRUE(image_seeds(3, "noise", 5, 0).empty());
}

TEST(Random, DrawnIndicesAscendAndAreTakenOnce) {
  int64_t sum = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const auto drawn = draw_indices(20, 5, seed);
    ASSERT_EQ(drawn.sizes(), at::IntArrayRef{5});
    ASSERT_EQ(drawn.scalar_type(), at::kLong);
    ASSERT_TRUE((drawn.diff() > 0).all().item<bool>()) << drawn;
    ASSERT_GE(drawn[0].item<int64_t>(), 0);
    ASSERT_LT(drawn[4].item<int64_t>(), 20);
    sum += drawn.sum().item<int64_t>();
  }
  EXPECT_NEAR(static_cast<double>(sum) / 1000, 9.5, 0.6) << "all alike: three standard errors";
  EXPECT_TRUE(at::equal(draw_indices(20, 5, 7), draw_indices(20, 5, 7)));
  EXPECT_FALSE(at::equal(draw_indices(20, 5, 7), draw_indices(20, 5, 8)));
  EXPECT_TRUE(at::equal(draw_indices(4, 4, 1), at::arange(4)));
  EXPECT_TRUE(at::equal(draw_indices(4, 9, 1), at::arange(4))) << "no more than there are";
  EXPECT_EQ(draw_indices(4, 0, 1).numel(), 0);
}

// The authors' table of known answers (Random123, philox4x32 with 10 rounds): counter and key of zeros, of
// ones, and of digits of pi.
TEST(Random, NoiseIsMadeOfPhilox) {
  const auto normals = [](std::array<uint32_t, 4> bits) {
    std::array<double, 4> values;
    for (int i = 0; i < 4; i += 2) {
      const double radius = std::sqrt(-2 * std::log((bits[i] + 1.0) / 4294967296.0));
      const double angle = 2 * std::numbers::pi * (bits[i + 1] / 4294967296.0);
      values[i] = radius * std::cos(angle), values[i + 1] = radius * std::sin(angle);
    }
    return values;
  };
  constexpr uint64_t kOnes = ~uint64_t{0};
  const std::pair<NormalBlock, std::array<double, 4>> known[]{
      {normal_block(0, 0, 0), normals({0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8})},
      {normal_block(kOnes, kOnes, kOnes), normals({0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd})},
      {normal_block(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88),
       normals({0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1})}};
  for (const auto& [block, expected] : known) {
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(block.values[i], expected[i], 1e-5) << i;
  }
}

class Noise : public test::OnDevice {
 protected:
  /// Noise [N, ...] of images with `seeds`, of the given call of the source.
  at::Tensor draw(const std::vector<uint64_t>& seeds, std::vector<int64_t> shape, int call = 0) {
    const auto noise = noise_per_image(seeds);
    shape.insert(shape.begin(), std::ssize(seeds));
    const auto like = at::empty(shape, at::TensorOptions(device()));
    for (int i = 0; i < call; ++i) noise(like);
    return noise(like);
  }
};

TEST_P(Noise, IsTheSameOnEveryDevice) {
  const auto noise = draw({5, uint64_t{1} << 40}, {3, 3, 3}, 2).cpu();
  for (int64_t image = 0; image < 2; ++image) {
    const auto row = noise[image].flatten();
    for (int64_t i = 0; i < 27; ++i) {
      const auto block = normal_block(image == 0 ? 5 : uint64_t{1} << 40, 2, static_cast<uint64_t>(i / 4));
      EXPECT_NEAR(row[i].item<float>(), block.values[i % 4], 1e-5) << image << ", " << i;
    }
  }
}

TEST_P(Noise, OfAnImageDoesNotDependOnItsBatch) {
  for (const int64_t side : {4, 7, 33}) {
    const auto all = draw(image_seeds(3, "noise", 0, 9), {3, side, side});
    for (const int64_t first : {1, 4, 8}) {
      const auto some = draw(image_seeds(3, "noise", first, 9 - first), {3, side, side});
      EXPECT_TRUE(at::equal(all.slice(0, first), some)) << side << ", from image " << first;
    }
    EXPECT_FALSE(at::equal(all[0], all[1]));
  }
}

TEST_P(Noise, TakesAllBitsOfASeed) {
  EXPECT_FALSE(at::equal(draw({7}, {8}), draw({7 + (uint64_t{1} << 32)}, {8})));
}

TEST_P(Noise, IsDrawnAnewAtEveryCall) {
  EXPECT_FALSE(at::equal(draw({1, 2}, {8}), draw({1, 2}, {8}, 1)));
}

TEST_P(Noise, IsStandardNormalAndIndependent) {
  const auto noise = draw(image_seeds(0, "noise", 0, 64), {4096}).to(at::kDouble);
  EXPECT_NEAR(noise.mean().item<double>(), 0, 0.006);  // three standard errors
  EXPECT_NEAR(noise.std().item<double>(), 1, 0.0042);
  EXPECT_NEAR(noise.pow(4).mean().item<double>(), 3, 0.06);
  for (const int64_t shift : {1, 2, 4}) {
    EXPECT_NEAR((noise * noise.roll(shift, 1)).mean().item<double>(), 0, 0.006) << shift;
  }
  EXPECT_NEAR((noise * noise.roll(1, 0)).mean().item<double>(), 0, 0.006);
}

TEST_P(Noise, OfNoImagesIsEmpty) {
  EXPECT_EQ(draw({}, {3, 2}).numel(), 0);
  EXPECT_EQ(draw({1}, {0}).numel(), 0);
}

TEST_P(Noise, HasTheDtypeAndDeviceAskedForAtEveryCall) {
  const auto noise = noise_per_image({1});
  const auto first = noise(at::empty({1, 4}, at::TensorOptions(device()).dtype(at::kDouble)));
  EXPECT_EQ(first.scalar_type(), at::kDouble);
  EXPECT_EQ(first.device().type(), device().type());
  EXPECT_TRUE(noise(at::empty({1, 4})).is_cpu());
}

TEST_P(Noise, CopiesOfASourceCountTheirCallsTogether) {
  const auto noise = noise_per_image({1});
  const auto copy = noise;
  const auto like = at::empty({1, 4}, at::TensorOptions(device()));
  const auto first = noise(like);
  EXPECT_FALSE(at::equal(first, copy(like)));
}

TEST_P(Noise, OfTheWrongNumberOfImagesIsRefused) {
  EXPECT_THROW(noise_per_image({1, 2})(at::empty({3, 8}, at::TensorOptions(device()))), c10::Error);
}

PATRONUS_ON_DEVICES(Noise);

TEST(Random, OthersAreAllNumbersButOnesOwnAndNotTheNeighbours) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto others = random_derangement(30, seed), numbers = at::arange(30);
    EXPECT_TRUE(at::equal(std::get<0>(others.sort()), numbers));
    EXPECT_FALSE((others == numbers).any().item<bool>());
    EXPECT_LT(((others - numbers).abs() == 1).sum().item<int64_t>(), 10) << "2 are expected";
  }
  EXPECT_TRUE(at::equal(random_derangement(2, 0), at::tensor({1, 0}, at::kLong)));
  EXPECT_TRUE(at::equal(random_derangement(1, 0), at::zeros({1}, at::kLong))) << "there is no other";
  EXPECT_FALSE(at::equal(random_derangement(30, 0), random_derangement(30, 1)));
}

TEST(Random, SeededDefaultGeneratorRepeats) {
  seed_default_generators(7);
  const auto first = at::randn({10});
  seed_default_generators(7);
  EXPECT_TRUE(at::equal(first, at::randn({10})));
}

TEST(Random, OwnGeneratorsLeaveTheDefaultAlone) {
  seed_default_generators(7);
  const auto expected = at::randn({4});
  seed_default_generators(7);
  noise_per_image({1})(at::empty({1, 100}));
  EXPECT_TRUE(at::equal(expected, at::randn({4})));
}

}  // namespace
}  // namespace patronus
