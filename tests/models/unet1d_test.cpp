#include "patronus/models/unet1d.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "patronus/models/module_state.h"
#include "support/failure.h"
#include "support/parity.h"

namespace patronus {
namespace {

UNet1d small_unet1d() {
  seed_default_generators(3);
  return UNet1d(UNet1dConfig{.base_channels = 8, .residual_blocks = 1}, 100);
}

at::Tensor vectors(int64_t length) {
  return at::randn({2, 1, length}, make_generator(4));
}

const at::Tensor kLevels = at::tensor({3, 97}, at::kLong);

TEST(UNet1d, TakesVectorsOfAnyLength) {
  const c10::NoGradGuard no_grad;
  UNet1d unet = small_unet1d();
  for (const int64_t length : {1, 2, 6, 30, 32, 33}) {
    const auto x = vectors(length);
    EXPECT_EQ(unet(x, kLevels).sizes(), x.sizes());
  }
}

TEST(UNet1d, PadsWithZerosAndCutsThePaddingOff) {
  const c10::NoGradGuard no_grad;
  UNet1d unet = small_unet1d();
  unet->eval();
  const auto x = vectors(30);
  const auto padded = at::cat({x, at::zeros({2, 1, 2})}, 2);
  EXPECT_TRUE(at::equal(unet(x, kLevels), unet(padded, kLevels).narrow(2, 0, 30)));
}

TEST(UNet1d, DropsActivationsInTrainingOnly) {
  const c10::NoGradGuard no_grad;
  UNet1d unet = small_unet1d();
  const auto x = vectors(32);
  EXPECT_FALSE(at::equal(unet(x, kLevels), unet(x, kLevels)));
  unet->eval();
  EXPECT_TRUE(at::equal(unet(x, kLevels), unet(x, kLevels)));
}

TEST(UNet1d, TellsNoiseLevelsApart) {
  const c10::NoGradGuard no_grad;
  UNet1d unet = small_unet1d();
  unet->eval();
  const auto x = vectors(32).slice(0, 0, 1).repeat({2, 1, 1});
  const auto output = unet(x, kLevels);
  EXPECT_FALSE(at::allclose(output[0], output[1], 0, 1e-3));
}

TEST(UNet1d, EveryParameterButTheSinusoidTableIsTrained) {
  UNet1d unet = small_unet1d();
  unet(vectors(30), kLevels).sum().backward();
  for (const auto& [name, tensor] : module_state(*unet)) {
    EXPECT_EQ(tensor.grad().defined(), name != "time_emb.time_blocks.0.weight") << name;
  }
}

TEST(UNet1d, RefusesChannelsThatCannotBeGrouped) {
  EXPECT_EQ(test::message_of([] { UNet1d(UNet1dConfig{.base_channels = 12}, 100); }),
            "latent.unet.base_channels: must be a multiple of 8, got 12");
  EXPECT_EQ(test::message_of([] { UNet1d(UNet1dConfig{.multipliers = {}}, 100); }),
            "latent.unet.multipliers: is empty; give one entry a level");
}

}  // namespace
}  // namespace patronus
