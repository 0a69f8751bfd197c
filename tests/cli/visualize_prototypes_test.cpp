// `patronus visualize-prototypes` on a tiny run.
#include <gtest/gtest.h>

#include <memory>

#include "patronus/data/faces.h"
#include "patronus/io/image.h"
#include "patronus/io/table.h"
#include "support/workshop.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::Workshop;

class VisualizePrototypesCommand : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    workshop_ = std::make_unique<Workshop>();
    ASSERT_EQ(workshop_->train("run").status, 0);
  }
  static void TearDownTestSuite() { workshop_.reset(); }

  static std::vector<std::string> command(const std::vector<std::string>& more) {
    std::vector<std::string> words{"visualize-prototypes", "--run", "run", "--device", "cpu"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static std::string mistake(const std::vector<std::string>& more) {
    return workshop_->mistake(command(more));
  }

  static std::unique_ptr<Workshop> workshop_;
};
std::unique_ptr<Workshop> VisualizePrototypesCommand::workshop_;

TEST_F(VisualizePrototypesCommand, WritesASheetAPictureOfEachPrototypeAndTheNumbers) {
  const Outcome outcome = workshop_->patronus(
      command({"--candidates", "4", "--steps", "3", "--nearest", "2", "--batch-size", "9"}));
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  const fs::path folder = workshop_->path() / "run/visualize-prototypes";
  for (const char* file : {"prototypes.png", "prototype-000.png", "prototype-005.png", "index.json",
                           "visualize-prototypes.pt"}) {
    EXPECT_TRUE(fs::exists(folder / file)) << file;
  }
  EXPECT_EQ(read_csv(folder / "prototypes.csv").rows.size(), 6u);
  EXPECT_EQ(read_csv(folder / "candidates.csv").rows.size(), 6u * 4u);
  EXPECT_EQ(read_csv(folder / "nearest.csv").rows.size(), 6u * 2u);
}

TEST_F(VisualizePrototypesCommand, ShowsChosenPrototypesInAFolderOfImages) {
  fs::create_directories(workshop_->path() / "photos");
  const auto face = draw_faces({}, Split::kTest, 32, 0, 3).pixels;
  for (int64_t i = 0; i < 3; ++i) {
    write_png(workshop_->path() / "photos" / ("face-" + std::to_string(i) + ".png"), face[i]);
  }
  const Outcome outcome = workshop_->patronus(
      command({"--images", "photos", "--prototypes", "4,2", "--steps", "2", "--out", "of-photos"}));
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_NE(outcome.errors.find(
                "warning: 20 candidates were asked for; there are 3 images, and all of them are taken\n"),
            std::string::npos)
      << outcome.errors;
  const Table candidates = read_csv(workshop_->path() / "of-photos/candidates.csv");
  ASSERT_EQ(candidates.rows.size(), 6u);
  EXPECT_EQ(candidates.rows[0][0], "4");
  EXPECT_EQ(candidates.rows[0][candidates.column("file")].substr(0, 5), "face-");
  EXPECT_EQ(read_csv(workshop_->path() / "of-photos/nearest.csv").rows.size(), 6u);
}

TEST_F(VisualizePrototypesCommand, MistakesAreOneLine) {
  EXPECT_EQ(mistake({"--prototypes", "1,6"}), "2 error: prototype 6: the model has 6, numbered from 0 to 5");
  EXPECT_EQ(mistake({"--prototypes", "nose"}),
            "2 error: prototypes 'nose': expected numbers, as 0,3,7, or all");
  EXPECT_EQ(mistake({"--prototypes", ""}), "2 error: prototypes '': expected numbers, as 0,3,7, or all");
  EXPECT_EQ(mistake({"--patch", "14"}), "2 error: patch '14': expected exact or paper");
  EXPECT_EQ(mistake({"--maximum", "mean"}), "2 error: maximum 'mean': expected prototype or global");
  EXPECT_EQ(mistake({"--quantile", "1.5"}), "2 error: quantile 1.5: expected 0 to 1");
  EXPECT_EQ(mistake({"--candidates", "0"}), "2 error: --candidates: must be at least 1, got 0");
  EXPECT_EQ(mistake({"--nearest", "-1"}), "2 error: nearest -1: expected 0 or more patches");
  EXPECT_EQ(
      mistake({"--images", "nowhere"}),
      "3 error: nowhere: no such folder; expected JPEG or PNG files there; put the data there or name its "
      "folder with --data FOLDER");
  fs::create_directories(workshop_->path() / "empty");
  EXPECT_EQ(
      mistake({"--images", "empty"}),
      "3 error: empty: no images; expected .jpg, .jpeg or .png files, or one folder of them a class; name "
      "the right folder with --data FOLDER");
}

}  // namespace
}  // namespace patronus
