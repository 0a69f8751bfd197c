// `patronus diagnose` on a tiny run.
#include <map>
#include <nlohmann/json.hpp>

#include "patronus/core/pixels.h"
#include "patronus/data/dataset.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "support/shared_run.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class DiagnoseCommand : public test::SharedRun {
 protected:
  static std::vector<std::string> command(const std::vector<std::string>& more) {
    return test::concat({"diagnose", "data.faces.test_images=240", "--quick", "--images", "8"}, more);
  }
  static nlohmann::json json(const std::string& file) { return nlohmann::json::parse(read_file(path(file))); }
  /// A table of two attributes of all images: `hat` as given, or of every second image, and one that is rare.
  static void write_attributes(const std::string& file, int64_t train, const std::string& hat) {
    std::string text = "file,hat,rare\n";
    const auto add = [&](const std::string& split, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        text += split + "-" + padded(i, 5) + "," + (hat.empty() ? std::to_string(i % 2) : hat) + "," +
                (i < 2 ? "1" : "0") + "\n";
      }
    };
    add("test", 240);
    add("train", train);
    write_file(path(file), text);
  }
};

TEST_F(DiagnoseCommand, WritesWhatIsEncodedUsedAndAmplified) {
  run(command({"--steps", "3", "--generated", "20", "--out", "diagnosed"}));
  const auto all = json("diagnosed/diagnose.json");
  EXPECT_EQ(all["encoded"].size(), 9u);
  EXPECT_EQ(all["protocol"]["reporting_images"], 120);
  EXPECT_EQ(all["protocol"]["edited_images"], 8);
  EXPECT_EQ(table("diagnosed/encoded.csv").rows.size(), 9u);
  EXPECT_EQ(table("diagnosed/spearman.csv").rows.size(), 6u);
  for (const char* file : {"diagnose.md", "spearman.png", "attribute-effects.png", "associations.csv"}) {
    EXPECT_TRUE(fs::exists(path("diagnosed") / file)) << file;
  }
  EXPECT_EQ(table("diagnosed/prototype-attributes.csv").rows.size(), 6u * 9);
  const auto findings = table("diagnosed/findings.csv");
  const size_t edit = findings.column("edit");
  size_t placebos = 0;
  for (const auto& row : findings.rows) placebos += row[edit] == "placebo";
  EXPECT_EQ(placebos, all["placebo"].size());
  EXPECT_EQ(findings.rows.size(), 2 * all["pairs"].size() + placebos) << "two kinds of edit";
  const auto listed = table("diagnosed/files.csv");
  for (const auto& row : listed.rows) EXPECT_TRUE(fs::exists(path("diagnosed") / row[0])) << row[0];
}

TEST_F(DiagnoseCommand, TakesAttributesFromATableAndNamesWhatCannotBeTested) {
  write_attributes("halves.csv", 64, "");
  fs::create_directories(path("tabled"));
  write_file(path("tabled/files.csv"), "file,command\nfindings.csv,diagnose\n");
  write_file(path("tabled/findings.csv"), "of an earlier call");
  const auto result = outcome(command({"--attributes", path("halves.csv").string(), "--out", "tabled"}));
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("no attribute can be tested: hat is not encoded: "), std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find("; rare is rare: "), std::string::npos) << result.errors;
  const auto encoded = json("tabled/diagnose.json")["encoded"];
  ASSERT_EQ(encoded.size(), 2u);
  EXPECT_EQ(encoded[0]["not_testable"].get<std::string>().substr(0, 12), "not encoded:");
  EXPECT_EQ(encoded[1]["not_testable"].get<std::string>().substr(0, 5), "rare:");
  EXPECT_FALSE(fs::exists(path("tabled/findings.csv"))) << "nothing was found this time";
}

TEST_F(DiagnoseCommand, AJudgeOfOtherImagesSaysNothingOfAttributesThatTheyDoNotHave) {
  DataConfig faces;
  faces.faces.train_images = 80;
  const Dataset drawn = open_dataset(faces, Split::kTrain);
  const AttributeTable attributes = drawn.attributes().columns({"blue_background"});
  std::string labels = "file,blue_background\n";
  fs::create_directories(path("labelled"));
  for (int64_t i = 0; i < drawn.size(); ++i) {
    write_png(path("labelled") / (drawn.file(i) + ".png"), to_pixels(drawn.slice(i, 1)[0]));
    labels += drawn.file(i) + ".png," + std::to_string(attributes.values[i][0].item<int64_t>()) + "\n";
  }
  write_file(path("labelled/labels.csv"), labels);
  const auto result =
      outcome(command({"--steps", "3", "--generated", "20", "--out", "judged", "--judge", "data.kind=images",
                       "--judge", "data.path=" + path("labelled").string(), "--judge", "data.csv=labels.csv",
                       "--judge", "data.test_fraction=0"}));
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("the judge cannot tell blond_hair, "), std::string::npos) << result.errors;
  const auto all = json("judged/diagnose.json");
  const auto& judge = all["judge"];
  EXPECT_TRUE(judge["accuracy"]["hat"].is_null());
  EXPECT_TRUE(judge["accuracy"]["blue_background"].is_number());
  EXPECT_FALSE(all["pairs"].empty());
  for (const auto& pair : all["pairs"]) EXPECT_EQ(pair["target"], "blue_background");
}

