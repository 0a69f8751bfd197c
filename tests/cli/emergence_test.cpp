// `patronus emergence` on a tiny run.
#include <gtest/gtest.h>

#include "cli/shared_run.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using EmergenceCommand = test::SharedRun;

TEST_F(EmergenceCommand, WritesCurvesTablesAndAStripOfEachPrototype) {
  run({"emergence", "--steps", "3", "--count", "5", "--out", "emergence-all"});
  for (const char* file :
       {"difference.png", "emergence.png", "decided.png", "frequency.png", "condition.png", "emergence.md"}) {
    EXPECT_TRUE(fs::exists(path("emergence-all") / file)) << file;
  }
  const Table curves = table("emergence-all/emergence.csv");
  ASSERT_EQ(curves.rows.size(), 6u * 3u);
  EXPECT_EQ(curves.rows[0][curves.column("timestep")], "999");
  EXPECT_EQ(curves.rows[2][curves.column("timestep")], "0");
  EXPECT_EQ(table("emergence-all/decided.csv").rows.size(), 6u * (2u + 2u)) << "no more starts than steps";
  EXPECT_EQ(table("emergence-all/prototypes.csv").rows.size(), 6u);
  EXPECT_EQ(table("emergence-all/condition.csv").rows.size(), 3u);
}

TEST_F(EmergenceCommand, TakesChosenPrototypesAndGoesOnWithMoreImages) {
  run({"emergence", "--steps", "3", "--count", "3", "--prototypes", "4,2", "--out", "emergence-two"});
  const auto result = outcome(
      {"emergence", "--steps", "3", "--count", "100", "--prototypes", "4,2", "--out", "emergence-two"});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(
      result.errors.find("warning: 100 images were asked for; there are 16, and all of them are taken\n"),
      std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find("emergence: 3 of 16 images known from emergence-two/emergence.pt\n"),
            std::string::npos)
      << result.errors;
  EXPECT_EQ(table("emergence-two/prototypes.csv").rows.size(), 2u);
  EXPECT_NE(result.errors.find(" of 2 prototypes emerge"), std::string::npos) << result.errors;
}

TEST_F(EmergenceCommand, TellsItsBatchSize) {
  const std::string help = workshop().patronus({"emergence", "--help"}).output;
  EXPECT_NE(help.find("images per batch (default 16)"), std::string::npos) << help;
}

TEST_F(EmergenceCommand, MistakesAreOneLine) {
  EXPECT_EQ(mistake({"emergence", "--prototypes", "1,6"}),
            "2 error: prototype 6: the model has 6, numbered from 0 to 5");
  EXPECT_EQ(mistake({"emergence", "--prototypes", "nose"}),
            "2 error: prototypes 'nose': expected numbers, as 0,3,7, or all");
  EXPECT_EQ(mistake({"emergence", "--count", "1"}), "2 error: --count: must be at least 2, got 1");
  EXPECT_EQ(mistake({"emergence", "--steps", "1001"}),
            "2 error: steps 1001: expected 1 to 1000 (diffusion.timesteps)");
  EXPECT_EQ(mistake({"emergence", "--steps", "1"}), "2 error: steps 1: what emerges needs at least 2");
  write_photos("one", 1);
  EXPECT_EQ(mistake({"emergence", "--images", "one"}),
            "3 error: emergence: one image; intervals need at least two");
}

}  // namespace
}  // namespace patronus
