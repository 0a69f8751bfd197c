#include "evaluation/representation_report.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/data_files.h"
#include "patronus/core/random.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/table.h"
#include "support/named.h"
#include "support/small_model.h"

namespace patronus {
namespace {

/// 60 pictures whose brightness is their group, of 6 of them unknown; half of the others are light.
class GroupedPictures {
 public:
  explicit GroupedPictures(const std::string& column) {
    constexpr const char* kGroups[] = {"dark", "gray", "light", "light"};
    constexpr int64_t kLevels[] = {20, 110, 200, 200}, kCount = 60;
    std::string table = "file," + column + ",hat\n";
    for (int64_t i = 0; i < kCount; ++i) {
      const std::string name = std::to_string(i) + ".png";
      const auto noise = at::randint(0, 40, {3, 32, 32}, make_generator(i), at::kLong);
      write_png(data_ / name, (noise + kLevels[i % 4]).to(at::kByte));
      table += name + "," + (i % 10 == 0 ? "" : kGroups[i % 4]) + "," + std::to_string(i / 4 % 2) + "\n";
    }
    write_file(data_ / "list.csv", table);
    data_.config.csv = "list.csv";
    data_.config.size = 32;
    data_.config.test_fraction = 0;
  }

  Representation evaluated() const {
    RunConfig config = test::small_run();
    config.data = data_.config;
    TrainedModel trained = test::small_model(config);
    const Dataset images = open_dataset(config.data, Split::kTrain);
    return evaluate_representation(trained, images, images, Split::kTrain, images.size());
  }

 private:
  test::DataFolder data_{DataKind::kImages};
};

TEST(RepresentationReport, SetsTheAccuracyOfEveryRepresentationBesideTheMostFrequentClass) {
  const Representation r = GroupedPictures("group").evaluated();
  const auto json = representation_json(r, {});
  ASSERT_EQ(json["class_probes"].size(), 1u);
  const auto& probe = json["class_probes"][0];
  EXPECT_EQ(probe["attribute"], "group");
  EXPECT_EQ(probe["classes"], 3);
  EXPECT_EQ(probe["images"], 54);
  EXPECT_EQ(probe["images_unknown"], 6);
  EXPECT_EQ(probe["most_frequent_share"], 0.5);
  EXPECT_EQ(probe["accuracy"].size(), 3u);
  for (const char* name : {"prototypes", "pca", "random encoder"})
    EXPECT_EQ(probe["accuracy"][name]["folds"], 5) << name;
  const auto alone = class_accuracy(probe_classes(r.activation, r.classes[0].values, k_folds(60)));
  EXPECT_EQ(probe["accuracy"]["prototypes"]["mean"], alone.mean);
  EXPECT_EQ(probe["accuracy"]["prototypes"]["sd"], alone.deviation);
  EXPECT_GT(probe["accuracy"]["pca"]["mean"], 0.8) << "brightness is the first component";
  EXPECT_FALSE(json["prototypes"].contains("class_accuracy")) << "which is that of a label";
}

TEST(RepresentationReport, SaysWhereImagesAreTooFewToSpeakOfCapture) {
  const Representation r = GroupedPictures("group").evaluated();
  const auto text = representation_markdown(r, {});
  const auto row = text.substr(text.find("| group=gray |"), 200);
  EXPECT_NE(row.substr(0, row.find('\n')).find("| too few images |"), std::string::npos) << row;
  EXPECT_NE(text.find("Too few images: fewer than 20 have the attribute, or lack it."), std::string::npos);
  EXPECT_EQ(text.find("| hat | 30, 30 | too few"), std::string::npos);
}

TEST(RepresentationReport, NamesTheAccuracyOfALabelAmongTheScores) {
  const auto json = representation_json(GroupedPictures("label").evaluated(), {});
  for (const char* name : {"prototypes", "pca", "random encoder"}) {
    EXPECT_TRUE(json[name]["class_accuracy"]["mean"].is_number()) << name;
    EXPECT_EQ(json[name]["class_accuracy"], json["class_probes"][0]["accuracy"][name]) << name;
  }
}

TEST(RepresentationReport, WritesTheClassesAsATable) {
  const Representation r = GroupedPictures("group").evaluated();
  EXPECT_NE(representation_markdown(r, {}).find("| group | 3 | 54 (6 unknown) | 0.500 | "), std::string::npos)
      << representation_markdown(r, {});
  const test::TemporaryFolder folder;
  write_representation(folder.path(), r, {}, {});
  const Table table = read_csv(folder / "class-probes.csv");
  EXPECT_EQ(table.columns, (std::vector<std::string>{
                               "attribute", "classes", "images", "images_unknown", "most_frequent_share",
                               "accuracy.prototypes", "accuracy.prototypes sd", "accuracy.pca",
                               "accuracy.pca sd", "accuracy.random encoder", "accuracy.random encoder sd"}));
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.rows[0][table.column("images_unknown")], "6");
}

TEST(RepresentationReport, NamesThePrototypeThatTellsAnAttribute) {
  const Representation r = GroupedPictures("group").evaluated();
  const int64_t best = r.captures.front().prototype;
  const auto names = test::named(std::to_string(best) + ": brightness\n", r.activation.size(1));
  EXPECT_EQ(representation_json(r, names)["attributes"][0]["name"], "brightness");
  const test::TemporaryFolder folder, without;
  write_representation(folder.path(), r, names, {FigureFormat::kPng});
  write_representation(without.path(), r, {}, {FigureFormat::kPng});
  const Table table = read_csv(folder / "attributes.csv");
  EXPECT_EQ(table.rows[0][table.column("name")], "brightness");
  EXPECT_NE(read_file(folder / "scores.png"), read_file(without / "scores.png"));
  EXPECT_EQ(read_file(folder / "components.png"), read_file(without / "components.png"));
}

TEST(RepresentationReport, SaysNothingOfClassesWhereThereAreNone) {
  const Representation r{.split = "train", .attributes = {}, .activation = at::zeros({4, 2})};
  EXPECT_EQ(representation_json(r, {})["class_probes"].size(), 0u);
  EXPECT_EQ(representation_markdown(r, {}).find("Classes"), std::string::npos);
}

}  // namespace
}  // namespace patronus
