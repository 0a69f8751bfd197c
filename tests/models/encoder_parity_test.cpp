#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <filesystem>

#include "patronus/models/prototype_encoder.h"
#include "support/parity.h"
#include "support/reference_model.h"

namespace patronus::test {
namespace {

/// An encoder case with everything computed from its images.
class EncoderParity : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override {
    file = read_tensor_file(GetParam());
    const auto& state = file.at("state_dict").dict();
    PrototypeConfig prototypes;
    prototypes.count = file.at("num_prototypes").integer();
    encoder = PrototypeEncoder(file.at("img_channels").integer(), file.at("img_size").integer(),
                               reference_encoder(file, ""), prototypes);
    const c10::NoGradGuard no_grad;
    auto own = encoder->named_parameters();
    EXPECT_EQ(own.keys(), names(named_tensors(state)));
    for (auto& item : own) item.value().copy_(state.at(item.key()).tensor());
    features = encoder->features(tensor("x"));
    distances = encoder->distances(features);
    match = encoder->forward(tensor("x"));
    distance_error = distance_tolerance(features, encoder->prototypes());
  }

  const at::Tensor& tensor(const std::string& key) const { return file.at(key).tensor(); }

  Dict file;
  PrototypeEncoder encoder{nullptr};
  at::Tensor features, distances;
  PrototypeMatch match;
  double distance_error = 0;
};

TEST_P(EncoderParity, FeatureMapAgrees) {
  const auto& expected = tensor("feature_map");
  EXPECT_TRUE(
      close(features.slice(0, 0, expected.size(0)), expected, 1e-5 * expected.max().item<double>(), 1e-5));
}

TEST_P(EncoderParity, DistancesAgree) {
  const auto& expected = tensor("distances");
  EXPECT_TRUE(close(distances.slice(0, 0, expected.size(0)), expected, distance_error));
  EXPECT_TRUE(close(match.distance, tensor("min_distances"), distance_error));
}

TEST_P(EncoderParity, ActivationsAgree) {
  const auto& expected = tensor("act_log");
  const auto excess =
      (match.activation - expected).abs() - activation_tolerance(tensor("min_distances"), distance_error);
  EXPECT_LE(excess.max().item<double>(), 0);
  EXPECT_TRUE(close(-match.distance, tensor("act_linear"), distance_error));
}

TEST_P(EncoderParity, ActivationsAreAtLeastAsExactAsTheReferences) {
  const auto& exact = tensor("act_log_f64");
  const auto ours = (match.activation - exact).abs().max().item<double>();
  EXPECT_LE(ours, (tensor("act_log") - exact).abs().max().item<double>() + 1e-5);
}

TEST_P(EncoderParity, BestPatchesAgreeWhereTheyAreClear) {
  const auto two_best = std::get<0>(distances.flatten(2).topk(2, 2, /*largest=*/false));
  const auto clear = (two_best.select(2, 1) - two_best.select(2, 0)) > 2 * distance_error;
  EXPECT_TRUE(at::equal(match.patch.masked_select(clear), tensor("argmin").masked_select(clear)));
  EXPECT_GT(clear.sum().item<int64_t>(), clear.numel() / 2);
}

TEST_P(EncoderParity, ReceptiveFieldAgrees) {
  const auto& field = encoder->receptive_field();
  const auto& info = file.at("rf_info").list();
  EXPECT_EQ(static_cast<double>(field.cells), info[0].number());
  EXPECT_EQ(static_cast<double>(field.jump), info[1].number());
  EXPECT_EQ(static_cast<double>(field.size), info[2].number());
  EXPECT_EQ(field.start, info[3].number());
  EXPECT_TRUE(at::equal(patch_boxes(field, tensor("argmin")), tensor("rf_boxes")));
}

TEST_P(EncoderParity, PatchesOfThePapersFiguresAgree) {
  if (!file.find("vis_boxes_xyxy")) GTEST_SKIP() << "the reference cannot draw the patches of this encoder";
  const auto boxes = patch_boxes(encoder->receptive_field(), tensor("argmin"), PatchRule::kPaper);
  const auto xyxy = boxes.index_select(2, at::tensor({2, 0, 3, 1}));
  EXPECT_TRUE(at::equal(xyxy, tensor("vis_boxes_xyxy")));
  const auto& crops = tensor("vis_crops_first4");  // of image 0, prototypes 0 .. 3
  for (int64_t k = 0; k < crops.size(0); ++k) {
    EXPECT_TRUE(at::equal(crop(tensor("x")[0], to_box(boxes[0][k])), crops[k])) << "prototype " << k;
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EncoderParity);
INSTANTIATE_TEST_SUITE_P(Cases, EncoderParity, testing::ValuesIn(parity_cases("encoder_")), case_name);

}  // namespace
}  // namespace patronus::test
