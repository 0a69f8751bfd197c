#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/data/preprocess.h"
#include "patronus/interop/tensor_file.h"
#include "support/parity.h"

namespace patronus {
namespace {

/// The reference's way back to 8 bits: it truncates. The product rounds (to_pixels).
at::Tensor truncated_pixels(const at::Tensor& image) {
  return image.clamp(-1, 1).add(1).div(2).mul(255).to(at::kByte);
}

testing::AssertionResult within_one_level(const at::Tensor& actual, const at::Tensor& expected) {
  return test::close(actual, expected, 1);
}

/// uint8 [H, W] or [H, W, 3] to [C, H, W].
at::Tensor planar(const at::Tensor& picture) {
  return picture.dim() == 2 ? picture.unsqueeze(0) : picture.permute({2, 0, 1});
}

void check_picture(const Dict& group) {
  const auto& expected = group.at("tensor").tensor();
  ASSERT_EQ(expected.size(1), expected.size(2));
  const auto pixels = with_channels(planar(group.at("image_u8").tensor()), expected.size(0));
  const auto image = preprocess(pixels, expected.size(1));
  EXPECT_TRUE(test::close(image, expected, 2e-6));
  EXPECT_TRUE(within_one_level(truncated_pixels(image), group.at("inverse_u8").tensor()));
}

void check_round_trip(const Dict& group) {
  const auto& input = group.at("input_u8").tensor();
  const auto square =
      input.view({1, 1, -1}).expand({1, input.numel(), -1});  // of the right size: not resized
  const auto image = preprocess(square, input.numel())[0][0];
  EXPECT_TRUE(test::close(image, group.at("tensor").tensor(), 0));
  EXPECT_TRUE(within_one_level(truncated_pixels(image), group.at("output_u8").tensor()));
}

class PreprocessParity : public testing::TestWithParam<std::filesystem::path> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PreprocessParity);

TEST_P(PreprocessParity, EveryGroupOfTheFileAgrees) {
  const Dict file = read_tensor_file(GetParam());
  for (const auto& [name, value] : file.entries()) {
    SCOPED_TRACE(name);
    const Dict& group = value.dict();
    if (group.find("image_u8")) {
      check_picture(group);
    } else if (group.find("input_u8")) {
      check_round_trip(group);
    } else if (group.find("x")) {
      EXPECT_TRUE(within_one_level(truncated_pixels(group.at("x").tensor()), group.at("u8").tensor()));
    } else {
      ADD_FAILURE() << "a group of unknown kind";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, PreprocessParity, testing::ValuesIn(test::parity_cases("preprocess")),
                         test::case_name);

}  // namespace
}  // namespace patronus
