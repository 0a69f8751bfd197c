// `patronus explain` on a tiny run.
#include "cli/shared_run.h"

namespace patronus {
namespace {

using ExplainCommand = test::SharedRun;

TEST_F(ExplainCommand, ExplainsChosenImagesOfAFolder) {
  write_photos("explained", 3);
  const auto result = outcome({"explain", "--images", "explained", "--select", "face-2.png,0", "--strongest",
                               "2", "--nearest", "1", "--steps", "2", "--out", "why"});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("wrote why/explain.png and a picture of each image; 2 prototypes kept: "),
            std::string::npos)
      << result.errors;
  const Table images = table("why/images.csv");
  ASSERT_EQ(images.rows.size(), 2u);
  EXPECT_EQ(images.rows[0][images.column("file")], "face-2.png");
  EXPECT_EQ(table("why/prototypes.csv").rows.size(), 2u * 6u);
  const Table nearest = table("why/nearest.csv");
  EXPECT_EQ(nearest.rows[0][nearest.column("file")].substr(0, 6), "train-")
      << "real ones, of the training set";
  EXPECT_TRUE(std::filesystem::exists(path("why/images/00001.png")));
}

TEST_F(ExplainCommand, MistakesAreOneLine) {
  EXPECT_EQ(mistake({"explain", "--prototypes", "6"}),
            "2 error: prototype 6: the model has 6, numbered from 0 to 5");
  EXPECT_EQ(mistake({"explain", "--strongest", "0"}), "2 error: --strongest: must be at least 1, got 0");
  EXPECT_EQ(mistake({"explain", "--nearest", "-1"}), "2 error: --nearest: must be at least 0, got -1");
  EXPECT_EQ(mistake({"explain", "--select", "nobody.png"}).substr(0, 38),
            "2 error: --select: image 'nobody.png':");
}

}  // namespace
}  // namespace patronus
