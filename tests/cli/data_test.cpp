// What the program says of data sets, as a user meets them. The library's tests have more of each layout.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/shared_run.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/training/metrics_log.h"
#include "support/picture_files.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::Workshop;

/// Images `first` ... `first` + 5 of 32 x 32 pixels in a folder that is made.
void write_six(const fs::path& folder, int64_t first = 0) {
  fs::create_directories(folder);
  for (int64_t i = first; i < first + 6; ++i)
    write_png(folder / (std::to_string(i) + ".png"), at::full({3, 32, 32}, 15 * i % 256, at::kByte));
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::vector<std::string> one_step(const std::string& data, std::vector<std::string> more = {}) {
  more.insert(more.end(), {"data.kind=images", "--data", data, "--max-steps", "1"});
  return more;
}

TEST(DataSet, IsDescribedOnceAndKeptInTheRun) {
  const Workshop workshop;
  write_six(workshop.path() / "data/train");
  write_six(workshop.path() / "data/Val", 6);
  write_file(workshop.path() / "data/train/IMG_1.HEIC", "x");
  const Outcome outcome = workshop.train("run", one_step("data"));
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  const std::string found =
      "data: 6 training and 6 test images (divided by the folders Val, train; validation images are the test "
      "images); no attributes\n";
  const std::string left_out =
      "warning: data: left out: .heic images, which are not read: 1 (train/IMG_1.HEIC)\n";
  EXPECT_EQ(count_of(outcome.errors, found), 1u) << outcome.errors;
  EXPECT_EQ(count_of(outcome.errors, left_out), 1u) << outcome.errors;
  const std::string log = read_file(workshop.path() / "run/log.txt");
  EXPECT_EQ(count_of(log, found), 1u) << log;
  EXPECT_EQ(count_of(log, left_out), 1u) << log;
  const auto json = nlohmann::json::parse(read_file(workshop.path() / "run/data.json"));
  EXPECT_EQ(json["images"]["train"], 6);
  EXPECT_EQ(json["path"], fs::canonical(workshop.path() / "data").string());
  const Outcome quiet = workshop.patronus({"encode", "--run", "run", "--quiet"});
  EXPECT_EQ(count_of(quiet.errors, "training and"), 0u);
}

TEST(DataSet, IsFoundFromEveryFolderWhenItWasNamedRelatively) {
  const Workshop workshop;
  write_six(workshop.path() / "data");
  ASSERT_EQ(workshop.train("run", one_step("data")).status, 0);
  fs::create_directory(workshop.path() / "elsewhere");
  const Outcome outcome =
      test::run_patronus({"encode", "--run", "../run", "--out", "out"}, workshop.path() / "elsewhere");
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_FALSE(fs::exists(workshop.path() / "elsewhere/out/.patronus-lock"));  // given back as it ended
  const std::string new_place = workshop.path().string() + "-moved";
  fs::rename(workshop.path(), new_place);
  const Outcome moved = test::run_patronus({"encode", "--run", "run", "data.cache=cache"}, new_place);
  fs::rename(new_place, workshop.path());
  EXPECT_EQ(moved.status, 0) << moved.errors;
  EXPECT_NE(moved.errors.find("no such folder any more; taking "), std::string::npos) << moved.errors;
}

TEST(DataSet, MayHoldTheRunsThatAreTrainedOnIt) {
  const Workshop workshop;
  write_six(workshop.path() / "photos");
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = workshop.train("photos/runs/a", one_step("photos", {"data.test_fraction=0.5"}));
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_NE(outcome.errors.find("photos: 3 training and 3 test images"), std::string::npos)
        << outcome.errors;
  }
}

TEST(DataSet, WithOneTestImageReportsOnTrainingImages) {
  const Workshop workshop;
  const Outcome outcome =
      workshop.train("run", {"data.faces.test_images=1", "--max-steps", "1", "training.sample_every=1"});
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_NE(
      outcome.errors.find("fewer than two images are held out: pictures and reports are of training images"),
      std::string::npos)
      << outcome.errors;
  EXPECT_GT(read_metric(RunDirectory(workshop.path() / "run"), "prototypes/median_range").values.back(), 0);
}

