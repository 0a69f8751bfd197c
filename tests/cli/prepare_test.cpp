#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/workshop.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::Workshop;

/// Photos of two classes in two halves, 60 x 40; one is in both halves.
void write_pets(const fs::path& folder) {
  int64_t level = 0;
  for (const char* place : {"train/cat", "train/dog", "test/cat", "test/dog"}) {
    fs::create_directories(folder / place);
    for (int i = 0; i < 3; ++i, level += 20)
      write_png(folder / place / (std::to_string(i) + ".png"), at::full({3, 40, 60}, level, at::kByte));
  }
  write_png(folder / "test/cat/seen.png", at::full({3, 40, 60}, 0, at::kByte));
}

const std::vector<std::string> kPrepare{"prepare", "--config", "images",
                                        "--data",  "pets",     "data.cache=cache"};

std::vector<std::string> prepare(const std::vector<std::string>& more) {
  return test::concat(kPrepare, more);
}

TEST(Prepare, DecodesChecksAndDescribes) {
  const Workshop workshop;
  write_pets(workshop.path() / "pets");
  const Outcome outcome = workshop.patronus(prepare({"data.channels=3"}));
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  for (const char* line :
       {"pets: taking data.size=32 and data.channels=3, for of 13 images looked at 13 are gray, and the "
        "shorter side's median is 40 pixels; give others to change that\n",
        "pets: 6 training and 7 test images (divided by the folders test, train); label (cat: 7, dog: 6)\n",
        "warning: pets: 13 images of 60 x 40; 13 gray; 2 with the same pixels as another, 1 test image among "
        "the training images, too (train train/cat/0.png, test test/cat/seen.png)\n",
        "wrote prepared/images/data.md, data.json and the contact sheet\n"}) {
    EXPECT_NE(outcome.errors.find(line), std::string::npos) << line << outcome.errors;
  }
  const auto json = nlohmann::json::parse(read_file(workshop.path() / "prepared/images/data.json"));
  EXPECT_EQ(json["images"]["train"], 6);
  EXPECT_EQ(json["attributes"][0]["values"]["cat"]["test"], 4);
  EXPECT_EQ(json["sizes"][0]["width"], 60);
  EXPECT_EQ(json["sizes"][0]["images"]["test"], 7);
  EXPECT_EQ(json["identical"]["test_images_in_training"], 1);
  EXPECT_NEAR(json["pixels"]["mean"][2].get<double>(), 50. / 255, 1e-3);
  const std::string text = read_file(workshop.path() / "prepared/images/data.md");
  EXPECT_NE(text.find("| label dog | 3 | 3 |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| 60 x 40 | 6 | 7 |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("- train train/cat/0.png, test test/cat/seen.png\n"), std::string::npos) << text;
  EXPECT_EQ(read_image(workshop.path() / "prepared/images/contact-sheet.png").size(0), 3);
  // Training finds the images decoded.
  const Outcome trained =
      workshop.train("run", {"data.kind=images", "--data", "pets", "data.resize=crop", "--max-steps", "1"});
  ASSERT_EQ(trained.status, 0) << trained.errors;
  EXPECT_EQ(trained.errors.find("decoded images:"), std::string::npos) << trained.errors;
}

TEST(Prepare, TakesAFolderAloneForOneOfImages) {
  const Workshop workshop;
  write_pets(workshop.path() / "pets");
  const Outcome outcome = workshop.patronus({"prepare", "--data", "pets", "data.cache=cache"});
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_TRUE(fs::exists(workshop.path() / "prepared/images/data.md")) << outcome.errors;
  EXPECT_EQ(workshop.mistake({"prepare"}),
            "2 error: --config is required: a configuration file, or the name of a shipped one; or --data "
            "with a folder of images");
}

TEST(Prepare, ItsTextShowsTheFigureThatThereIs) {
  const Workshop workshop;
  write_pets(workshop.path() / "pets");
  const Outcome outcome = workshop.patronus(prepare({"--format", "svg,pdf", "--out", "described"}));
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_TRUE(fs::exists(workshop.path() / "described/contact-sheet.svg"));
  EXPECT_NE(read_file(workshop.path() / "described/data.md").find("](contact-sheet.svg)\n"),
            std::string::npos);
}

TEST(Prepare, ReplacesItsOwnDescriptionAndNothingElse) {
  const Workshop workshop;
  write_pets(workshop.path() / "pets");
  ASSERT_EQ(workshop.patronus(prepare({"--out", "told"})).status, 0);
  const Outcome again = workshop.patronus(prepare({"--out", "told"}));
  EXPECT_EQ(again.status, 0);
  EXPECT_NE(again.errors.find("told/data.md, told/data.json, told/contact-sheet.png: will be replaced\n"),
            std::string::npos)
      << again.errors;
  fs::remove(workshop.path() / "told/data.md");
  EXPECT_EQ(workshop.patronus(prepare({"--out", "told"})).status, 0) << "known by data.json";
  write_file(workshop.path() / "pets/data.json", "[]");
  EXPECT_EQ(workshop.mistake(prepare({"--out", "pets"})),
            "2 error: pets/data.json: would be replaced, and is of no description of a data set; choose "
            "another --out");
}

TEST(Prepare, CountsAndShowsValidationImagesToo) {
  const Workshop workshop;
  int64_t level = 0;
  const auto add = [&](const std::string& part, int count) {
    fs::create_directories(workshop.path() / "parts" / part);
    for (int i = 0; i < count; ++i) {
      write_png(workshop.path() / "parts" / part / (std::to_string(i) + ".png"),
                at::full({3, 40, 40}, ++level, at::kByte));
    }
  };
  add("train", 4);
  add("val", 3);
  add("test", 2);
  write_png(workshop.path() / "parts/val/seen.png", at::full({3, 40, 40}, 1, at::kByte));
  const Outcome outcome = workshop.patronus(
      {"prepare", "--config", "images", "--data", "parts", "--out", "parts-told", "data.cache=cache"});
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  const auto json = nlohmann::json::parse(read_file(workshop.path() / "parts-told/data.json"));
  EXPECT_EQ(json["images"], nlohmann::json({{"train", 4}, {"test", 2}, {"validation", 4}}));
  EXPECT_EQ(json["gray"]["validation"], 4);
  EXPECT_EQ(json["identical"]["images"]["validation"], 1);
  const std::string text = read_file(workshop.path() / "parts-told/data.md");
  EXPECT_NE(text.find("| images | training | test | validation |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| 40 x 40 | 4 | 2 | 4 |\n"), std::string::npos) << text;
}

TEST(Prepare, CountsOrNamesImagesThatCannotBeDecoded) {
  const Workshop workshop;
  write_pets(workshop.path() / "pets");
  write_file(workshop.path() / "pets/train/dog/broken.png", "no picture");
  const std::string mistake = workshop.mistake(prepare({}));
  EXPECT_TRUE(mistake.starts_with("3 error: pets: 1 of 7 images cannot be decoded: ")) << mistake;
  const Outcome outcome = workshop.patronus(prepare({"data.skip_unreadable=true", "--out", "described"}));
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  const auto json = nlohmann::json::parse(read_file(workshop.path() / "described/data.json"));
  EXPECT_EQ(json["left_out"][0]["what"], "train images that cannot be decoded");
  EXPECT_EQ(json["left_out"][0]["count"], 1);
  const std::string text = read_file(workshop.path() / "described/data.md");
  EXPECT_NE(text.find("pets: 6 training and 7 test images"), std::string::npos) << text;
  EXPECT_NE(text.find("| all | 6 | 7 |\n"), std::string::npos) << text;
}

TEST(Prepare, OwnPhotosTrainWithTheShippedConfiguration) {
  const Workshop workshop;
  fs::create_directory(workshop.path() / "my-photos");
  for (int i = 0; i < 12; ++i) {
    write_png(workshop.path() / "my-photos" / (std::to_string(i) + ".png"),
              at::randint(256, {3, 50, 50}).to(at::kByte));
  }
  const std::vector<std::string> words{"train",
                                       "--config",
                                       "images",
                                       "--data",
                                       "my-photos",
                                       "--max-steps",
                                       "1",
                                       "--device",
                                       "cpu",
                                       "--batch-size",
                                       "2",
                                       "training.sample_every=0",
                                       "sampling.steps=2",
                                       "model.unet.base_channels=8",
                                       "model.unet.multipliers=[1, 2]",
                                       "data.cache=cache"};
  const Outcome outcome = workshop.patronus(words);
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_NE(outcome.errors.find(
                "my-photos: taking data.size=64 and data.channels=3, for of 12 images looked at 0 "),
            std::string::npos)
      << outcome.errors;
  const std::string config = read_file(workshop.path() / "runs/images/config.yaml");
  EXPECT_NE(config.find("\n  size: 64\n"), std::string::npos) << "what was taken is the run's setting";
  const Outcome again = workshop.patronus(words);
  EXPECT_NE(again.errors.find("is finished at step 1"), std::string::npos) << again.errors;
  EXPECT_EQ(workshop.patronus({"encode", "--run", "runs/images", "data.cache=cache"}).status, 0);
}

}  // namespace
}  // namespace patronus
