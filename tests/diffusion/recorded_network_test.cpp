#include "diffusion/recorded_network.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <bit>
#include <set>

#include "patronus/core/random.h"
#include "support/on_device.h"
#include "support/parity.h"

namespace patronus {
namespace {

TEST(FilledRows, AreAQuarterMoreAtMostAndFewNumbers) {
  std::set<int64_t> numbers;
  for (int64_t rows = 1; rows <= 1024; ++rows) {
    const int64_t filled = padded_batch_size(rows);
    EXPECT_GE(filled, rows);
    EXPECT_LE(4 * filled, 5 * rows) << rows;
    EXPECT_EQ(padded_batch_size(filled), filled);
    EXPECT_TRUE(filled == rows || (rows > 8 && !std::has_single_bit(static_cast<uint64_t>(rows))));
    numbers.insert(filled);
  }
  EXPECT_EQ(numbers.size(), 36u) << "8, and 4 for each doubling";
}

class RecordedNetworkOn : public test::OnDevice {};
PATRONUS_ON_DEVICES(RecordedNetworkOn);

/// Batches of 9 and 10 are filled up to the same number, of 17 and 20, too.
TEST_P(RecordedNetworkOn, GivesEveryBatchWhatTheNetworkDoes) {
  if (device().is_cuda() && !uses_cuda_graphs(device())) GTEST_SKIP() << "nothing is recorded there";
  const c10::NoGradGuard no_grad;
  for (const auto kind : {ConditionKind::kAdd, ConditionKind::kOff}) {
    seed_default_generators(4);
    UNet unet(UNetShape{.image_channels = 1,
                        .image_size = 8,
                        .prototypes = 5,
                        .standardize = false,
                        .zero_output = false},
              UNetConfig{.base_channels = 8, .multipliers = {1, 2}, .residual_blocks = 1, .condition = kind});
    unet->eval();
    unet->to(device());
    RecordedNetwork recorded(unet);
    std::vector<at::Tensor> outputs, expected;
    for (const int64_t rows : {10, 10, 10, 10, 9, 10, 1, 3, 20, 17, 18, 20, 19, 17}) {
      const auto x = at::randn({rows, 1, 8, 8}, make_generator(outputs.size())).to(device());
      const auto activations = at::rand({rows, 5}, make_generator(outputs.size())).to(device());
      const Embeddings embeddings{.time = unet->embed_time(at::full({1}, 10 + rows, at::kLong).to(device())),
                                  .condition = unet->embed_condition(activations)};
      outputs.push_back(recorded(x, embeddings, Precision::kFloat32));
      expected.push_back(network_output(unet, x, embeddings, Precision::kFloat32));
    }
    for (size_t i = 0; i < outputs.size(); ++i)
      EXPECT_TRUE(test::close(outputs[i], expected[i], 2e-5)) << "batch " << i;
  }
}

}  // namespace
}  // namespace patronus
