#include "patronus/core/random.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <set>

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

TEST(Random, AnImagesNoiseDoesNotDependOnItsBatch) {
  const auto all = noise_per_image(image_seeds(3, "noise", 0, 5))(at::empty({5, 2, 4, 4}));
  const auto last_two = noise_per_image(image_seeds(3, "noise", 3, 2))(at::empty({2, 2, 4, 4}));
  EXPECT_TRUE(at::equal(all.slice(0, 3), last_two));
  EXPECT_FALSE(at::equal(all[0], all[1]));
}

TEST(Random, EveryCallOfANoiseSourceDrawsAnew) {
  const auto noise = noise_per_image({1, 2});
  const auto first = noise(at::empty({2, 8}));
  EXPECT_FALSE(at::equal(first, noise(at::empty({2, 8}))));
}

TEST(Random, NoiseIsStandardNormal) {
  const auto noise = noise_per_image(image_seeds(0, "noise", 0, 64))(at::empty({64, 4096}));
  EXPECT_NEAR(noise.mean().item<double>(), 0, 0.01);
  EXPECT_NEAR(noise.std().item<double>(), 1, 0.01);
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
