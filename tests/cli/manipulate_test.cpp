// `patronus manipulate` on a tiny run.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "cli/shared_run.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class ManipulateCommand : public test::SharedRun {
 protected:
  static std::vector<std::string> command(const std::vector<std::string>& more) {
    return test::concat({"manipulate", "--steps", "3", "--count", "2"}, more);
  }
};

TEST_F(ManipulateCommand, WritesThePictureTheEditedImagesAndTheNumbers) {
  run(command({"--edit", "2=max", "--edit", "0,1x1.5", "--strength", "2", "runtime.threads=1"}));
  for (const char* file :
       {"manipulate.png", "images/00000-0.png", "images/00001-0.png", "index.json", "manipulate.pt"}) {
    EXPECT_TRUE(fs::exists(path("run/manipulate") / file)) << file;
  }
  EXPECT_EQ(table("run/manipulate/effects.csv").rows.size(), 2u);
  EXPECT_EQ(table("run/manipulate/round_trip.csv").rows.size(), 2u);
  EXPECT_LE(table("run/manipulate/manipulate.csv").rows.size(), 2u * 3u);
  const auto before = tensor("run/manipulate/manipulate.pt", "before");
  const auto target = tensor("run/manipulate/manipulate.pt", "asked")[0];
  EXPECT_TRUE(at::allclose(target.slice(1, 0, 2), before.slice(1, 0, 2) * 1.5));
  EXPECT_TRUE(at::equal(target.slice(1, 3), before.slice(1, 3)));
}

TEST_F(ManipulateCommand, ReplacesTheImagesOfAnEarlierCallAndNoOthers) {
  fs::create_directories(path("replaced-edits/images"));
  write_file(path("replaced-edits/files.csv"), "file,command\nimages/00001-0.png,manipulate\n");
  for (const char* name : {"00001-0.png", "00002-0.png"})
    write_file(path("replaced-edits/images") / name, "earlier");
  run({"manipulate", "--steps", "3", "--edit", "2=1", "--count", "1", "--out", "replaced-edits"});
  EXPECT_TRUE(fs::exists(path("replaced-edits/images/00000-0.png")));
  EXPECT_FALSE(fs::exists(path("replaced-edits/images/00001-0.png")));
  EXPECT_TRUE(fs::exists(path("replaced-edits/images/00002-0.png"))) << "not of the earlier call";
}

TEST_F(ManipulateCommand, SweepsOverThePlausibleRangeInAFolderOfImages) {
  write_photos("sweep-photos", 2);
  run(command({"--images", "sweep-photos", "--sweep", "3=min:max:4", "--out", "swept"}));
  EXPECT_EQ(table("swept/effects.csv").rows.size(), 2u * 4u);
  EXPECT_EQ(table("swept/effects.csv").rows[0][0], "face-0.png");
  const auto values = tensor("swept/manipulate.pt", "asked").select(2, 3).select(1, 0);
  EXPECT_TRUE((values.diff() > 0).all().item<bool>()) << values;
}

TEST_F(ManipulateCommand, SweepsTwoPrototypesOverAGrid) {
  run(command({"--sweep", "3=0:1:2", "--sweep", "1=0:1:3", "--out", "grid"}));
  EXPECT_EQ(table("grid/effects.csv").rows.size(), 2u * 2u * 3u);
}

TEST_F(ManipulateCommand, ContrastsThePrototypesThatCaptureAttributes) {
  run(command({"--captured", "--out", "captured"}));
  const Table effects = table("captured/effects.csv");
  ASSERT_GE(effects.rows.size(), 4u);
  EXPECT_TRUE(effects.rows[0][1].ends_with("=min")) << effects.rows[0][1];
  EXPECT_TRUE(effects.rows[1][1].ends_with("=max")) << effects.rows[1][1];
}

TEST_F(ManipulateCommand, MovesTowardsExamplesOfAFolderOrAnAttribute) {
  write_photos("examples", 3);
  run(command(
      {"--towards", "examples", "--away", "hat=0", "--amount", "2", "--strongest", "2", "--out", "led"}));
  const auto moved = (tensor("led/manipulate.pt", "asked")[0] - tensor("led/manipulate.pt", "before")) != 0;
  EXPECT_TRUE((moved.sum(1) == 2).all().item<bool>()) << "the two strongest prototypes";
}

TEST_F(ManipulateCommand, LetsCorrelatedPrototypesFollow) {
  run(command({"--edit", "2+0.1", "--correlated", "0", "--out", "followed"}));
  const auto moved =
      (tensor("followed/manipulate.pt", "asked")[0] - tensor("followed/manipulate.pt", "before")) != 0;
  EXPECT_GT(moved[0].sum().item<int64_t>(), 1);
}

TEST_F(ManipulateCommand, MistakesAreOneLine) {
  EXPECT_EQ(mistake({"manipulate"}),
            "2 error: nothing to change: give --edit 12=max, --sweep 12=0:3:7, --captured, or --towards and "
            "--away");
  EXPECT_EQ(
      mistake({"manipulate", "--edit", "12"}),
      "2 error: edit '12': expected as 12=max, 12=min, 12=0.8, 12=off, 12x1.5, 12+0.3, 12-0.3 or 3,7,12=max");
  EXPECT_EQ(mistake({"manipulate", "--edit", "6=max"}),
            "2 error: prototype 6: the model has 6, numbered from 0 to 5");
  EXPECT_EQ(outcome({"manipulate", "--edit", "6=max", "--out", "never/there"}).status, 2);
  EXPECT_FALSE(std::filesystem::exists(path("never"))) << "no folder is left";
  EXPECT_EQ(mistake({"manipulate", "--sweep", "1=0:2"}),
            "2 error: sweep '1=0:2': expected as 12=min:max:7, 12=0:3:7 or example=0:2:5");
  EXPECT_EQ(mistake({"manipulate", "--towards", "absent"}),
            "2 error: example images 'absent': no such folder; expected a folder, or a condition such as "
            "attribute=value");
  EXPECT_EQ(mistake({"manipulate", "--edit", "1=max", "--correlated", "2"}),
            "2 error: --correlated: must be at most 1, got 2");
  EXPECT_EQ(mistake({"manipulate", "--edit", "1=max", "--amount", "2"}),
            "2 error: --amount and --strongest are about examples; name them with --towards or --away");
  EXPECT_EQ(mistake({"manipulate", "--towards", "hat=1", "--away", "hat=1"}),
            "2 error: --towards and --away are the same: there is no direction between them");
  EXPECT_EQ(mistake({"manipulate", "--towards", "hat=1", "--correlated", "0.5"}),
            "2 error: correlated: the examples move all prototypes already; give --strongest");
  EXPECT_EQ(mistake({"manipulate", "--towards", "hat=1", "--amount", "2", "--sweep", "example=0:1:3"}),
            "2 error: amount: the sweep sets it");
  EXPECT_EQ(mistake({"manipulate", "--edit", "1=max", "--strength", "nan"}),
            "2 error: --strength: must be a finite number, got nan");
  EXPECT_EQ(mistake({"manipulate", "--edit", "1=max", "--inversion", "exact"}),
            "2 error: inversion 'exact': expected refined, plain or reference");
  EXPECT_EQ(mistake({"manipulate", "--edit", "1=max", "--first", "99"}),
            "2 error: --first 99 --count 8: nothing is selected of 16 images");
}

}  // namespace
}  // namespace patronus
