#include "patronus/data/image_names.h"

#include <gtest/gtest.h>

#include "data/data_files.h"

namespace patronus {
namespace {

/// Four images, two of one name.
Dataset nested_images(const test::DataFolder& data) {
  int64_t level = 10;
  for (const char* name : {"a/1.png", "a/2.png", "b/2.png", "b/deep/1234.png"})
    test::write_plain_png(data / name, 8, level++);
  return open_folder(data.config.path, data.config);
}

TEST(ImageNames, ImagesAreNamedWithOrWithoutFoldersOrNumbered) {
  const test::DataFolder data(DataKind::kImages);
  const Dataset images = nested_images(data);
  EXPECT_EQ(find_image(images, "b/2.png"), 2);
  EXPECT_EQ(find_image(images, "1.png"), 0);
  EXPECT_EQ(find_image(images, "1234.png"), 3);
  EXPECT_EQ(find_image(images, "deep/1234.png"), 3);
  EXPECT_EQ(find_image(images, "3"), 3);
}

TEST(ImageNames, RefusesNamesOfNoneAndOfSeveral) {
  const test::DataFolder data(DataKind::kImages);
  const Dataset images = nested_images(data);
  const auto failure = [&](const std::string& name) {
    return test::message_of([&] { find_image(images, name); });
  };
  for (const std::string name : {"4", "-1", "face.png", "", "234.png"}) {
    EXPECT_EQ(failure(name),
              "image '" + name + "': expected the name of one of the 4 images, or its number from 0 to 3");
  }
  EXPECT_EQ(failure("2.png"),
            "image '2.png': 2 images are called so (a/2.png, b/2.png); give the folder, too");
}

TEST(ImageNames, WithACommaAreOneWhereAnImageIsCalledSo) {
  const test::DataFolder data(DataKind::kImages);
  int64_t level = 10;
  for (const char* name : {"a,b.png", "a.png", "b.png"}) test::write_plain_png(data / name, 8, level++);
  const Dataset images = open_folder(data.config.path, data.config);
  const auto files = [&](const std::vector<std::string>& names) {
    std::vector<std::string> files;
    for (const auto& name : separate_names(images, names))
      files.push_back(images.file(find_image(images, name)));
    return files;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(files({"a,b.png"}), (Names{"a,b.png"}));
  EXPECT_EQ(files({"a.png, b.png", "a,b.png"}), (Names{"a.png", "b.png", "a,b.png"}));
  EXPECT_EQ(test::message_of([&] { files({"A,B.PNG"}); }),
            "image 'A': expected the name of one of the 3 images, or its number from 0 to 2");
  EXPECT_EQ(
      test::message_of([&] { files({"B.PNG"}); }),
      "image 'B.PNG': expected the name of one of the 3 images, or its number from 0 to 2; did you mean "
      "'b.png'?");
}

TEST(ImageNames, OfAnotherSplitAreRefusedWithItsName) {
  const test::DataFolder data(DataKind::kImages);
  for (const char* name : {"train/1.png", "train/2.png", "test/1.png"})
    test::write_plain_png(data / name, 8, 10);
  const Dataset images = open_dataset(data.config, Split::kTest);
  EXPECT_EQ(find_image(images, "1.png", data.config, Split::kTest), 0);
  EXPECT_EQ(test::message_of([&] { find_image(images, "2.png", data.config, Split::kTest); }),
            "image '2.png': expected the name of one of the 1 images, or its number from 0 to 0; '2.png' is "
            "in the train split (--split train)");
}

}  // namespace
}  // namespace patronus
