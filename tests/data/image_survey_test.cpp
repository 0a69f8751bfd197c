#include "patronus/data/image_survey.h"

#include <gtest/gtest.h>

#include "data/data_files.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

using test::DataFolder;
using test::write_plain_png;

/// Five training and three test images of two sizes; two pairs are the same picture, one across the splits.
DataFolder photos() {
  DataFolder data(DataKind::kImages);
  for (int64_t i = 0; i < 3; ++i) write_plain_png(data / ("train/" + std::to_string(i) + ".png"), 12, 10 * i);
  write_plain_png(data / "train/again.png", 12, 20);
  write_png(data / "train/red.png",
            at::tensor({200, 0, 0}, at::kByte).view({3, 1, 1}).expand({3, 9, 20}).contiguous());
  write_plain_png(data / "test/0.png", 12, 90);
  write_plain_png(data / "test/copy.png", 12, 10);
  write_plain_png(data / "test/larger.png", 16, 10);
  return data;
}

/// Both splits, decoded.
DataListing opened(const DataConfig& config) {
  DataListing listing(config);
  for (const Split split : {Split::kTrain, Split::kTest}) listing.open(split);
  return listing;
}

TEST(ImageSurvey, FindsSizesGrayAndIdenticalImages) {
  const auto data = photos();
  const ImageSurvey survey = survey_images(opened(data.config));
  ASSERT_EQ(survey.sizes.size(), 3u);
  EXPECT_EQ(survey.sizes[0].width, 12);
  EXPECT_EQ(survey.sizes[0].images[Split::kTrain], 4);
  EXPECT_EQ(survey.sizes[0].images[Split::kTest], 2);
  EXPECT_EQ(survey.sizes[2].width, 20);
  EXPECT_EQ(survey.sizes[2].height, 9);
  EXPECT_EQ(survey.gray[Split::kTrain], 4);
  EXPECT_EQ(survey.gray[Split::kTest], 3);
  EXPECT_EQ(survey.identical,
            (std::vector<std::vector<std::string>>{{"train train/1.png", "test test/copy.png"},
                                                   {"train train/2.png", "train train/again.png"}}));
  EXPECT_EQ(survey.repeated[Split::kTrain], 3);
  EXPECT_EQ(survey.repeated[Split::kTest], 1);
  EXPECT_EQ(survey.shared, 1);
}

TEST(ImageSurvey, PassesOverImagesThatCannotBeDecoded) {
  auto data = photos();
  data.config.skip_unreadable = true;
  write_file(data / "train/broken.png", "no picture");
  const ImageSurvey survey = survey_images(opened(data.config));
  EXPECT_EQ(survey.sizes[0].images[Split::kTrain], 4);
  EXPECT_EQ(survey.gray[Split::kTrain], 4);
}

TEST(ImageSurvey, IsOfTheColoursOnTheDiskWhateverAModelGets) {
  auto data = photos();
  data.config.channels = 1;
  EXPECT_EQ(survey_images(opened(data.config)).gray[Split::kTrain], 4);
}

TEST(ImageSurvey, DecodesNothingThatIsInTheCache) {
  const auto data = photos();
  opened(data.config);
  DataListing listing(data.config);
  for (const auto& image : std::filesystem::recursive_directory_iterator(data.config.path)) {
    if (image.is_regular_file()) std::filesystem::resize_file(image, 0);
  }
  for (const Split split : {Split::kTrain, Split::kTest}) listing.open(split);
  const ImageSurvey survey = survey_images(listing);
  EXPECT_EQ(survey.sizes[0].images[Split::kTrain], 4);
  EXPECT_EQ(survey.identical.size(), 2u);
}

TEST(PixelStatistics, AreThoseOfAllPixels) {
  DataFolder data(DataKind::kImages);
  write_plain_png(data / "train/a.png", 8, 51);
  write_plain_png(data / "train/b.png", 8, 153);
  write_plain_png(data / "test/c.png", 8, 255);
  const PixelStatistics statistics = pixel_statistics(open_dataset(data.config, Split::kTrain));
  ASSERT_EQ(statistics.mean.size(), 3u);
  EXPECT_NEAR(statistics.mean[1], 0.4, 1e-6);
  EXPECT_NEAR(statistics.deviation[2], 0.2, 1e-6);
}

DataConfig proposed(DataConfig config) {
  propose_format(config);
  return config;
}

TEST(ProposeFormat, TakesSizeAndChannelsFromTheImages) {
  auto data = photos();
  data.config.size = data.config.channels = 0;
  EXPECT_EQ(proposed(data.config).size, 32) << "small pictures";
  EXPECT_EQ(proposed(data.config).channels, 3) << "one of them is red";
  std::filesystem::remove(data / "train/red.png");
  EXPECT_EQ(proposed(data.config).channels, 1);
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"})
    write_plain_png(data / (std::string("train/") + name + ".png"), 60, 10);
  EXPECT_EQ(proposed(data.config).size, 64);
  data.config.size = 128;
  EXPECT_EQ(proposed(data.config).size, 128) << "what is given stays";
  data.config.channels = 3;
  std::filesystem::remove_all(data.config.path);
  EXPECT_EQ(proposed(data.config).channels, 3) << "without a look";
}

TEST(ProposeFormat, SaysThatNothingCanBeDecoded) {
  DataFolder data(DataKind::kImages);
  data.config.size = 0;
  write_file(data / "a.png", "no picture");
  EXPECT_EQ(test::message_of([&] { propose_format(data.config); }),
            data.config.path + ": no picture could be decoded; give data.size and data.channels");
}

}  // namespace
}  // namespace patronus
