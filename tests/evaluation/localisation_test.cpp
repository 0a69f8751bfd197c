#include "patronus/evaluation/localisation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "patronus/analysis/encode.h"
#include "patronus/data/faces.h"
#include "patronus/io/image.h"
#include "patronus/metrics/auroc.h"
#include "support/failure.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

TEST(CentredIn, IsThePatchWhoseCentreLiesInTheMaskOrOnePixelBeside) {
  auto masks = at::zeros({2, 8, 8}, at::kBool);
  masks[0][2][3] = true;
  masks[1].slice(0, 6, 8).fill_(true);
  // Centres (2, 3), (3, 4), (4, 3), (7, 7).
  const auto boxes = at::tensor({1, 4, 2, 5, 2, 5, 3, 6, 3, 6, 2, 5, 6, 8, 6, 8}, at::kLong).view({4, 4});
  EXPECT_TRUE(at::equal(centred_in(masks, boxes),
                        at::tensor({1, 1, 0, 0, 0, 0, 0, 1}, at::kLong).view({2, 4}).to(at::kBool)));
}

TEST(CoveredBy, IsTheShareOfTheMaskInsideTheBox) {
  auto masks = at::zeros({1, 6, 6}, at::kBool);
  masks[0].slice(0, 1, 3).slice(1, 2, 6).fill_(true);  // 2 x 4 pixels
  const auto boxes = at::tensor({0, 2, 0, 4, 1, 3, 2, 6, 3, 6, 0, 6}, at::kLong).view({3, 4});
  EXPECT_TRUE(at::equal(covered_by(masks, boxes), at::tensor({0.25, 1., 0.}, at::kDouble).view({1, 3})));
}

class Localise : public testing::Test {
 protected:
  Localisation localised(const std::filesystem::path& folder = {}) {
    return evaluate_localisation(trained, train, faces, Split::kTest, folder);
  }
  /// Writes the drawn masks of the images that have `attribute`, twice as large, but for the first `without`.
  void write_masks(const std::filesystem::path& folder, FaceAttribute attribute, int64_t without = 0) {
    const auto column = static_cast<int64_t>(attribute);
    const auto masks =
        face_masks(trained.config.data.faces, Split::kTest, 64, at::arange(faces.size()), attribute);
    std::filesystem::create_directories(folder);
    for (int64_t i = 0; i < faces.size(); ++i) {
      if (faces.attributes().values[i][column].item<int64_t>() == 0 || without-- > 0) continue;
      write_png(folder / (faces.file(i) + ".png"), masks[i].to(at::kByte).unsqueeze(0) * 255);
    }
  }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTest);
  Dataset train = open_dataset(trained.config.data, Split::kTrain);
};

TEST_F(Localise, ComparesThePatchOfTheBestPrototypeOfTrainingImagesWithTheMask) {
  const auto all = localised();
  ASSERT_EQ(all.attributes.size(), 9u);
  const AttributeLocalisation& hat = all.attributes[5];
  EXPECT_EQ(hat.name, "hat");
  const auto told = auroc_of_columns(encode_activations(trained.model.encoder, train),
                                     train.attributes().values.select(1, 5).unsqueeze(1));
  EXPECT_EQ(hat.prototype, told[0].argmax().item<int64_t>());

  const Encoding encoding = encode_images(trained.model.encoder, faces, 0, faces.size());
  const auto values = faces.attributes().values.select(1, 5).contiguous();
  EXPECT_NEAR(hat.auroc, auroc(encoding.activation.select(1, hat.prototype).contiguous(), values), 1e-12);
  const auto masks =
      face_masks(trained.config.data.faces, Split::kTest, 32, at::arange(faces.size()), FaceAttribute::kHat);
  int64_t images = 0, hits = 0;
  double covered = 0, area = 0;
  for (int64_t i = 0; i < faces.size(); ++i) {
    if (values[i].item<int64_t>() == 0) continue;
    const Box box = to_box(encoding.boxes[i][hat.prototype]);
    const auto mask = masks[i];
    const int64_t row = (box.row0 + box.row1) / 2, col = (box.col0 + box.col1) / 2;
    const auto around = mask.slice(0, std::max<int64_t>(row - 1, 0), row + 2)
                            .slice(1, std::max<int64_t>(col - 1, 0), col + 2);
    ++images;
    hits += around.any().item<bool>();
    covered += crop(mask.unsqueeze(0), box).sum().item<double>() / mask.sum().item<double>();
    area += mask.sum().item<double>() / (32 * 32);
  }
  const auto count = static_cast<double>(images);
  EXPECT_EQ(hat.images, images);
  EXPECT_NEAR(hat.hits.value, static_cast<double>(hits) / count, 1e-12);
  EXPECT_NEAR(hat.covered, covered / count, 1e-6);
  EXPECT_NEAR(hat.above_others.value, hat.hits.value - hat.hits_of_others, 1e-12);
  EXPECT_LE(hat.above_others.low, hat.above_others.value);
  EXPECT_GE(hat.above_others.high, hat.above_others.value);
  EXPECT_NEAR(hat.mask_area, area / count, 1e-6);
}

