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

TEST(Dataset, ImagesWithAnAttributeAreFound) {
  const Dataset dataset = open_dataset(few_faces(), Split::kTrain);
  const auto hats = dataset.attributes().values.select(1, static_cast<int64_t>(FaceAttribute::kHat));
  EXPECT_TRUE(images_where(dataset, "hat=1").equal(hats.nonzero().squeeze(1)));
  EXPECT_EQ(images_where(dataset, "hat=0").numel() + images_where(dataset, "hat=1").numel(), 12);
}

TEST(Dataset, AttributesThatNoImageHasAreRefused) {
  const Dataset dataset = open_dataset(few_faces(), Split::kTrain);
  EXPECT_EQ(test::message_of([&] { images_where(dataset, "hat=7"); }), "'hat=7': no image has this value");
  EXPECT_EQ(test::message_of([&] { images_where(dataset, "hat"); }), "'hat': '' is no integer");
}

TEST(Dataset, FacesHaveColour) {
  DataConfig config = few_faces();
  config.channels = 1;
  EXPECT_EQ(test::message_of([&] { open_dataset(config, Split::kTrain); }),
            "data.channels: 1; faces are drawn in colour; set data.channels=3");
}

TEST(Dataset, SplitsHaveNames) {
  EXPECT_EQ(split_from("train"), Split::kTrain);
  EXPECT_EQ(split_from(to_string(Split::kTest)), Split::kTest);
  EXPECT_EQ(test::message_of([] { split_from("val"); }), "split 'val': unknown; expected train or test");
}

}  // namespace
}  // namespace patronus
