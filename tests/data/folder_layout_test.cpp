#include "data/folder_layout.h"

#include <gtest/gtest.h>

#include "patronus/core/unknown.h"
#include "support/failure.h"

namespace patronus {
namespace {

using Names = std::vector<std::string>;

FolderLayout layout_of(const Names& images, FolderMeaning meaning = FolderMeaning::kAuto) {
  return find_folder_layout(images, {.meaning = meaning});
}

std::string layout_failure(const Names& images, FolderMeaning meaning = FolderMeaning::kAuto) {
  return test::message_of([&] { layout_of(images, meaning); });
}

const std::string kAdvice =
    "; name one such folder with --data, or take all folders for classes with data.folders=classes";

TEST(FolderLayout, OfImagesAloneIsFlat) {
  const auto layout = layout_of({"a.png", "b.png"});
  EXPECT_EQ(layout.names, (Names{"a.png", "b.png"}));
  EXPECT_EQ(layout.splits, GivenSplits(2));
  EXPECT_TRUE(layout.classes.empty());
  EXPECT_TRUE(layout.remarks.empty());
}

TEST(FolderLayout, FoldersAloneAreClassesWithAllThatLiesInThem) {
  const auto layout = layout_of({"cat/1.png", "cat/more/2.png", "dog/1.png"});
  EXPECT_EQ(layout.classes, (Names{"cat", "dog"}));
  EXPECT_EQ(layout.labels, (std::vector<int64_t>{0, 0, 1}));
  EXPECT_TRUE(layout_of({"cat/1.png", "dog/1.png"}, FolderMeaning::kNone).classes.empty());
}

TEST(FolderLayout, ImagesBesideFoldersAreOneSet) {
  const auto layout = layout_of({"a.png", "more/b.png", "other/deep/c.png"});
  EXPECT_EQ(layout.names.size(), 3u);
  EXPECT_TRUE(layout.classes.empty());
  EXPECT_EQ(layout.remarks,
            Names{"images and folders side by side: the folders are no classes (data.folders)"});
  const auto forced = layout_of({"a.png", "more/b.png", "other/c.png"}, FolderMeaning::kClasses);
  EXPECT_EQ(forced.classes, (Names{"more", "other"}));
  EXPECT_EQ(forced.labels, (std::vector<int64_t>{kUnknown, 0, 1}));
}

TEST(FolderLayout, FoldersThatLookLikeSplitsAreRefused) {
  const auto failure = [](const std::string& train, const std::string& test) {
    return layout_failure({train + "/a.png", test + "/b.png"});
  };
  EXPECT_EQ(
      failure("train2017", "val2017"),
      "holds the folders train2017 and val2017, which look like splits; call these train and val or test" +
          kAdvice);
  for (const auto& [train, test] : {std::pair("trainA", "testA"), std::pair("train_images", "test_images"),
                                    std::pair("Train_Set", "Test_Set"), std::pair("trainset", "testset"),
                                    std::pair("img-train", "img-val")})
    EXPECT_NE(failure(train, test).find("which look like splits"), std::string::npos) << train;
  for (const auto& [one, other] :
       {std::pair("trains", "tests"), std::pair("train_station", "valley"), std::pair("training2017", "cat")})
    EXPECT_EQ(failure(one, other), "no error") << one;
  EXPECT_EQ(layout_of({"train1/a.png", "val1/b.png"}, FolderMeaning::kClasses).classes.size(), 2u);
}

TEST(FolderLayout, FoldersDivideTheImagesOfATable) {
  const auto divided = divide_by_folders({"set/train/a.png", "set/test/deep/b.png", "set/train/c.png"});
  EXPECT_EQ(divided.splits, (GivenSplits{Split::kTrain, Split::kTest, Split::kTrain}));
  EXPECT_EQ(divided.division, "divided by the folders test, train");
  for (const Names& undivided : {Names{"a.png"}, Names{"train/a.png"}, Names{"cat/a.png", "dog/b.png"}}) {
    EXPECT_EQ(divide_by_folders(undivided).splits, GivenSplits(undivided.size()));
    EXPECT_EQ(divide_by_folders(undivided).division, "");
  }
  EXPECT_EQ(test::message_of([] {
              divide_by_folders({"train/a.png", "test/b.png", "more/c.png"});
            }),
            "more/c.png lies beside the folders of splits; give the table a column split");
  EXPECT_EQ(test::message_of([] {
              divide_by_folders({"train1/a.png", "val1/b.png"});
            }),
            "holds the folders train1 and val1, which look like splits; call these train and val or test, or "
            "give the table a column split");
}

TEST(FolderLayout, FoldersOfThousandsAreNoClasses) {
  const auto layout = layout_of({"00000/00000.png", "01000/01000.png", "69000/69000.png"});
  EXPECT_EQ(layout.names.size(), 3u);
  EXPECT_TRUE(layout.classes.empty());
  EXPECT_EQ(layout.remarks, Names{"folders of thousands are no classes (data.folders)"});
  EXPECT_EQ(layout_of({"0/a.png", "1/a.png", "2/a.png"}).classes.size(), 3u) << "digits are classes";
  EXPECT_EQ(layout_of({"000/a.png", "001/a.png"}).classes.size(), 2u);
}

TEST(FolderLayout, OneFolderAroundAllIsOpened) {
  const auto layout = layout_of({"set/images/00000/a.png", "set/images/01000/b.png"});
  EXPECT_EQ(layout.names[0], "set/images/00000/a.png");
  EXPECT_TRUE(layout.classes.empty());
  EXPECT_EQ(layout.remarks.front(), "all images lie in set/images");
  EXPECT_TRUE(layout_of({"cat/a.png", "cat/b.png"}).classes.empty()) << "one class tells nothing";
  EXPECT_EQ(layout_of({"train/a.png", "train/b.png"}).splits, GivenSplits(2));
}

TEST(FolderLayout, FoldersNamedAfterSplitsAreSplits) {
  for (const auto& [train, held_out, split] : {std::tuple{"train", "val", Split::kValidation},
                                               {"Train", "Test", Split::kTest},
                                               {"training", "valid", Split::kValidation},
                                               {"TRAIN", "testing", Split::kTest}}) {
    const auto layout = layout_of({std::string(held_out) + "/b.png", std::string(train) + "/a.png"});
    EXPECT_EQ(layout.splits, (GivenSplits{Split::kTrain, split})) << train << " " << held_out;
    EXPECT_EQ(layout.names.front(), std::string(train) + "/a.png");
    EXPECT_TRUE(layout.classes.empty());
  }
  const auto all = layout_of({"data/test/a.png", "data/train/b.png", "data/val/c.png"});
  EXPECT_EQ(all.splits, (GivenSplits{Split::kTrain, Split::kTest, Split::kValidation}));
  EXPECT_EQ(all.division, "divided by the folders test, train, val");
  EXPECT_EQ(all.remarks, Names{"all images lie in data"});
}

TEST(FolderLayout, SplitsShareTheirClasses) {
  const auto layout = layout_of({"test/dog/7.png", "train/cat/1.png", "train/dog/1.png"});
  EXPECT_EQ(layout.classes, (Names{"cat", "dog"}));
  EXPECT_EQ(layout.labels, (std::vector<int64_t>{0, 1, 1}));
  const auto unlabelled = layout_of({"test/1.png", "train/cat/1.png", "train/dog/1.png"});
  EXPECT_EQ(unlabelled.labels, (std::vector<int64_t>{0, 1, kUnknown})) << "test images without folders";
}

TEST(FolderLayout, AFolderInEverySplitIsNoClass) {
  EXPECT_TRUE(layout_of({"train/images/1.png", "train/images/2.png", "val/images/3.png"}).classes.empty());
}

TEST(FolderLayout, WhatLiesBesideSplitsIsLeftOut) {
  const auto layout = layout_of({"extra/1.png", "logo.png", "test/1.png", "train/1.png"});
  EXPECT_EQ(layout.names.size(), 2u);
  ASSERT_EQ(layout.left_out.size(), 1u);
  EXPECT_EQ(layout.left_out[0].what, "images beside the folders of splits");
  EXPECT_EQ(layout.left_out[0].examples, (Names{"extra/1.png", "logo.png"}));
}

TEST(FolderLayout, SplitsThatDoNotGoTogetherAreRefused) {
  EXPECT_EQ(
      layout_failure({"images/1.png", "test/1.png"}),
      "holds the folders images, test, and test is the name of a split; expected train and val or test" +
          kAdvice);
  EXPECT_EQ(layout_failure({"test/1.png", "val/1.png"}),
            "holds the folders test, val, and test is the name of a split; expected train and val or test" +
                kAdvice);
  EXPECT_EQ(layout_failure({"train/1.png", "val/1.png", "valid/1.png"}),
            "two folders for one split, val and valid");
  EXPECT_EQ(layout_failure({"bottle/test/1.png", "bottle/train/1.png", "cable/train/1.png"}),
            "holds splits in its folder bottle and is none itself" + kAdvice);
  EXPECT_EQ(layout_of({"images/1.png", "test/1.png"}, FolderMeaning::kClasses).classes,
            (Names{"images", "test"}));
}

TEST(FolderLayout, OfAnUndividedFolderHasAllImagesWhateverItsFoldersAreCalled) {
  for (const Names& images :
       {Names{"test/1.png", "train/1.png", "x/1.png"}, Names{"images/1.png", "test/1.png"},
        Names{"bottle/test/1.png", "bottle/train/1.png", "cable/train/1.png"}}) {
    const auto layout = find_folder_layout(images, {.divides = false});
    EXPECT_EQ(layout.names, images);
    EXPECT_EQ(layout.splits, GivenSplits(images.size()));
    EXPECT_EQ(layout.division, "");
  }
  EXPECT_TRUE(find_folder_layout({"test/1.png", "train/1.png"}, {.divides = false}).classes.empty());
  EXPECT_EQ(find_folder_layout({"cat/1.png", "dog/1.png"}, {.divides = false}).classes,
            (Names{"cat", "dog"}));
}

}  // namespace
}  // namespace patronus
