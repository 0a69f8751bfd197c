#include "patronus/models/unet_blocks.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <vector>

#include "patronus/core/random.h"
#include "support/on_device.h"

namespace patronus {
namespace {

class SelfAttentionOn : public test::OnDevice {};
PATRONUS_ON_DEVICES(SelfAttentionOn);

/// Gradients of the pixels and of all parameters.
std::vector<at::Tensor> gradients(SelfAttention& attention, const at::Tensor& images, Precision precision) {
  attention->zero_grad();
  const auto pixels = images.detach().requires_grad_();
  {
    const PrecisionGuard guard(pixels.device().type(), precision);
    attention(pixels).to(at::kFloat).square().sum().backward();
  }
  std::vector<at::Tensor> result{pixels.grad()};
  for (const auto& parameter : attention->parameters()) result.push_back(parameter.grad().clone());
  return result;
}

TEST_P(SelfAttentionOn, GivesTheSameGradientsEveryTimeWhereThatIsAskedFor) {
  set_deterministic(true, device());
  seed_default_generators(1);
  SelfAttention attention(64);
  attention->to(device());
  const auto images = at::randn({4, 1024, 64}, make_generator(2)).to(device());
  for (const auto precision : {Precision::kFloat32, Precision::kBfloat16}) {
    const auto first = gradients(attention, images, precision);
    const auto second = gradients(attention, images, precision);
    for (size_t i = 0; i < first.size(); ++i) {
      EXPECT_TRUE(at::equal(first[i], second[i])) << to_string(precision) << ", tensor " << i;
    }
  }
  set_deterministic(false, device());
}

}  // namespace
}  // namespace patronus
