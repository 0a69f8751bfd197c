#include "patronus/evaluation/image_set.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "patronus/core/random.h"
#include "patronus/evaluation/compare_pictures.h"
#include "patronus/evaluation/fid_files.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_run.h"

#include <nlohmann/json.hpp>

namespace patronus {
namespace {

using test::TemporaryFolder;

/// Means of the three channels and of the height: easy to know.
ImageFeatures mean_colours() {
  return {.extract =
              [](const at::Tensor& pixels) {
                const auto means = pixels.to(at::kFloat).mean({2, 3});
                return at::cat({means, at::full({means.size(0), 1}, static_cast<double>(pixels.size(2)))}, 1);
              },
          .dimensions = 4,
          .protocol = "mean colours",
          .is_fid = false};
}

void write_pictures(const std::filesystem::path& folder, int64_t count, uint64_t seed) {
  std::filesystem::create_directories(folder);
  const auto generator = make_generator(seed);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t height = 5 + i % 3;
    write_png(folder / (std::to_string(i) + ".png"),
              at::randint(0, 256, {3, height, 7}, generator, at::kByte));
  }
}

TEST(ImageSet, HoldsThePicturesOfAFolderInTheirOwnSizes) {
  const TemporaryFolder folder;
  write_pictures(folder / "set", 5, 1);
  const ImageSet set = read_image_set(folder / "set", mean_colours());
  ASSERT_EQ(set.features.sizes(), (at::IntArrayRef{5, 4}));
  const auto fourth = read_image(folder / "set/3.png");
  EXPECT_TRUE(test::close(set.features[3].slice(0, 0, 3), fourth.to(at::kFloat).mean({1, 2}), 1e-3));
  EXPECT_EQ(set.features[4][3].item<float>(), 6);
  EXPECT_EQ(set.statistics.count, 5);
}

TEST(ImageSet, IsKnownByItsPictures) {
  const TemporaryFolder folder;
  write_pictures(folder / "set", 5, 1);
  write_pictures(folder / "copies", 5, 1);
  write_pictures(folder / "others", 5, 2);
  ImageFeatures rounded_otherwise = mean_colours();
  rounded_otherwise.extract = [](const at::Tensor& pixels) {
    return mean_colours().extract(pixels).mul(1 + 1e-6);
  };
  const auto fingerprint = [&](const char* name) {
    return read_image_set(folder / name, mean_colours()).fingerprint;
  };
  EXPECT_EQ(read_image_set(folder / "set", rounded_otherwise).fingerprint, fingerprint("set"));
  EXPECT_EQ(fingerprint("copies"), fingerprint("set"));
  EXPECT_NE(fingerprint("others"), fingerprint("set"));
}

TEST(ImageSet, OfStatisticsAloneHasNoKernelDistance) {
  const TemporaryFolder folder;
  const auto features = at::randn({50, 4}, make_generator(1));
  write_feature_statistics(folder / "real.npz", feature_statistics(features));
  const ImageSet real = read_image_set(folder / "real.npz", mean_colours());
  EXPECT_FALSE(real.features.defined());
  const SetDistance distance = set_distance(real, image_set("generated", features), 0);
  EXPECT_NEAR(distance.frechet, 0, 1e-9);
  EXPECT_FALSE(distance.kernel.has_value());
  EXPECT_FALSE(distance.precision_recall.has_value());
}

TEST(ImageSet, TooFewPicturesAreFlagged) {
  const auto of = [](int64_t count) { return image_set("set", at::randn({count, 4}, make_generator(1))); };
  EXPECT_TRUE(set_distance(of(50), of(4), 0).too_few);
  EXPECT_TRUE(set_distance(of(4), of(50), 0).too_few);
  EXPECT_FALSE(set_distance(of(50), of(5), 0).too_few);
}

TEST(ImageSet, ThatIsDamagedIsRefused) {
  const TemporaryFolder folder;
  auto features = at::randn({5, 4}, make_generator(1));
  features[2][1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(test::message_of([&] { image_set("drawn", features); }),
            "drawn: 1 of 5 pictures' features are not finite, the first is number 2");
  write_pictures(folder / "one", 1, 1);
  EXPECT_EQ(test::message_of([&] { read_image_set(folder / "one", mean_colours()); }),
            (folder / "one").string() + ": one picture; a set needs at least two");
  write_feature_statistics(folder / "other.npz", feature_statistics(at::randn({5, 3}, make_generator(1))));
  EXPECT_EQ(test::message_of([&] { read_image_set(folder / "other.npz", mean_colours()); }),
            (folder / "other.npz").string() + ": statistics of 3 dimensions; the features have 4");
}

TEST(ImageSet, OfAFolderIsOfAllPicturesInItAndNamesADamagedOne) {
  const TemporaryFolder folder;
  for (const char* split : {"train", "test", "extra"}) write_pictures(folder / "divided" / split, 3, 1);
  EXPECT_EQ(read_image_set(folder / "divided", mean_colours()).features.size(0), 9);
  const auto file = folder / "divided/test/1.png";
  write_file(file, read_file(file).substr(0, 60));
  const std::string message = test::message_of([&] { read_image_set(folder / "divided", mean_colours()); });
  EXPECT_TRUE(message.starts_with(file.string())) << message;
}

TEST(ImageSet, ADamagedFileOfKeptFeaturesIsNamedAndMadeAnew) {
  const TemporaryFolder folder;
  const Dataset faces = open_dataset(test::small_run().data, Split::kTest);
  const auto features = [&] {
    return dataset_image_set(faces, "test", mean_colours(), folder.path()).features;
  };
  const at::Tensor first = features();
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    if (entry.path().extension() != ".pt") continue;
    write_file(entry.path(), "PK\x03\x04");
    testing::internal::CaptureStderr();
    EXPECT_TRUE(at::equal(features(), first));
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("warning: " + entry.path().string()), std::string::npos) << said;
    EXPECT_GT(std::filesystem::file_size(entry.path()), 4u) << "kept again";
  }
}