TEST_F(Localise, DrawnMasksAreThoseOfTheFacesThatDataWhereKeeps) {
  const auto all = localised().attributes[5];
  trained.config.data.where = "hat=1 or smile=1";
  faces = open_dataset(trained.config.data, Split::kTest);
  const auto some = localised().attributes[5];
  EXPECT_EQ(some.name, "hat");
  EXPECT_EQ(some.images, all.images);
  EXPECT_EQ(some.hits.value, all.hits.value);
  EXPECT_NEAR(some.covered, all.covered, 1e-12);
}

TEST_F(Localise, MasksOfAFolderGiveWhatDrawnOnesGive) {
  const test::TemporaryFolder folder;
  write_masks(folder / "hat", FaceAttribute::kHat);
  write_masks(folder / "smile", FaceAttribute::kSmile);
  std::filesystem::create_directories(folder / "beard");
  const auto drawn = localised(), read = localised(folder.path());
  ASSERT_EQ(read.attributes.size(), 2u);
  EXPECT_EQ(read.attributes[0].name, "smile") << "in the order of the attributes";
  const auto &of_folder = read.attributes[1], &of_drawing = drawn.attributes[5];
  EXPECT_EQ(of_folder.prototype, of_drawing.prototype);
  EXPECT_EQ(of_folder.images, of_drawing.images);
  EXPECT_EQ(of_folder.unmasked, 0);
  EXPECT_NEAR(of_folder.mask_area, of_drawing.mask_area, 0.01) << "resized";
}

TEST_F(Localise, ImagesWithoutAMaskDoNotCount) {
  const test::TemporaryFolder folder;
  write_masks(folder / "hat", FaceAttribute::kHat, 2);
  const auto hat = localised(folder.path()).attributes[0];
  EXPECT_EQ(hat.unmasked, 2);
  EXPECT_EQ(hat.images, faces.attributes().values.select(1, 5).sum().item<int64_t>() - 2);
}

TEST_F(Localise, AnAttributeWithoutUsableMasksIsLeftOut) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "hat");
  EXPECT_EQ(test::message_of([&] { localised(folder.path()); }),
            folder.path().string() + ": no mask of an attribute can be used");
  write_masks(folder / "smile", FaceAttribute::kSmile);
  const auto all = localised(folder.path());
  ASSERT_EQ(all.attributes.size(), 1u);
  EXPECT_EQ(all.attributes[0].name, "smile");
}

TEST_F(Localise, AnAttributeThatAllTestImagesHaveCounts) {
  const auto hat = faces.attributes().values.select(1, static_cast<int64_t>(FaceAttribute::kHat));
  faces = faces.subset(hat.nonzero().squeeze(1));
  const auto all = localised();
  EXPECT_EQ(std::ranges::count(all.attributes, "hat", &AttributeLocalisation::name), 1);
}

TEST_F(Localise, AFolderWithoutMasksOfAnyAttributeIsRefused) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "beard");
  EXPECT_EQ(
      test::message_of([&] { localised(folder.path()); }),
      folder.path().string() +
          ": has no folder called like an attribute (blond_hair, long_hair, eyeglasses, smile, frown, hat, "
          "earrings, pale_skin, blue_background)");
}

TEST_F(Localise, TablesAgree) {
  const auto all = localised();
  const Table table = localisation_table(all, {});
  ASSERT_EQ(table.rows.size(), 9u);
  EXPECT_EQ(table.rows[5][table.column("attribute")], "hat");
  EXPECT_NEAR(std::stod(table.rows[5][table.column("covered")]), all.attributes[5].covered, 1e-6);
  const auto json = localisation_json(all, {});
  EXPECT_NEAR(json["attributes"][5]["covered"].get<double>(), all.attributes[5].covered, 1e-12);
  EXPECT_EQ(json["protocol"]["split"], "test");
  EXPECT_NE(localisation_markdown(all, {}).find("| hat | " + std::to_string(all.attributes[5].prototype)),
            std::string::npos);
}

}  // namespace
}  // namespace patronus
