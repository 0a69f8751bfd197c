#include "patronus/data/dataset.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/data_files.h"
#include "patronus/data/faces.h"
#include "support/failure.h"
#include "support/on_device.h"

namespace patronus {
namespace {

DataConfig few_faces() {
  DataConfig config;
  config.faces.train_images = 12;
  config.faces.test_images = 5;
  return config;
}

TEST(Dataset, FacesComeWithTheirAttributes) {
  const Dataset dataset = open_dataset(few_faces(), Split::kTest);
  const Faces faces = draw_faces(few_faces().faces, Split::kTest, 32, 0, 5);
  EXPECT_EQ(dataset.size(), 5);
  EXPECT_EQ(dataset.file(3), "test-00003");
  EXPECT_EQ(dataset.attributes().names, face_attribute_names());
  EXPECT_TRUE(dataset.attributes().values.equal(faces.attributes));
  EXPECT_TRUE(dataset.slice(0, 5).equal(faces.pixels.to(at::kFloat).div(255).mul(2).sub(1)));
}

TEST(Dataset, ImagesAreThoseOfTheIndices) {
  const Dataset dataset = open_dataset(few_faces(), Split::kTrain);
  const auto all = dataset.slice(0, 12);
  EXPECT_TRUE(dataset.images(at::tensor({7, 0, 7}, at::kLong)).equal(at::stack({all[7], all[0], all[7]})));
  EXPECT_TRUE(dataset.slice(10, 100).equal(all.narrow(0, 10, 2)));
  EXPECT_EQ(all.scalar_type(), at::kFloat);
}

TEST(Dataset, FacesHaveColour) {
  DataConfig config = few_faces();
  config.channels = 1;
  EXPECT_EQ(test::message_of([&] { open_dataset(config, Split::kTrain); }),
            "data.channels: 1; faces are drawn in colour; set data.channels=3");
}

TEST(DataListing, CountsWithoutDecodingAndOpensBothHalves) {
  DataListing listing(few_faces());
  EXPECT_EQ(listing.size(Split::kTrain), 12);
  EXPECT_EQ(listing.size(Split::kTest), 5);
  EXPECT_TRUE(
      listing.open(Split::kTest).slice(0, 5).equal(open_dataset(few_faces(), Split::kTest).slice(0, 5)));
}

TEST(DataListing, CountsTestImagesThatAreCopiesOfTrainingImages) {
  test::DataFolder data(DataKind::kImages);
  for (int i = 0; i < 4; ++i) {
    test::write_plain_png(data / ("train/" + std::to_string(i) + ".png"), 8, 10 * i);
    test::write_plain_png(data / ("test/" + std::to_string(i) + ".png"), 8, 10 * i + 5);
  }
  for (const char* name : {"a", "b"})
    test::write_plain_png(data / "test" / (std::string(name) + ".png"), 8, 20);
  test::write_plain_png(data / "test/larger.png", 16, 20);  // not a copy, and all test images are resized
  for (const char* opened : {"for the first time", "from the cache"}) {
    DataListing listing(data.config);
    listing.open(Split::kTest);
    EXPECT_EQ(copies_line(listing.report()), "") << opened;
    listing.open(Split::kTrain);
    EXPECT_EQ(copies_line(listing.report()),
              data.config.path +
                  ": 2 test images with the pixels of a training image (test/a.png of "
                  "train/2.png, test/b.png of train/2.png); such images say nothing about new ones")
        << opened;
    EXPECT_NE(json_text(to_json(listing.report())).find("\"copies\": {\n    \"count\": 2"),
              std::string::npos);
  }
}

TEST(DataListing, TakesTheAttributesThatAreAskedForInTheirOrder) {
  DataConfig config = few_faces();
  config.attributes = {"hat", "smile"};
  const AttributeTable chosen = open_dataset(config, Split::kTrain).attributes();
  EXPECT_EQ(chosen.names, config.attributes);
  const auto all = open_dataset(few_faces(), Split::kTrain).attributes().values;
  EXPECT_TRUE(chosen.values.select(1, 0).equal(all.select(1, static_cast<int64_t>(FaceAttribute::kHat))));
  config.attributes = {"Smile"};
  const std::string message = test::message_of([&] { open_dataset(config, Split::kTrain); });
  EXPECT_TRUE(message.starts_with("data.attributes: there is no attribute 'Smile'; expected blond_hair, "));
  EXPECT_TRUE(message.ends_with("; did you mean smile?")) << message;
}

TEST(Dataset, ASubsetHasItsImagesFilesAndAttributes) {
  const Dataset all = open_dataset(few_faces(), Split::kTrain);
  const Dataset part = all.subset(at::tensor({7, 2, 9}, at::kLong)).subset(at::tensor({2, 0}, at::kLong));
  ASSERT_EQ(part.size(), 2);
  EXPECT_EQ(part.file(0), "train-00009");
  EXPECT_TRUE(part.slice(0, 2).equal(all.images(at::tensor({9, 7}, at::kLong))));
  EXPECT_TRUE(part.images(at::tensor({1}, at::kLong)).equal(all.slice(7, 1)));
  EXPECT_TRUE(part.attributes().values[1].equal(all.attributes().values[7]));
}

class DatasetOnDevice : public test::OnDevice {};
PATRONUS_ON_DEVICES(DatasetOnDevice);

TEST_P(DatasetOnDevice, GivesTheSameImagesThere) {
  const Dataset here = open_dataset(few_faces(), Split::kTrain).subset(at::tensor({7, 2, 9}, at::kLong));
  const Dataset there = here.on(device());
  const auto images = there.images(at::tensor({2, 0}, at::kLong));
  EXPECT_EQ(images.device().type(), device().type());
  EXPECT_TRUE(images.cpu().equal(here.images(at::tensor({2, 0}, at::kLong))));
  const Dataset part = there.subset(at::tensor({1}, at::kLong));
  EXPECT_TRUE(part.slice(0, 1).cpu().equal(here.slice(1, 1)));
  EXPECT_EQ(there.fingerprint(), here.fingerprint());
  EXPECT_EQ(there.bytes(), 12 * 3 * 32 * 32);
}

DataConfig smiling_faces() {
  DataConfig config = few_faces();
  config.where = "smile=1 and not hat=1";
  config.attributes = {"hat"};
  return config;
}

TEST(Dataset, AFingerprintStandsForImagesAndAttributesInTheirOrder) {
  const auto faces = [](const std::vector<std::string>& attributes, double correlation = 0) {
    DataConfig config = few_faces();
    config.attributes = attributes;
    config.faces.correlation = correlation;
    return open_dataset(config, Split::kTrain);
  };
  const Dataset images = faces({"hat", "smile"});
  const auto of = [&](const std::vector<int64_t>& rows) {
    return images.subset(at::tensor(rows)).fingerprint();
  };
  EXPECT_EQ(faces({"hat", "smile"}).fingerprint(), images.fingerprint());
  EXPECT_NE(faces({"hat"}).fingerprint(), images.fingerprint());
  EXPECT_NE(faces({"smile", "hat"}).fingerprint(), images.fingerprint());
  EXPECT_EQ(of({3, 4, 5}), of({3, 4, 5}));
  EXPECT_NE(of({3, 4, 5}), of({3, 5, 4}));
  EXPECT_NE(of({3, 4, 5}), of({3, 4}));
  ASSERT_TRUE(faces({"hat"}, 0.9).attributes().values.equal(faces({"hat"}).attributes().values));
  EXPECT_NE(faces({"hat"}, 0.9).fingerprint(), faces({"hat"}).fingerprint()) << "other pixels alone";
}

TEST(DataListing, TakesTheImagesOfWhichTheConditionHoldsInBothHalves) {
  const Dataset all = open_dataset(few_faces(), Split::kTest);
  DataListing listing(smiling_faces());
  const Dataset part = listing.open(Split::kTest);
  std::vector<std::string> expected;
  for (int64_t i = 0; i < all.size(); ++i) {
    const auto has = [&](FaceAttribute a) {
      return all.attributes().values[i][static_cast<int64_t>(a)].item<int64_t>() == 1;
    };
    if (!has(FaceAttribute::kSmile) || has(FaceAttribute::kHat)) continue;
    EXPECT_TRUE(part.slice(std::ssize(expected), 1).equal(all.slice(i, 1))) << i;
    expected.push_back(all.file(i));
  }
  ASSERT_GT(expected.size(), 0u);
  ASSERT_EQ(part.size(), std::ssize(expected));
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(part.file(static_cast<int64_t>(i)), expected[i]);
  const DataReport& report = listing.report();
  EXPECT_EQ(report.images[Split::kTest], part.size());
  ASSERT_EQ(report.left_out.size(), 1u);
  EXPECT_EQ(report.left_out[0].what, "images for which data.where does not hold");
  EXPECT_EQ(report.left_out[0].count, 17 - report.images.total());
  EXPECT_NE(found_line(report).find("; where smile=1 and not hat=1"), std::string::npos)
      << found_line(report);
  EXPECT_NE(report.identity, DataListing(few_faces()).report().identity);
}

TEST(DataListing, AConditionThatIsWrongOrHoldsNowhereSaysSo) {
  DataConfig config = smiling_faces();
  config.where = "smile=1 and smile=0";
  EXPECT_EQ(test::message_of([&] { DataListing(config).open(Split::kTrain); }),
            "faces: no images in the train split; see data.csv, data.where and "
            "data.test_fraction");
  config.where = "smile=2";
  EXPECT_EQ(test::message_of([&] { DataListing{config}; }),
            "data.where: 'smile=2', character 7: '2' is no value of smile; expected 0 or 1");
}

}  // namespace
}  // namespace patronus