TEST(ImageSet, OfADataSetIsKeptForTheNextTime) {
  const TemporaryFolder folder;
  const Dataset faces = open_dataset(test::small_run().data, Split::kTest);
  int64_t batches = 0;
  ImageFeatures counted = mean_colours();
  counted.extract = [&](const at::Tensor& pixels) {
    ++batches;
    return mean_colours().extract(pixels);
  };
  const ImageSet first = dataset_image_set(faces, "test", counted, folder.path());
  EXPECT_EQ(first.fingerprint, faces.fingerprint());
  const int64_t needed = batches;
  EXPECT_TRUE(at::equal(dataset_image_set(faces, "test", counted, folder.path()).features, first.features));
  EXPECT_EQ(batches, needed) << "read";
  counted.protocol = "other colours";
  dataset_image_set(faces, "test", counted, folder.path());
  EXPECT_EQ(batches, 2 * needed) << "other features are computed anew";
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    if (entry.path().extension() != ".npz") continue;
    EXPECT_TRUE(test::close(read_feature_statistics(entry.path()).mean, first.statistics.mean, 1e-9));
  }
}

TEST(ComparePictures, GivesTheDistanceUnderItsRightName) {
  const TemporaryFolder folder;
  write_pictures(folder / "a", 12, 1);
  write_pictures(folder / "b", 12, 2);
  const PictureComparison comparison{(folder / "a").string(), (folder / "b").string(),
                                     (folder / "a.npz").string()};
  ImageFeatures features = mean_colours();
  const auto json = nlohmann::json::parse(compare_pictures(comparison, features));
  const auto a = read_image_set(folder / "a", features), b = read_image_set(folder / "b", features);
  EXPECT_NEAR(json["frechet_distance"], frechet_distance(a.statistics, b.statistics), 1e-9);
  EXPECT_FALSE(json.contains("fid"));
  EXPECT_TRUE(json.contains("kernel_distance"));
  EXPECT_EQ(json["count"], 12);
  EXPECT_TRUE(test::close(read_feature_statistics(folder / "a.npz").mean, a.statistics.mean, 1e-9));
  features.is_fid = true;
  const auto fid = nlohmann::json::parse(compare_pictures(comparison, features));
  EXPECT_EQ(fid["fid"], json["frechet_distance"]);
  EXPECT_TRUE(fid.contains("kid"));
}

TEST(ComparePictures, WritesStatisticsWithoutAReferenceAndComparesWithThemAlone) {
  const TemporaryFolder folder;
  write_pictures(folder / "a", 12, 1);
  const std::string statistics = (folder / "a.npz").string();
  const auto alone =
      nlohmann::json::parse(compare_pictures({(folder / "a").string(), "", statistics}, mean_colours()));
  EXPECT_FALSE(alone.contains("frechet_distance"));
  EXPECT_FALSE(alone.contains("reference"));
  const auto same =
      nlohmann::json::parse(compare_pictures({(folder / "a").string(), statistics, ""}, mean_colours()));
  EXPECT_NEAR(same["frechet_distance"], 0, 1e-9);
  EXPECT_TRUE(same["reference_count"].is_null()) << "statistics do not tell it";
  EXPECT_FALSE(same.contains("kernel_distance"));
}

TEST(ComparePictures, WarnsOfTooFewPicturesAndOfNoOthers) {
  const TemporaryFolder folder;
  write_pictures(folder / "a", 12, 1);
  write_pictures(folder / "few", 4, 2);
  const auto said = [&](const char* images) {
    testing::internal::CaptureStderr();
    compare_pictures({(folder / images).string(), (folder / "a").string(), ""}, mean_colours());
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_NE(said("few").find("no more pictures than the 4 dimensions of the features"), std::string::npos);
  EXPECT_EQ(said("a").find("no more pictures"), std::string::npos);
}

}  // namespace
}  // namespace patronus
