// `patronus interpolate` on a tiny run.
#include <ATen/Functions.h>

#include "cli/shared_run.h"

namespace patronus {
namespace {

using InterpolateCommand = test::SharedRun;

TEST_F(InterpolateCommand, DrawsStripsBetweenPairsThatItDraws) {
  run({"interpolate", "--count", "3", "--frames", "4", "--steps", "3"});
  EXPECT_TRUE(std::filesystem::exists(path("run/interpolate/interpolate.png")));
  EXPECT_EQ(table("run/interpolate/interpolate.csv").rows.size(), 3u * 4u);
  EXPECT_EQ(tensor("run/interpolate/interpolate.pt", "image").sizes(), (at::IntArrayRef{3, 4, 3, 32, 32}));
}

TEST_F(InterpolateCommand, TakesPairsByNameAndNumber) {
  write_photos("pairs", 3);
  run({"interpolate", "--images", "pairs", "--pair", "face-2.png", "0", "--pair", "1", "face-0.png",
       "--frames", "2", "--steps", "3", "--out", "named"});
  const Table frames = table("named/interpolate.csv");
  ASSERT_EQ(frames.rows.size(), 2u * 2u);
  EXPECT_EQ(frames.rows[0][frames.column("from")], "face-2.png");
  EXPECT_EQ(frames.rows[0][frames.column("to")], "face-0.png");
  EXPECT_EQ(frames.rows[2][frames.column("from")], "face-1.png");
}

TEST_F(InterpolateCommand, MistakesAreOneLine) {
  EXPECT_EQ(mistake({"interpolate", "--pair", "0", "99"}),
            "2 error: image '99': expected the name of one of the 16 images, or its number from 0 to 15");
  EXPECT_EQ(
      mistake({"interpolate", "--pair", "0", "train-00003"}),
      "2 error: image 'train-00003': expected the name of one of the 16 images, or its number from 0 to "
      "15; 'train-00003' is in the train split (--split train)");
  EXPECT_EQ(mistake({"interpolate", "--frames", "1"}), "2 error: --frames: must be at least 2, got 1");
  EXPECT_EQ(mistake({"interpolate", "--pair", "0"}),
            "2 error: --pair: expected two images, as --pair 3 7, got --run for one of them");
  EXPECT_EQ(mistake({"interpolate", "--pair", "0", "1", "runtime.threads=x"}),
            "2 error: runtime.threads must be an integer, got 'x'")
      << "a setting is no image";
}

}  // namespace
}  // namespace patronus
