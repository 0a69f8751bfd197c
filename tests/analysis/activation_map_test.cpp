#include "patronus/analysis/activation_map.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/data/dataset.h"
#include "patronus/run/run_config.h"
#include "support/parity.h"
#include "support/small_run.h"

namespace patronus {
namespace {

const std::vector<ConvGeometry> kStack{{3, 2, 1}, {3, 1, 0}, {3, 1, 0}, {3, 1, 0}};  // the paper's

TEST(ActivationMap, APatchShowsAtItsCentreAndFadesTowardsItsNeighbours) {
  const auto field = receptive_field(kStack, 32);  // centres at 6.5, 8.5, ...: on pixels 6, 8, ...
  auto patches = at::zeros({1, 10, 10});
  patches[0][3][5] = 2;
  const auto map = upsample_patch_values(patches, field, 32)[0];
  EXPECT_NEAR(map[12][16].item<float>(), 2, 1e-5);
  EXPECT_NEAR(map[13][16].item<float>(), 1, 1e-5);
  EXPECT_NEAR(map[11][15].item<float>(), 0.5, 1e-5);
  EXPECT_EQ((map != 0).sum().item<int64_t>(), 9) << "the neighbours' centres are 0";
}

TEST(ActivationMap, TheOutermostPatchesReachTheBorder) {
  const auto field = receptive_field(kStack, 32);
  auto patches = at::zeros({1, 10, 10});
  patches[0][0][9] = 1;
  const auto map = upsample_patch_values(patches, field, 64)[0];  // drawn twice as large
  EXPECT_EQ(map[0][63].item<float>(), 1);
  EXPECT_EQ(map[12][50].item<float>(), 1);
  EXPECT_EQ(map[0][0].item<float>(), 0);
  EXPECT_TRUE(test::close(upsample_patch_values(at::full({2, 10, 10}, 0.7), field, 50),
                          at::full({2, 50, 50}, 0.7), 1e-5));
}

TEST(ActivationMap, ItsLargestValueIsTheActivationAndLiesInTheMiddleOfTheBox) {
  const RunConfig config = test::small_run();
  PatronusModel model = make_model(config);
  const auto images = open_dataset(config.data, Split::kTest).slice(0, 8);
  const PrototypeMatch match = model.encoder->forward(images);
  const auto& field = model.encoder->receptive_field();
  const auto maps = activation_maps(model.encoder, images, 3, 32);
  EXPECT_TRUE(test::close(maps.flatten(1).amax(1), match.activation.select(1, 3), 1e-3));
  for (int64_t i = 0; i < 8; ++i) {
    const int64_t cell = match.patch[i][3].item<int64_t>();
    const auto row = static_cast<int64_t>(field.start) + cell / field.cells * field.jump;
    const auto column = static_cast<int64_t>(field.start) + cell % field.cells * field.jump;
    EXPECT_NEAR(maps[i][row][column].item<double>(), maps[i].max().item<double>(), 1e-6);
  }
}

}  // namespace
}  // namespace patronus
