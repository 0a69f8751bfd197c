#include "patronus/data/dataset.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/data/faces.h"
#include "support/failure.h"

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

}  // namespace
}  // namespace patronus
