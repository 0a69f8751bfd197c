// `patronus diagnose` on a tiny run.
#include <map>
#include <nlohmann/json.hpp>

#include "cli/shared_run.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"
#include "patronus/data/dataset.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class DiagnoseCommand : public test::SharedRun {
 protected:
  static std::vector<std::string> command(const std::vector<std::string>& more) {
    return test::concat({"diagnose", "data.faces.test_images=240", "--quick", "--images", "8", "--seed", "0"},
                        more);
  }
  static nlohmann::json json(const std::string& file) { return nlohmann::json::parse(read_file(path(file))); }
  /// A whole one, into "diagnosed".
  static const nlohmann::json& diagnosis() {
    static const nlohmann::json all = [] {
      run(command({"--steps", "15", "--generated", "12", "--control-images", "8", "--out", "diagnosed"}),
          latent_run());
      return json("diagnosed/diagnose.json");
    }();
    return all;
  }
};

TEST_F(DiagnoseCommand, WritesWhatIsEncodedUsedAndAmplified) {
  const auto& all = diagnosis();
  EXPECT_EQ(all["encoded"].size(), 9u);
  EXPECT_EQ(all["protocol"]["reporting_images"], 120);
  EXPECT_EQ(table("diagnosed/encoded.csv").rows.size(), 9u);
  EXPECT_EQ(table("diagnosed/spearman.csv").rows.size(), 6u);
  for (const char* file :
       {"diagnose.md", "spearman.png", "attribute-effects.png", "associations.csv", "effects.csv",
        "effects-lowered.csv", "effects-lowered.png", "raised-attributes.png", "lowered-attributes.png"}) {
    EXPECT_TRUE(fs::exists(path("diagnosed") / file)) << file;
  }
  EXPECT_EQ(table("diagnosed/effects-lowered.csv").columns[0], "lowered");
  EXPECT_EQ(table("diagnosed/prototype-attributes.csv").rows.size(), 6u * 9);
  const auto findings = table("diagnosed/findings.csv");
  const size_t edit = findings.column("edit");
  size_t placebos = 0;
  for (const auto& row : findings.rows) placebos += row[edit] == "placebo";
  EXPECT_GT(placebos, 0u);
  EXPECT_EQ(placebos, all["placebo"].size());
  EXPECT_EQ(findings.rows.size(), 2 * all["pairs"].size() + placebos) << "two kinds of edit";
  const auto listed = table("diagnosed/files.csv");
  for (const auto& row : listed.rows) EXPECT_TRUE(fs::exists(path("diagnosed") / row[0])) << row[0];
}

TEST_F(DiagnoseCommand, AQuickOneTakesWhatItIsGiven) {
  const auto& protocol = diagnosis()["protocol"];
  EXPECT_EQ(protocol["steps"], 15);
  EXPECT_EQ(protocol["generated"], 12);
  EXPECT_EQ(protocol["edited_images"], 8);
  EXPECT_EQ(protocol["sampler"].get<std::string>().find("ddim "), 0u);
}

TEST_F(DiagnoseCommand, TakesWhatRaisingAndLoweringDoesFromAnEarlierOne) {
  const auto options =
      command({"--steps", "3", "--generated", "12", "--control-images", "4", "--out", "again"});
  const std::string known = "control: known from ";
  EXPECT_EQ(outcome(options, judged_run()).errors.find(known), std::string::npos);
  const std::string effects = read_file(path("again/effects-lowered.csv"));
  const std::string second = outcome(options, judged_run()).errors;
  EXPECT_NE(second.find(known + "again/control.pt"), std::string::npos) << second;
  EXPECT_NE(second.find(known + "again/control-lowered.pt"), std::string::npos) << second;
  EXPECT_EQ(read_file(path("again/effects-lowered.csv")), effects);
}

TEST_F(DiagnoseCommand, RepeatsFindingsWithAllStepsWhereTwiceAsManyAreMore) {
  EXPECT_EQ(diagnosis()["protocol"]["repeat_steps"], 21);
}

TEST_F(DiagnoseCommand, ComparesImagesOfTheLatentModelToo) {
  const auto& all = diagnosis();
  EXPECT_TRUE(all["protocol"]["latent_model"].is_string());
  std::map<std::string, int64_t> rows;
  for (const auto& pair : all["associations"]) {
    ++rows[pair["drawn_from"]];
    EXPECT_TRUE(pair["difference"].is_object());
  }
  EXPECT_GT(rows["test images"], 0) << "no attribute is told by the judge";
  EXPECT_EQ(rows["latent model"], rows["test images"]);
}

