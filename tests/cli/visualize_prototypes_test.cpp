// `patronus visualize-prototypes` on a tiny run.
#include <gtest/gtest.h>

#include <set>

#include "cli/shared_run.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using VisualizePrototypesCommand = test::SharedRun;

TEST_F(VisualizePrototypesCommand, WritesASheetAPictureOfEachPrototypeAndTheNumbers) {
  run({"visualize-prototypes", "--candidates", "4", "--steps", "3", "--nearest", "2", "--batch-size", "9"});
  const fs::path folder = path("run/visualize-prototypes");
  for (const char* file : {"prototypes.png", "prototype-000.png", "prototype-005.png", "index.json",
                           "visualize-prototypes.pt"}) {
    EXPECT_TRUE(fs::exists(folder / file)) << file;
  }
  EXPECT_EQ(read_csv(folder / "prototypes.csv").rows.size(), 6u);
  EXPECT_EQ(read_csv(folder / "candidates.csv").rows.size(), 6u * 4u);
  EXPECT_EQ(read_csv(folder / "nearest.csv").rows.size(), 6u * 2u);
}

TEST_F(VisualizePrototypesCommand, ShowsChosenPrototypesInAFolderOfImages) {
  write_photos("candidates", 3);
  const auto result = outcome({"visualize-prototypes", "--images", "candidates", "--prototypes", "4,2",
                               "--steps", "2", "--out", "of-candidates"});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find(
                "warning: 20 candidates were asked for; there are 3 images, and all of them are taken\n"),
            std::string::npos)
      << result.errors;
  const Table candidates = table("of-candidates/candidates.csv");
  ASSERT_EQ(candidates.rows.size(), 6u);
  std::set<std::string> prototypes;
  for (const auto& row : candidates.rows) prototypes.insert(row[0]);
  EXPECT_EQ(prototypes, (std::set<std::string>{"2", "4"}));
  EXPECT_EQ(candidates.rows[0][candidates.column("file")].substr(0, 5), "face-");
  const Table nearest = table("of-candidates/nearest.csv");
  ASSERT_EQ(nearest.rows.size(), 2u * 6u);
  EXPECT_EQ(nearest.rows[0][nearest.column("file")].substr(0, 6), "train-")
      << "real ones, of the training set";
  write_file(path("of-candidates/prototype-005.png"), "a user's");
  run({"visualize-prototypes", "--images", "candidates", "--prototypes", "2", "--steps", "2", "--out",
       "of-candidates"});
  EXPECT_TRUE(fs::exists(path("of-candidates/prototype-005.png"))) << "not of the earlier call";
  EXPECT_TRUE(fs::exists(path("of-candidates/prototype-002.png")));
  EXPECT_FALSE(fs::exists(path("of-candidates/prototype-004.png"))) << "of the earlier call";
}

TEST_F(VisualizePrototypesCommand, MistakesAreOneLine) {
  EXPECT_EQ(mistake({"visualize-prototypes", "--prototypes", "1,6"}),
            "2 error: prototype 6: the model has 6, numbered from 0 to 5");
  EXPECT_EQ(mistake({"visualize-prototypes", "--prototypes", "nose"}),
            "2 error: prototypes 'nose': expected numbers, as 0,3,7, or all");
  EXPECT_EQ(mistake({"visualize-prototypes", "--prototypes", ""}),
            "2 error: prototypes '': expected numbers, as 0,3,7, or all");
  EXPECT_EQ(mistake({"visualize-prototypes", "--patch", "14"}),
            "2 error: patch '14': expected exact or paper");
  EXPECT_EQ(mistake({"visualize-prototypes", "--maximum", "mean"}),
            "2 error: maximum 'mean': expected prototype or global");
  EXPECT_EQ(mistake({"visualize-prototypes", "--quantile", "1.5"}),
            "2 error: --quantile: must be at most 1, got 1.5");
  EXPECT_EQ(mistake({"visualize-prototypes", "--candidates", "0"}),
            "2 error: --candidates 0: expected a number of at least 1, random or random:50");
  EXPECT_EQ(mistake({"visualize-prototypes", "--candidates", "random5"}),
            "2 error: --candidates random5: expected a number of at least 1, random or random:50");
  EXPECT_EQ(mistake({"visualize-prototypes", "--nearest", "-1"}),
            "2 error: --nearest: must be at least 0, got -1");
  EXPECT_EQ(mistake({"visualize-prototypes", "--images", "absent"}),
            "3 error: absent: no such folder; expected images there");
  EXPECT_EQ(mistake({"visualize-prototypes", "--images", "tiny.yaml"}),
            "3 error: tiny.yaml: is a file; expected a folder of images");
  fs::create_directories(path("empty"));
  EXPECT_EQ(
      mistake({"visualize-prototypes", "--images", "empty"}),
      "3 error: empty: no images; expected JPEG, PNG, WebP, TIFF, BMP, GIF or PPM files, there or in folders "
      "below; name the right folder");
}

}  // namespace
}  // namespace patronus
