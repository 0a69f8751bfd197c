#include <filesystem>

#include "patronus/models/receptive_field.h"
#include "support/parity.h"
#include "support/reference_model.h"

namespace patronus::test {
namespace {

class ReceptiveFieldParity : public testing::TestWithParam<std::filesystem::path> {};

std::vector<ConvGeometry> recorded_stack(const Dict& geometry) {
  const auto kernels = integers(geometry.at("kernels")), strides = integers(geometry.at("strides")),
             paddings = integers(geometry.at("paddings"));
  std::vector<ConvGeometry> stack;
  for (size_t i = 0; i < kernels.size(); ++i) stack.push_back({kernels[i], strides[i], paddings[i]});
  return stack;
}

void expect_field(const ReceptiveField& field, const List& recorded) {
  EXPECT_EQ(static_cast<double>(field.cells), recorded[0].number());
  EXPECT_EQ(static_cast<double>(field.jump), recorded[1].number());
  EXPECT_EQ(static_cast<double>(field.size), recorded[2].number());
  EXPECT_EQ(field.start, recorded[3].number());
}

TEST_P(ReceptiveFieldParity, FieldAfterEveryLayerAgrees) {
  const Dict file = read_tensor_file(GetParam());
  for (const auto& [name, value] : file.entries()) {
    SCOPED_TRACE(name);
    const auto& geometry = value.dict();
    const auto image_size = geometry.at("img_size").integer();
    std::vector<ConvGeometry> layers;
    for (const auto& layer : recorded_stack(geometry)) {
      layers.push_back(layer);
      expect_field(receptive_field(layers, image_size),
                   geometry.at("per_layer").list()[layers.size() - 1].list());
    }
    expect_field(receptive_field(layers, image_size), geometry.at("rf_info").list());
  }
}

TEST_P(ReceptiveFieldParity, BoxesAgree) {
  const Dict file = read_tensor_file(GetParam());
  for (const auto& [name, value] : file.entries()) {
    SCOPED_TRACE(name);
    const auto& geometry = value.dict();
    const auto field = receptive_field(recorded_stack(geometry), geometry.at("img_size").integer());
    const auto& cells = geometry.at("indices_row_col").tensor();
    const auto& boxes = geometry.at("boxes_rows_cols").tensor();
    for (int64_t i = 0; i < cells.size(0); ++i) {
      const auto cell = cells[i][0].item<int64_t>() * field.cells + cells[i][1].item<int64_t>();
      const Box recorded{boxes[i][0].item<int64_t>(), boxes[i][1].item<int64_t>(),
                         boxes[i][2].item<int64_t>(), boxes[i][3].item<int64_t>()};
      EXPECT_EQ(patch_box(field, cell), recorded) << "cell " << cell;
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ReceptiveFieldParity);
INSTANTIATE_TEST_SUITE_P(Cases, ReceptiveFieldParity, testing::ValuesIn(parity_cases("receptive_field")),
                         case_name);

}  // namespace
}  // namespace patronus::test