TEST_F(DiagnoseCommand, TakesAttributesFromATableAndNamesWhatCannotBeTested) {
  std::string attributes = "file,hat,rare,same\n";
  for (const auto& [split, count] : {std::pair("test", 240), std::pair("train", 64)}) {
    for (int64_t i = 0; i < count; ++i) {
      attributes += split + ("-" + zero_padded(i, 5)) + "," + std::to_string(i % 2) + "," +
                    (i < 2 ? "1" : "0") + ",1\n";
    }
  }
  write_file(path("attributes.csv"), attributes);
  fs::create_directories(path("tabled"));
  write_file(path("tabled/files.csv"), "file,command\nfindings.csv,diagnose\n");
  write_file(path("tabled/findings.csv"), "of an earlier call");
  const auto result = outcome(command({"--attributes", "attributes.csv", "--out", "tabled"}));
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("no attribute can be tested: hat is not encoded: "), std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find("; rare is rare: "), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("; same (1 value)"), std::string::npos) << result.errors;
  const auto all = json("tabled/diagnose.json");
  const auto& encoded = all["encoded"];
  ASSERT_EQ(encoded.size(), 2u);
  EXPECT_EQ(encoded[0]["not_testable"].get<std::string>().substr(0, 12), "not encoded:");
  EXPECT_EQ(encoded[1]["not_testable"].get<std::string>().substr(0, 5), "rare:");
  EXPECT_EQ(all["left_out"][0], "same (1 value)");
  EXPECT_FALSE(fs::exists(path("tabled/findings.csv"))) << "nothing was found this time";
}

TEST_F(DiagnoseCommand, AJudgeOfOtherImagesSaysNothingOfAttributesThatTheyDoNotHave) {
  DataConfig faces;
  faces.size = 16;
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
      outcome(command({"--steps", "3", "--generated", "20", "--out", "judged-by-others", "--judge",
                       "data.kind=images", "data.path=" + path("labelled").string(), "data.csv=labels.csv",
                       "--judge", "data.test_fraction=0"}),
              judged_run());
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("the judge cannot tell blond_hair, "), std::string::npos) << result.errors;
  const auto all = json("judged-by-others/diagnose.json");
  const auto& judge = all["judge"];
  EXPECT_TRUE(judge["accuracy"]["hat"].is_null());
  EXPECT_TRUE(judge["accuracy"]["blue_background"].is_number());
  EXPECT_FALSE(all["pairs"].empty());
  for (const auto& pair : all["pairs"]) EXPECT_EQ(pair["target"], "blue_background");
}

TEST_F(DiagnoseCommand, NeedsNoAttributesForWhatItSaysOfPrototypes) {
  write_photos("plain", 120);
  const auto result = outcome({"diagnose", "data.kind=images", "data.path=" + path("plain").string(),
                               "data.test_fraction=0.5", "--quick", "--control-images", "8", "--seed", "0",
                               "--out", "unlabelled"});
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("the images have no attributes; only prototypes are diagnosed"),
            std::string::npos)
      << result.errors;
  const auto all = json("unlabelled/diagnose.json");
  EXPECT_TRUE(all["pairs"].empty());
  EXPECT_TRUE(all["encoded"].empty());
  EXPECT_EQ(all["prototype_pairs"], 15);
  EXPECT_EQ(table("unlabelled/ties.csv").rows.size(), all["ties"].size());
  const auto reach = table("unlabelled/reach.csv");
  EXPECT_EQ(reach.rows.size(), 6u);
  for (const auto& row : reach.rows) {
    const double elsewhere = std::stod(row[reach.column("acts_elsewhere")]);
    EXPECT_GE(elsewhere, 0);
    EXPECT_LE(elsewhere, 1);
  }
  for (const char* file : {"reach.png", "spearman.png", "effects.csv", "effects-lowered.png"})
    EXPECT_TRUE(fs::exists(path("unlabelled") / file)) << file;
  const auto text = read_file(path("unlabelled/diagnose.md"));
  EXPECT_NE(text.find("Of 15 pairs of prototypes, "), std::string::npos) << text;
  EXPECT_NE(text.find("The images have no attributes."), std::string::npos) << text;
  for (const char* of_attributes : {"encoded.csv", "prototype-attributes.csv"})
    EXPECT_FALSE(fs::exists(path("unlabelled") / of_attributes)) << "an empty table is no table";
}

TEST_F(DiagnoseCommand, MistakesAreOneLine) {
  EXPECT_EQ(
      mistake({"diagnose"}),
      "3 error: 16 test images; expected at least 50, of which one half chooses prototypes and the other "
      "tests them");
  EXPECT_EQ(mistake(command({"--judge", "model.prototypes.count=3"})),
            "2 error: judge 'model.prototypes.count=3': expected a setting of the data, as data.path=FOLDER "
            "(words for the run stand before --judge)");
  EXPECT_EQ(mistake(command({"--judge", "data.faces.corelation=0"})),
            "2 error: unknown key data.faces.corelation; did you mean data.faces.correlation?");
  write_file(path("few.csv"), "file,hat\ntest-00000,1\n");
  EXPECT_EQ(mistake(command({"--attributes", "few.csv"})),
            "3 error: few.csv: misses 239 of 240 images, the first is test-00001; expected a row for every "
            "image");
  EXPECT_EQ(mistake(command({"--attributes", "fev.csv"})),
            "3 error: fev.csv: cannot be read: No such file or directory; did you mean few.csv?");
  EXPECT_EQ(mistake(command({"--balance", "beard"})).substr(0, 61),
            "2 error: --balance: there is no attribute 'beard'; expected b");
  EXPECT_EQ(mistake(command({"--images", "3"})), "2 error: --images: must be at least 8, got 3");
  EXPECT_EQ(mistake(command({"--correlated", "40"})), "2 error: --correlated: must be at most 1, got 40");
  EXPECT_EQ(mistake(command({"--least-effect", "-3"})),
            "2 error: --least-effect: must be at least 0, got -3");
}

}  // namespace
}  // namespace patronus
