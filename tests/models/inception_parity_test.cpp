#include "patronus/models/inception.h"

#include <ATen/Functions.h>
#include <c10/util/StringUtil.h>

#include <fstream>
#include <map>

#include "support/parity.h"
#include "support/reference_model.h"

namespace patronus::test {
namespace {

/// The FID network with weights by formula: outputs of its four parts for images of two sizes.
class InceptionParity : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override {
    file = read_tensor_file(GetParam());
    fill_by_formula(module_state(*inception), file);
  }

  /// Dictionaries with images, by name.
  std::map<std::string, Dict> cases() const {
    std::map<std::string, Dict> found;
    for (const auto& [name, value] : file.entries()) {
      const auto* recorded = std::get_if<Dict>(&value);
      if (recorded && recorded->find("x")) found.emplace(name, *recorded);
    }
    EXPECT_GT(found.size(), 0u);
    return found;
  }

  static testing::AssertionResult agrees(const at::Tensor& actual, const at::Tensor& expected) {
    return close(actual, expected, 1e-3, 1e-4);
  }

  Dict file;
  Inception inception;
};

TEST_P(InceptionParity, StateDictHasTheReferencesNamesShapesAndTypesInItsOrder) {
  std::ifstream recorded(parity_folder() / "inception_keys.txt");
  std::string name, shape, type;
  size_t i = 0;
  const auto state = module_state(*inception);
  for (; recorded >> name >> shape >> type; ++i) {
    ASSERT_LT(i, state.size());
    const auto& [own_name, tensor] = state[i];
    EXPECT_EQ(own_name, name);
    EXPECT_EQ(tensor.dim() == 0 ? "scalar" : c10::Join("x", tensor.sizes()), shape) << name;
    EXPECT_EQ(tensor.scalar_type(), type == "int64" ? at::kLong : at::kFloat) << name;
  }
  EXPECT_EQ(i, state.size());
  EXPECT_EQ(i, 566u);
}

TEST_P(InceptionParity, InnerOutputsAgree) {
  for (const auto& [name, recorded] : cases()) {
    for (size_t part = 0; part < 3; ++part) {
      const auto map = inception->feature_map(recorded.at("x").tensor(), kInceptionDimensions[part]);
      const std::string key = "block" + std::to_string(part);
      EXPECT_EQ(map.sizes().vec(), integers(recorded.at(key + "_shape"))) << name;
      EXPECT_TRUE(agrees(map.mean({2, 3}), recorded.at(key + "_mean").tensor())) << name << " " << key;
    }
  }
}

TEST_P(InceptionParity, FeaturesAgree) {
  for (const auto& [name, recorded] : cases()) {
    // The network repeats gray images itself.
    const bool gray = recorded.at("note_gray_repeated_to_rgb").integer() != 0;
    ASSERT_EQ(recorded.at("x").tensor().size(1), gray ? 1 : 3) << name;
    const auto features = inception(recorded.at("x").tensor());
    EXPECT_TRUE(agrees(features, recorded.at("features").tensor())) << name;
    if (const Value* first = recorded.find("features_f64_first")) {
      EXPECT_TRUE(agrees(features.slice(0, 0, 1), first->tensor())) << name;
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(InceptionParity);
INSTANTIATE_TEST_SUITE_P(Cases, InceptionParity, testing::ValuesIn(parity_cases("inception_")), case_name);

}  // namespace
}  // namespace patronus::test