TEST_F(DiagnoseCommand, ComparesImagesOfTheLatentModelToo) {
  copy_run("with-latent");
  ASSERT_EQ(workshop().patronus({"train-latent", "--run", "with-latent", "--device", "cpu"}).status, 0);
  auto words = command({"--steps", "3", "--generated", "20", "--judge", "data.faces.train_images=1000",
                        "--run", "with-latent", "--device", "cpu"});
  const auto result = workshop().patronus(words);
  ASSERT_EQ(result.status, 0) << result.errors;
  const auto all = json("with-latent/diagnose/diagnose.json");
  EXPECT_TRUE(all["protocol"]["latent_model"].is_string());
  std::map<std::string, int64_t> rows;
  for (const auto& pair : all["associations"]) {
    ++rows[pair["drawn_from"]];
    EXPECT_TRUE(pair["difference"].is_object());
  }
  EXPECT_GT(rows["test images"], 0) << "no attribute is told by the judge";
  EXPECT_EQ(rows["latent model"], rows["test images"]);
}

TEST_F(DiagnoseCommand, MistakesAreOneLine) {
  EXPECT_EQ(mistake({"diagnose"}),
            "3 error: 16 images; expected at least 50, of which one half chooses prototypes and the other "
            "tests them");
  EXPECT_EQ(mistake(command({"--judge", "model.prototypes.count=3"})),
            "2 error: judge 'model.prototypes.count=3': expected a setting of the data, as data.path=FOLDER");
  write_photos("plain", 120);
  EXPECT_EQ(mistake({"diagnose", "data.kind=images", "data.path=" + path("plain").string(),
                     "data.test_fraction=0.5"}),
            "3 error: the images have no attributes; give a table of them with --attributes FILE.csv");
  write_file(path("few.csv"), "file,hat\ntest-00000,1\n");
  EXPECT_EQ(mistake(command({"--attributes", "few.csv"})),
            "3 error: few.csv: misses 239 of 240 images, the first is test-00001; expected a row for every "
            "image");
  write_attributes("constant.csv", 64, "1");
  const auto constant = outcome(command({"--attributes", "constant.csv", "--out", "constant"}));
  EXPECT_EQ(constant.status, 0) << constant.errors;
  EXPECT_EQ(json("constant/diagnose.json")["left_out"][0], "hat (1 value)");
  EXPECT_NE(constant.errors.find("; hat (1 value)"), std::string::npos) << constant.errors;
  EXPECT_EQ(mistake(command({"--balance", "beard"})).substr(0, 45),
            "2 error: attribute 'beard': expected blond_ha");
  EXPECT_EQ(mistake(command({"--images", "3"})), "2 error: --images: must be at least 8, got 3");
  EXPECT_EQ(mistake(command({"--correlated", "40"})), "2 error: --correlated: must be at most 1, got 40");
  EXPECT_EQ(mistake(command({"--least-effect", "-3"})),
            "2 error: --least-effect: must be at least 0, got -3");
}

TEST_F(DiagnoseCommand, RepeatsFindingsWithMoreStepsWhereThereAreMore) {
  ASSERT_EQ(workshop().train("short", {"diffusion.timesteps=21"}).status, 0);
  const auto repeated_with = [&](const std::string& steps) {
    const auto outcome = workshop().patronus(
        {"diagnose", "--run", "short", "--device", "cpu", "data.faces.test_images=240", "--quick", "--images",
         "8", "--generated", "12", "--control-images", "0", "--steps", steps, "--out", "steps-" + steps});
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    return json("steps-" + steps + "/diagnose.json")["protocol"]["repeat_steps"];
  };
  EXPECT_EQ(repeated_with("10"), 20);
  EXPECT_EQ(repeated_with("15"), 21);
  EXPECT_EQ(repeated_with("21"), 0);
}

TEST_F(DiagnoseCommand, AQuickOneTakesWhatItIsGiven) {
  run(command({"--steps", "4", "--generated", "12", "--control-images", "8", "--out", "given"}));
  const auto protocol = json("given/diagnose.json")["protocol"];
  EXPECT_EQ(protocol["steps"], 4);
  EXPECT_EQ(protocol["generated"], 12);
  EXPECT_EQ(protocol["edited_images"], 8);
  for (const char* file : {"effects.csv", "effects-lowered.csv", "effects-lowered.png",
                           "raised-attributes.png", "lowered-attributes.png"}) {
    EXPECT_TRUE(fs::exists(path("given") / file)) << file;
  }
  EXPECT_EQ(table("given/effects-lowered.csv").columns[0], "lowered");
}

}  // namespace
}  // namespace patronus