TEST(DataSet, WithOneTestImageThatCanBeDecodedReportsOnTrainingImagesToo) {
  const Workshop workshop;
  write_six(workshop.path() / "data/train");
  fs::create_directories(workshop.path() / "data/test");
  fs::copy(workshop.path() / "data/train/3.png", workshop.path() / "data/test/a.png");
  write_file(workshop.path() / "data/test/b.png", "damaged");
  const Outcome outcome =
      workshop.train("run", one_step("data", {"data.skip_unreadable=true", "training.sample_every=1"}));
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(count_of(outcome.errors, "fewer than two images are held out"), 1u) << outcome.errors;
}

TEST(DataSet, WithoutTestImagesTrains) {
  const Workshop workshop;
  write_six(workshop.path() / "data");
  const Outcome outcome =
      workshop.train("run", one_step("data", {"data.test_fraction=0", "training.sample_every=1"}));
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_NE(outcome.errors.find("data: 6 training and 0 test images (none held out)"), std::string::npos);
  EXPECT_NE(
      outcome.errors.find("fewer than two images are held out: pictures and reports are of training images"),
      std::string::npos);
  EXPECT_EQ(workshop.mistake({"encode", "--run", "run"}),
            "3 error: data: no images in the test split; choose another --split, or see data.csv and "
            "data.test_fraction");
  EXPECT_EQ(workshop.patronus({"encode", "--run", "run", "--split", "train"}).status, 0);
}

TEST(DataSet, DryRunDecodesNothing) {
  const Workshop workshop;
  write_six(workshop.path() / "data");
  const Outcome outcome = workshop.train("run", one_step("data", {"--dry-run"}));
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_FALSE(fs::exists(workshop.path() / "cache"));
}

TEST(DataSet, SettingsOfManyLevelsAreRefused) {
  const Workshop workshop;
  std::string levels = "[1";
  for (int i = 0; i < 63; ++i) levels += ", 1";
  EXPECT_EQ(workshop.mistake(test::train_command("run", {"model.unet.multipliers=" + levels + "]"})),
            "2 error: model.unet.multipliers: 64 levels; expected at most 16");
  EXPECT_EQ(workshop.mistake(test::train_command("run", {"latent.unet.multipliers=" + levels + "]"})),
            "2 error: latent.unet.multipliers: 64 levels; expected at most 16");
}

class FolderOfImages : public test::SharedRun {
 protected:
  /// The files that `encode --images` encodes, and what it says.
  static std::pair<std::vector<std::string>, std::string> encoded(const std::string& images) {
    const Outcome result = outcome({"encode", "--images", images, "--out", "encoded-" + images});
    EXPECT_EQ(result.status, 0) << result.errors;
    std::vector<std::string> files;
    for (const auto& row : table("encoded-" + images + "/activations.csv").rows) files.push_back(row[0]);
    return {files, result.errors};
  }
};

