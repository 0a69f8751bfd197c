#include "patronus/analysis/nearest_patches.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "patronus/core/pixels.h"
#include "patronus/io/image.h"
#include "patronus/run/run_config.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

RunConfig with_seventy_faces() {
  RunConfig config = test::small_run();
  config.data.faces.train_images = 70;  // a whole batch and a part
  return config;
}

class NearestPatchesOfASmallRun : public testing::Test {
 protected:
  RunConfig config = with_seventy_faces();
  PatronusModel model = make_model(config);
  Dataset faces = open_dataset(config.data, Split::kTrain);
  const ReceptiveField& field = model.encoder->receptive_field();
};

TEST_F(NearestPatchesOfASmallRun, AreTheSmallestDistancesOfAllImages) {
  const c10::NoGradGuard no_grad;
  const auto found = nearest_patches(model.encoder, faces, 5);
  const auto maps = model.encoder->distances(model.encoder->features(faces.slice(0, 70)));  // [70, P, n, n]
  const auto [nearest, images] = maps.flatten(2).amin(2).t().topk(5, 1, /*largest=*/false);
  EXPECT_TRUE(test::close(found.distance, nearest, 1e-4));
  EXPECT_TRUE(at::equal(found.activation, model.encoder->activation(found.distance)));
  for (int64_t k = 0; k < found.image.size(0); ++k) {
    for (int64_t i = 0; i < 5; ++i) {
      const auto map = maps[found.image[k][i].item<int64_t>()][k].flatten();
      const int64_t cell = map.argmin().item<int64_t>();
      EXPECT_NEAR(map[cell].item<double>(), found.distance[k][i].item<double>(), 1e-4);
      EXPECT_EQ(to_box(found.boxes[k][i]), patch_box(field, cell)) << "prototype " << k;
    }
  }
}

TEST_F(NearestPatchesOfASmallRun, CountHowManyPatchesAreNearerToItThanToAnyOther) {
  const c10::NoGradGuard no_grad;
  const auto usage = nearest_patches(model.encoder, faces, 2).usage;
  const auto nearest = model.encoder->distances(model.encoder->features(faces.slice(0, 70))).argmin(1);
  for (int64_t k = 0; k < usage.size(0); ++k) {
    EXPECT_NEAR(usage[k].item<double>(), (nearest == k).to(at::kDouble).mean().item<double>(), 1e-12);
  }
  EXPECT_TRUE(nearest_patches(model.encoder, faces, 0).usage.isnan().all().item<bool>()) << "not looked at";
}

TEST_F(NearestPatchesOfASmallRun, FindAPatchThatEqualsThePrototype) {
  const c10::NoGradGuard no_grad;
  const auto features = model.encoder->features(faces.slice(67, 1))[0];
  const int64_t cell = 4 * field.cells + 6;
  model.encoder->prototypes()[2].copy_(features.flatten(1).select(1, cell).view({-1, 1, 1}));
  const auto found = nearest_patches(model.encoder, faces, 1, PatchRule::kPaper);
  EXPECT_EQ(found.image[2][0].item<int64_t>(), 67);
  EXPECT_NEAR(found.distance[2][0].item<double>(), 0, 1e-9);
  EXPECT_EQ(to_box(found.boxes[2][0]), patch_box(field, cell, PatchRule::kPaper));
}

TEST_F(NearestPatchesOfASmallRun, AreOfTheEarlierImageWhereSeveralAreEquallyNear) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "pictures");
  const auto pixels = to_pixels(faces.slice(0, 1))[0];
  for (int i = 0; i < 70; ++i) write_png(folder / "pictures" / (std::to_string(100 + i) + ".png"), pixels);
  DataConfig like = config.data;
  like.cache = (folder / "cache").string();
  const Dataset alike = open_folder((folder / "pictures").string(), like);
  ASSERT_EQ(alike.size(), 70);
  const auto found = nearest_patches(model.encoder, alike, 4);
  for (int64_t k = 0; k < found.image.size(0); ++k) {
    EXPECT_TRUE(at::equal(found.image[k], at::arange(4))) << "prototype " << k << ": " << found.image[k];
  }
}

TEST_F(NearestPatchesOfASmallRun, HoldOnePatchAnImageAndAllImagesWhereMoreAreAskedFor) {
  const auto found = nearest_patches(model.encoder, faces, 1000);
  ASSERT_EQ(found.image.size(1), 70);
  for (int64_t k = 0; k < found.image.size(0); ++k) {
    EXPECT_TRUE(at::equal(std::get<0>(found.image[k].sort()), at::arange(70))) << "prototype " << k;
    EXPECT_TRUE((found.distance[k].diff() >= 0).all().item<bool>());
  }
}

}  // namespace
}  // namespace patronus
