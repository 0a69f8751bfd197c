// `patronus compare` on tiny runs.
#include <ATen/Functions.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/shared_run.h"
#include "patronus/io/image.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class CompareCommand : public test::SharedRun {
 protected:
  /// A run of another seed and fewer prototypes.
  static std::string other_run() {
    static const test::Outcome trained = workshop().train(
        "compare-other", {"model.prototypes.count=4", "training.max_steps=4", "--seed", "1"});
    EXPECT_EQ(trained.status, 0) << trained.errors;
    return "compare-other";
  }

  static nlohmann::json json(const std::string& file) {
    return nlohmann::json::parse(test::file_text(path(file)));
  }
};

TEST_F(CompareCommand, WritesWhatOtherRunsHaveOfTheReference) {
  copy_run("compare-first");
  copy_run("copied");
  run({"compare", "--with", "copied", other_run(), "runtime.threads=1"}, "compare-first");
  const fs::path folder = path("compare-first/compare");
  const Table runs = table("compare-first/compare/runs.csv");
  ASSERT_EQ(runs.rows.size(), 3u);
  EXPECT_EQ(runs.rows[0][runs.column("run")], "copied");
  EXPECT_EQ(runs.rows[0][runs.column("found_again")], "1");
  EXPECT_EQ(runs.rows[0][runs.column("spearman")], "1");
  EXPECT_EQ(runs.rows[1][runs.column("matched")], "4") << "it has fewer prototypes";
  EXPECT_EQ(runs.rows[2][runs.column("run")], "untrained encoder");
  const Table matches = table("compare-first/compare/compare.csv");
  ASSERT_EQ(matches.rows.size(), 3u * 6u);
  for (size_t i = 0; i < 6; ++i)
    EXPECT_EQ(matches.rows[i][matches.column("match")], matches.rows[i][matches.column("prototype")]);
  EXPECT_EQ(table("compare-first/compare/prototypes.csv").rows.size(), 6u);
  EXPECT_GT(read_image(folder / "compare.png").size(2), 9 * 96);
  const auto all = json("compare-first/compare/compare.json");
  EXPECT_EQ(all["runs"][0]["sha256"], all["sha256"]);
  EXPECT_NE(all["runs"][1]["encoder"], all["encoder"]);
  EXPECT_EQ(all["protocol"]["images"], 16);
  EXPECT_FALSE(all["untrained"].contains("checkpoint"));
  EXPECT_NE(test::file_text(folder / "compare.md").find("| copied | 6 | 6 of 6 |"), std::string::npos);
}

TEST_F(CompareCommand, TellsRunsOfOneNameAndCheckpointsOfOneRunByTheirPaths) {
  run({"compare", "--with", "run/checkpoints/step-0000008.pt", "--split", "train", "--images", "20",
       "--at-least", "0.5", "--out", "earlier"});
  const Table runs = table("earlier/runs.csv");
  EXPECT_EQ(runs.rows[0][runs.column("run")], "run/checkpoints/step-0000008.pt");
  EXPECT_EQ(runs.rows[0][runs.column("step")], "8");
  EXPECT_EQ(json("earlier/compare.json")["protocol"]["found_again"], "Spearman at least 0.5");
}

TEST_F(CompareCommand, WarnsOfImagesThatAnotherRunSawOtherwise) {
  static const test::Outcome trained =
      workshop().train("cropped", {"data.resize=crop", "training.max_steps=4"});
  ASSERT_EQ(trained.status, 0) << trained.errors;
  const auto compared = outcome({"compare", "--with", "cropped", "--out", "with-cropped"});
  EXPECT_EQ(compared.status, 0);
  EXPECT_NE(
      compared.errors.find("cropped/checkpoints/step-0000004.pt: was trained with data.resize=crop; here"),
      std::string::npos)
      << compared.errors;
}

TEST_F(CompareCommand, MistakesAreOneLine) {
  EXPECT_EQ(mistake({"compare"}), "2 error: --with is required");
  EXPECT_EQ(mistake({"compare", "--with", "runtime.threads=1"}),
            "2 error: --with: expected another run, or a checkpoint");
  EXPECT_EQ(mistake({"compare", "--with", "nowhere"}),
            "2 error: --with: nowhere: no such run; train first, or name another --run");
  fs::create_directories(path("empty-folder"));
  EXPECT_EQ(mistake({"compare", "--with", "empty-folder"}),
            "2 error: --with: empty-folder: holds no checkpoint; train first, or name another --run");
  EXPECT_EQ(mistake({"compare", "--with", "./run"}),
            "2 error: --with ./run: ./run/checkpoints/step-0000012.pt is compared already; name every run "
            "once, and --run not again");
  EXPECT_EQ(mistake({"compare", "--with", "run/checkpoints/last"}),
            "2 error: --with run/checkpoints/last: run/checkpoints/step-0000012.pt is compared already; name "
            "every run once, and --run not again");
  EXPECT_EQ(mistake({"compare", "--with", "no-weights.pt"}),
            "2 error: --with: no-weights.pt: no such checkpoint");
  EXPECT_EQ(mistake({"compare", "--with", other_run(), other_run()}),
            "2 error: --with compare-other: compare-other/checkpoints/step-0000004.pt is compared already; "
            "name every run "
            "once, and --run not again");
  EXPECT_EQ(mistake({"compare", "--with", judged_run()}),
            "2 error: judged/checkpoints/step-0000012.pt: is of images 3 x 16 x 16, "
            "run/checkpoints/step-0000012.pt of 3 x 32 x 32; expected the same data.channels and data.size");
  EXPECT_EQ(mistake({"compare", "--with", other_run(), "--images", "3"}),
            "2 error: --images: must be at least 10, got 3");
  EXPECT_EQ(
      mistake({"compare", "--with", other_run(), "data.faces.test_images=7"}),
      "2 error: the test split has 7 images; a comparison takes at least 10; choose another with --split");
  EXPECT_EQ(mistake({"compare", "--with", other_run(), "runtime.threads=x"}),
            "2 error: runtime.threads must be an integer, got 'x'")
      << "a setting is no run";
}

}  // namespace
}  // namespace patronus