TEST_F(FolderOfImages, IsReadWholeInEveryFormatAndDepth) {
  write_six(path("mixed"));
  write_six(path("mixed/more/deeper"), 6);
  const auto pixels = at::full({3, 32, 32}, 100, at::kByte);
  write_file(path("mixed/a.webp"), test::webp_bytes(pixels));
  write_file(path("mixed/b.TIF"), test::tiff_bytes(pixels));
  write_file(path("mixed/c.jfif"), test::jpeg_bytes(pixels));
  for (const char* name : {"Thumbs.db", ".DS_Store", "g.avif"}) write_file(path("mixed") / name, "x");
  const auto [files, said] = encoded("mixed");
  EXPECT_EQ(files.size(), 15u);
  EXPECT_NE(said.find("mixed: 15 images; no attributes; images and folders side by "
                      "side: the folders are no classes"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("warning: mixed: left out: .avif images, which are not read: 1 (g.avif)"),
            std::string::npos);
}

TEST_F(FolderOfImages, ThatIsDividedIsTakenWhole) {
  for (const char* part : {"train", "valid", "test", "extra"}) write_six(path("divided") / part);
  const auto [files, said] = encoded("divided");
  EXPECT_EQ(files.size(), 24u);
  EXPECT_NE(said.find("divided: 24 images; no attributes\n"), std::string::npos) << said;
}

class ActivationFile : public test::SharedRun {
 protected:
  /// What `sample` says of a file with these activations and names.
  static std::string complaint(const at::Tensor& activation, int64_t names) {
    Dict file;
    file.set("activation", activation);
    file.set("files", List(static_cast<size_t>(names), Value("a.png")));
    write_tensor_file(path("vectors.pt"), file);
    return mistake({"sample", "--activations", "vectors.pt", "--steps", "2"});
  }
};

TEST_F(ActivationFile, MustHaveANameForEveryVector) {
  EXPECT_EQ(complaint(at::ones({5, 6}), 3),
            "3 error: vectors.pt: files has 3 names, activation 5 vectors; expected one for each");
}

TEST_F(ActivationFile, MustHoldNumbers) {
  auto activation = at::ones({5, 6});
  activation[3][2] = std::nan("");
  EXPECT_EQ(complaint(activation, 5),
            "3 error: vectors.pt: 1 of 5 activation vectors are not finite, the first is number 3");
}

TEST_F(ActivationFile, OfOtherWeightsIsUsedWithAWarning) {
  Dict file;
  file.set("activation", at::ones({1, 6}));
  file.set("weights", std::string("0badcafe"));
  write_tensor_file(path("vectors.pt"), file);
  const auto sampled = outcome({"sample", "--activations", "vectors.pt", "--steps", "2"});
  EXPECT_EQ(sampled.status, 0) << sampled.errors;
  EXPECT_NE(sampled.errors.find("warning: vectors.pt: encoded with other weights"), std::string::npos)
      << sampled.errors;
}

TEST(Cache, IsListedAndCleared) {
  const Workshop workshop;
  write_six(workshop.path() / "data");
  ASSERT_EQ(workshop.train("run", one_step("data")).status, 0);
  write_file(workshop.path() / "cache/.images-train-0.cache.99-0.tmp", std::string(2000, 'x'));
  const std::string cache = (fs::canonical(workshop.path()) / "cache").string();
  const Outcome listed = workshop.patronus({"cache", "data.cache=cache"});
  EXPECT_NE(listed.output.find(" 5 images of 32 x 32 pixels, " +
                               fs::canonical(workshop.path() / "data").string() + "  images-train-"),
            std::string::npos)
      << listed.output;
  EXPECT_TRUE(listed.output.ends_with(" kB of decoded images in " + cache + "\n")) << listed.output;
  EXPECT_NE(listed.errors.find(cache + ": removed 2.0 kB that broken-off decoding had left"),
            std::string::npos);
  const Outcome cleared = workshop.patronus({"cache", "--clear", "data.cache=cache"});
  EXPECT_NE(cleared.errors.find(" kB from " + cache), std::string::npos) << cleared.errors;
  EXPECT_EQ(workshop.patronus({"cache", "data.cache=cache"}).output,
            "0 bytes of decoded images in " + cache + "\n");
}

TEST(DataSet, IsTheOneThatARunBeganWith) {
  const Workshop workshop;
  write_six(workshop.path() / "data/train");
  write_six(workshop.path() / "data/test", 6);
  const auto train = [&](const char* steps) {
    return workshop.train("run", {"data.kind=images", "--data", "data", "--max-steps", steps});
  };
  ASSERT_EQ(train("1").status, 0);
  fs::rename(workshop.path() / "data/train/5.png", workshop.path() / "data/test/5.png");
  fs::create_directory(workshop.path() / "run-2");
  const Outcome other = train("2");
  EXPECT_EQ(other.status, 3);
  EXPECT_NE(
      other.errors.find(
          "error: run: began with other data, which differ in training images (5, were 6), "
          "names of training images, sizes of training images, test images (7, were 6), "
          "names of test images, sizes of test images; choose a new folder, for example --run run-3, or "
          "remove run/data.json to go on with the data as they are now"),
      std::string::npos)
      << other.errors;
  fs::remove(workshop.path() / "run/data.json");
  EXPECT_EQ(train("2").status, 0);
  EXPECT_EQ(train("3").status, 0);
}

TEST(DataSet, ARareAttributeMayBeMissingAmongTheImagesDrawn) {
  const Workshop workshop;
  std::string list = "file,split,hat\n";
  for (int64_t first = 0; first < 60; first += 6) write_six(workshop.path() / "data", first);
  for (int i = 0; i < 60; ++i) {
    list += std::to_string(i) + ".png," + (i < 50 ? "train," : "test,") + (i == 49 ? "1\n" : "0\n");
  }
  write_file(workshop.path() / "data/list.csv", list);
  ASSERT_EQ(workshop.train("run", one_step("data", {"data.csv=list.csv"})).status, 0);
  EXPECT_EQ(workshop.mistake({"evaluate", "--run", "run", "--device", "cpu", "--parts", "representation",
                              "--probe-images", "10"}),
            "2 error: representation: none of the attributes has two values among the 10 images drawn; draw "
            "more");
}

}  // namespace
}  // namespace patronus
