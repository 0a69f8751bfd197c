#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <yaml-cpp/binary.h>

#include <algorithm>
#include <map>

#include "patronus/core/pixels.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/file_hash.h"
#include "patronus/io/image.h"
#include "patronus/io/json_text.h"
#include "patronus/report/report.h"
#include "patronus/run/latent_checkpoint.h"
#include "report/run_records.h"
#include "support/failure.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// A run's folder with nothing but its configuration and status, to put records into.
class CollectReport : public testing::Test {
 protected:
  CollectReport() {
    write("config.yaml", to_yaml(test::small_run()));
    write("status.json", R"({"state": "done", "step": 12})");
  }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((run_folder / name).parent_path());
    write_file(run_folder / name, text);
  }
  /// The record of an analysis, and how it `was_made`.
  void write_analysis(const std::string& command, const Json& was_made, const Json& record = Json::object()) {
    const std::string name = command == "evaluate" ? "evaluation" : command;
    write(command + "/" + name + ".json", record.dump());
    write(command + "/command-" + command + ".json", was_made.dump());
  }
  /// An evaluation in two calls, of which the latter generated images from the latent model of step 5.
  void write_evaluation_in_two_calls(int64_t step) {
    write_analysis("evaluate",
                   {{"step", step},
                    {"parts",
                     {{"control", "patronus evaluate --control-images 8"},
                      {"reconstruction", "patronus evaluate --control-images 8"},
                      {"generation", "patronus evaluate --features random"}}}},
                   {{"control", Json::object()},
                    {"reconstruction", Json::object()},
                    {"generation", {{"protocol", {{"latent_step", 5}}}}}});
  }
  /// Of prototypes 4 and 1, each shown in the second of three images of `size` pixels a side, with two
  /// nearest patches.
  void write_views(int64_t size);
  /// A checkpoint of the run, its last one, of weights that are all `value`.
  void write_run_checkpoint(int64_t step, float value) const {
    const RunDirectory run(run_folder);
    run.folder("checkpoints");
    write_checkpoint(
        run.checkpoint(step),
        {.step = step, .config = test::small_run(), .model = weights(value), .ema = {}, .optimizer = {}});
    run.register_checkpoint(step, 9);
  }
  /// One of the latent model, of the activations of the run's weights `value` of step 12.
  void write_latent_checkpoint(int64_t step, float value) const {
    const RunDirectory latent(run_folder / "latent");
    latent.folder("checkpoints");
    snapshot({.step = step,
              .config = test::small_run(),
              .source = {12, Weights::kRaw, weights_hash(weights(value))},
              .mean = at::zeros({6}),
              .deviation = at::ones({6}),
              .model = weights(1),
              .ema = {},
              .optimizer = {}})(latent.checkpoint(step));
    latent.register_checkpoint(step, 9);
  }
  static NamedTensors weights(float value) { return {{"weight", at::full({2}, value)}}; }
  std::string sha256(const std::string& name) const { return file_sha256(run_folder / name); }
  Json made(const std::string& command) const { return collect().content["made"][command]; }
  Report collect() const { return collect_report(RunDirectory(run_folder)); }
  std::string error() const {
    return test::message_of([&] { collect(); });
  }
  std::vector<std::string> remarks() const {
    std::vector<std::string> texts;
    for (const auto& remark : collect().remarks) texts.push_back(remark.what);
    return texts;
  }
  bool is_remarked(const std::string& text) const {
    const auto all = remarks();
    return std::find(all.begin(), all.end(), text) != all.end();
  }

  test::TemporaryFolder folder;
  fs::path run_folder = folder / "run";
  at::Tensor images = at::rand({3, 3, 8, 8}) * 2 - 1;
};

void CollectReport::write_views(int64_t size) {
  images = at::rand({3, 3, size, size}) * 2 - 1;
  Json index{{"step", 12}, {"prototypes", Json::array()}};
  for (const int prototype : {1, 4}) {  // in another order than the tensors
    const Json real{{"file", "real-" + std::to_string(prototype)}, {"activation", 5}, {"box", {0, 4, 2, 6}}};
    index["prototypes"].push_back({{"prototype", prototype}, {"nearest", {real, real}}});
  }
  write("visualize-prototypes/index.json", index.dump());
  Dict file;
  file.set("prototypes", at::tensor({4, 1}));
  file.set("files", List{"a.png", "b.png", "c.png"});
  file.set("original", images);
  file.set("before", at::arange(18).view({3, 6}).to(at::kFloat));
  file.set("asked", at::full({2, 3}, 9.5F));
  file.set("after", at::full({2, 3, 6}, 7.25F));
  file.set("boxes", at::tensor({1, 5, 0, 4}).expand({2, 3, 4}).contiguous());
  file.set("shown", at::tensor({1, 1}));
  file.set("image", images.slice(0, 0, 2).contiguous());
  file.set("regenerated", images);
  file.set("nearest",
           to_pixels(images).slice(0, 0, 2).unsqueeze(0).expand({2, 2, 3, size, size}).contiguous());
  write_tensor_file(run_folder / "visualize-prototypes/visualize-prototypes.pt", file);
}

std::string bytes_of(const Json& uri) {
  const std::string start = "data:image/png;base64,";
  const std::string text = uri;
  EXPECT_TRUE(text.starts_with(start)) << text.substr(0, 40);
  const auto bytes = YAML::DecodeBase64(text.substr(start.size()));
  return {bytes.begin(), bytes.end()};
}

at::Tensor pixels_of(const Json& uri, const fs::path& file) {
  write_file(file, bytes_of(uri));
  return read_image(file);
}

TEST(PngUri, IsBase64OfTheBytes) {
  EXPECT_EQ(png_uri("\x89PNG\xff"), "data:image/png;base64,iVBOR/8=");  // as by Python's base64
}

TEST_F(CollectReport, ARunWithoutAnalysesIsThereAndItsGapsAreNamed) {
  const Report report = collect();
  EXPECT_EQ(report.content["name"], "run");
  EXPECT_EQ(report.content["state"], "done");
  EXPECT_EQ(report.content["prototypes"].size(), 6u);
  EXPECT_TRUE(report.content["records"]["evaluate"].is_null());
  EXPECT_TRUE(report.content["charts"].empty());
  ASSERT_EQ(report.remarks.size(), 4u);
  EXPECT_EQ(report.remarks[1].what, "not there: metrics, and what raising each prototype does");
  EXPECT_EQ(report.remarks[1].command, "patronus evaluate --run " + run_folder.string());
  EXPECT_EQ(report.remarks[3].command, "patronus diagnose --run " + run_folder.string());
  EXPECT_EQ(report.content["remarks"].size(), 4u);
}

TEST_F(CollectReport, HoldsWhatTheRunWasMadeWithWordForWord) {
  write("environment.json", R"({"patronus": "1.2", "threads": 4})");
  write("data.json", R"({"kind": "faces", "attributes": []})");
  const Json content = collect().content;
  EXPECT_EQ(content["config"], to_yaml(test::small_run()));
  EXPECT_EQ(content["environment"], Json::parse(R"({"patronus": "1.2", "threads": 4})"));
  EXPECT_EQ(content["data"]["kind"], "faces");
  EXPECT_EQ(content["step"], 12);
}

TEST_F(CollectReport, ADamagedRecordOfTheRunItselfIsNamed) {
  for (const std::string name : {"environment.json", "data.json"}) {
    for (const char* text : {"", "[]", "null", "{\"step\": 1"}) {
      write(name, text);
      EXPECT_EQ(error(), (run_folder / name).string() + ": damaged, not a JSON object; make it again")
          << text;
    }
    fs::remove(run_folder / name);
  }
}

TEST_F(CollectReport, CommandsCanBePastedWhateverTheFolderIsCalled) {
  fs::rename(run_folder, folder / "it's here");
  run_folder = folder / "it's here";
  EXPECT_TRUE(collect().remarks[0].command.ends_with("/it'\\''s here'")) << collect().remarks[0].command;
}

TEST_F(CollectReport, TablesHoldNumbersTextsAndGaps) {
  write("evaluate/evaluation.json", R"({"step": 12, "control": {}})");
  write("evaluate/control.csv", "prototype,name,gain\n3,\"a, b\",-0.25\n4,,\n5,007,1e-3\n");
  const Json table = collect().content["tables"]["evaluate/control.csv"];
  EXPECT_EQ(table["columns"], Json({"prototype", "name", "gain"}));
  EXPECT_EQ(table["rows"], Json::parse(R"([[3, "a, b", -0.25], [4, null, null], [5, "007", 0.001]])"));
  EXPECT_TRUE(table["rows"][0][0].is_number_integer()) << "3, and not 3.0, where it is written";
}

TEST_F(CollectReport, TablesOfPartsThatTheEvaluationNoLongerHoldsAreLeftOut) {
  write("evaluate/evaluation.json", R"({"step": 12, "representation": {}})");
  write("evaluate/control.csv", "prototype,gain\n3,0.5\n");
  write("evaluate/attributes.csv", "attribute,prototype,prototype_auroc,positive_auroc\nhat,3,0.9,0.1\n");
  const Json content = collect().content, &tables = content["tables"];
  EXPECT_EQ(content["told"][3], Json::parse(R"([{"attribute": "hat", "auroc": 0.9, "rises": false}])"));
  EXPECT_TRUE(tables.contains("evaluate/attributes.csv"));
  EXPECT_FALSE(tables.contains("evaluate/control.csv"));
}

TEST_F(CollectReport, AnalysesOfAnotherStepAreNamed) {
  write_analysis("emergence", {{"step", 8}});
  write_analysis("diagnose", {{"step", 12}});
  EXPECT_TRUE(is_remarked("emergence is of step 8, the run is at step 12"));
  EXPECT_EQ(remarks().size(), 3u) << "diagnose is as it should be";
}

TEST_F(CollectReport, ResultsAreComparedWithTheRunByHashesWhereThereAreSome) {
  write_run_checkpoint(12, 1);
  write_analysis("emergence", {{"step", 12}, {"weights", "raw"}});
  EXPECT_EQ(made("emergence"),
            Json({{"command", "emergence"},
                  {"models", "of step 12 (raw weights), the run's last step; no hash was kept"},
                  {"stale", false}}));
  write_analysis("emergence",
                 {{"step", 12}, {"weights", "raw"}, {"sha256", sha256("checkpoints/step-0000012.pt")}});
  EXPECT_EQ(made("emergence")["models"], "of step 12 (raw weights), the run's last checkpoint");
  write_run_checkpoint(12, 2);  // trained again
  EXPECT_EQ(made("emergence")["models"],
            "of another checkpoint of step 12 (raw weights) than the run's last one");
  EXPECT_EQ(made("emergence")["stale"], true);
  EXPECT_TRUE(
      is_remarked("emergence is of another checkpoint of step 12 (raw weights) than the run's last one"));
}

TEST_F(CollectReport, AQuickAnalysisIsNamedSo) {
  write_analysis("diagnose", {{"step", 12}, {"command", "patronus diagnose --run run --quick"}});
  EXPECT_EQ(made("diagnose")["command"], "diagnose --quick (a first look)");
  write_analysis("diagnose", {{"step", 8}, {"command", "patronus diagnose --run a--quick"}});
  EXPECT_EQ(made("diagnose")["command"], "diagnose");
}

TEST_F(CollectReport, ResultsOfAnotherLatentModelThanTheLastAreNamed) {
  write_run_checkpoint(12, 1);
  write_latent_checkpoint(5, 1);
  const std::string hash = sha256("latent/checkpoints/step-0000005.pt");
  write_analysis("diagnose", {{"step", 12}, {"latent_step", 5}, {"latent_sha256", hash}});
  const auto models = [&] { return made("diagnose")["models"].get<std::string>(); };
  EXPECT_TRUE(models().ends_with("; and of the latent model of step 5, its last checkpoint")) << models();
  EXPECT_EQ(made("diagnose")["stale"], false);
  write_latent_checkpoint(7, 1);
  EXPECT_TRUE(models().ends_with("; and of the latent model of step 5, which is at step 7 now")) << models();
  EXPECT_EQ(made("diagnose")["stale"], true);
  fs::remove_all(run_folder / "latent");
  EXPECT_TRUE(made("diagnose")["models"].get<std::string>().ends_with(", which is no longer there"));
}

TEST_F(CollectReport, OfAnEvaluationOnlyGeneratedImagesAreOfTheLatentModel) {
  write_run_checkpoint(12, 1);
  write_latent_checkpoint(7, 1);
  write_evaluation_in_two_calls(12);
  EXPECT_EQ(made("evaluate")["stale"], false);
  EXPECT_EQ(made("generation"), Json({{"command", "evaluate (generation)"},
                                      {"models", "of the latent model of step 5, which is at step 7 now"},
                                      {"stale", true}}));
  const auto remarks = collect().remarks;
  const auto found = std::ranges::find(
      remarks, "evaluate (generation) is of the latent model of step 5, which is at step 7 now",
      &ReportRemark::what);
  ASSERT_NE(found, remarks.end());
  EXPECT_EQ(found->command, "patronus evaluate --features random");
  write_latent_checkpoint(5, 1);
  EXPECT_EQ(made("generation")["stale"], false);
}

TEST_F(CollectReport, AnEvaluationOfAnotherStepIsNamedWithTheCommandsThatMadeItsParts) {
  write_evaluation_in_two_calls(8);
  const std::string of = " is of step 8, the run is at step 12";
  std::map<std::string, std::string> commands;
  for (const auto& remark : collect().remarks) commands[remark.what] = remark.command;
  EXPECT_EQ(commands["evaluate (control, reconstruction)" + of], "patronus evaluate --control-images 8");
  EXPECT_EQ(commands["evaluate (generation)" + of], "patronus evaluate --features random");
  fs::remove(run_folder / "evaluate/command-evaluate.json");
  EXPECT_TRUE(is_remarked("evaluate is of an unknown step, the run is at step 12"));
}

TEST_F(CollectReport, ALatentModelOfOtherWeightsThanTheRunsIsNamed) {
  write_run_checkpoint(12, 1);
  write_latent_checkpoint(5, 1);
  EXPECT_EQ(made("train-latent"), Json({{"command", "the latent model of step 5"},
                                        {"models", "of step 12 (raw weights), the run's last checkpoint"},
                                        {"stale", false}}));
  write_latent_checkpoint(5, 2);
  EXPECT_TRUE(
      is_remarked("the latent model of step 5 is of another checkpoint of step 12 (raw weights) than "
                  "the run's last one"));
}

TEST_F(CollectReport, PicturesOfAnotherStepAreNamedWithTheCommandThatDrewThem) {
  write("sample/samples.png", encode_png(to_pixels(images[0])));
  EXPECT_EQ(made("sample")["models"], "of an unknown step, the run is at step 12");
  write("sample/command-sample.json",
        R"({"step": 8, "weights": "ema", "command": "patronus sample --count 3"})");
  const auto remarks = collect().remarks;
  EXPECT_EQ(remarks.back().what, "sample is of step 8 (ema weights), the run is at step 12");
  EXPECT_EQ(remarks.back().command, "patronus sample --count 3");
  write("compare/compare.png", encode_png(to_pixels(images[0])));
  EXPECT_EQ(made("compare")["models"], "of an unknown step, the run is at step 12");
}

TEST_F(CollectReport, HoldsTheTablesOfAComparisonAlsoWithoutItsPicture) {
  EXPECT_TRUE(collect().content["records"]["compare"].is_null());
  EXPECT_TRUE(made("compare").is_null());
  write("compare/compare.json", R"({"step": 12, "runs": [{"run": "other"}]})");
  EXPECT_EQ(collect().content["records"]["compare"]["runs"][0]["run"], "other");
  EXPECT_FALSE(made("compare").is_null());
}

TEST_F(CollectReport, PartsThatAnEvaluationLacksAreNamed) {
  write("data.json", R"({"attributes": [{"name": "hat"}]})");
  write("evaluate/evaluation.json", R"({"step": 12, "control": {}})");
  const auto all = collect().remarks;
  EXPECT_EQ(all.back().command,
            "patronus evaluate --run " + run_folder.string() + " --parts generation --features random");
  EXPECT_TRUE(is_remarked("not there: what prototypes tell of attributes"));
  EXPECT_TRUE(is_remarked("not there: how near generated images are to real ones"));
  EXPECT_FALSE(is_remarked("not there: what raising each prototype does"));
}

TEST_F(CollectReport, AModelWithoutConditionHasNoPrototypes) {
  RunConfig config = test::small_run();
  config.model.unet.condition = ConditionKind::kOff;
  write("config.yaml", to_yaml(config));
  const Report report = collect();
  EXPECT_TRUE(report.content["prototypes"].empty());
  ASSERT_EQ(report.remarks.size(), 1u) << "nothing of prototypes is asked for";
  EXPECT_TRUE(report.remarks[0].command.starts_with("patronus evaluate --run "));
}

TEST_F(CollectReport, CurvesAreThinnedAndSaySo) {
  std::string lines;
  for (int step = 0; step <= 1200; ++step) {
    lines += R"({"step":)" + std::to_string(step) + R"(,"loss":)" + std::to_string(2 * step) + "}\n";
  }
  write("metrics.jsonl", lines + R"({"step":1200,"prototypes/dead":3})" + "\n");
  const Json content = collect().content;
  ASSERT_EQ(content["charts"].size(), 1u);
  const Json& curve = content["charts"][0]["series"][0];
  EXPECT_EQ(curve["x"].size(), 401u);
  EXPECT_EQ(curve["x"].back(), 1200) << "the last value stays";
  EXPECT_EQ(curve["y"][1], 2 * curve["x"][1].get<int>());
  EXPECT_EQ(content["charts"][0]["note"], "one value in 3 is shown");
  EXPECT_EQ(content["health"], Json({{"dead", 3}}));
}

TEST_F(CollectReport, PrototypesCarryTheirPicturesAndNumbers) {
  write_views(8);
  write("names.yaml", "4: hat\n");
  const Json content = collect().content;
  EXPECT_EQ(content["prototypes"][4], "hat");
  const Json& view = content["views"]["4"];
  EXPECT_EQ(view["file"], "b.png");
  EXPECT_EQ(view["before"], 10) << "of prototype 4 in image 1";
  EXPECT_EQ(view["after"], 7.25);
  EXPECT_EQ(view["box"], Json({1, 5, 0, 4}));
  EXPECT_TRUE(at::equal(pixels_of(view["original"], folder / "a.png"), to_pixels(images[1])));
  EXPECT_TRUE(at::equal(pixels_of(view["enhanced"], folder / "b.png"), to_pixels(images[0])));
  EXPECT_TRUE(at::equal(pixels_of(view["difference"], folder / "c.png"), to_pixels(images[0] - images[1])));
  ASSERT_EQ(view["nearest"].size(), 2u);
  EXPECT_EQ(view["nearest"][1]["file"], "real-4");
  EXPECT_TRUE(at::equal(pixels_of(view["nearest"][1]["picture"], folder / "d.png"), to_pixels(images[1])));
}

TEST_F(CollectReport, LargePicturesAreAveragedDown) {
  write_views(256);
  const Json view = collect().content["views"]["1"];
  EXPECT_EQ(view["size"], 256) << "what boxes are in";
  const auto small = pixels_of(view["original"], folder / "small.png");
  ASSERT_EQ(small.sizes(), (at::IntArrayRef{3, 128, 128}));
  const auto corner =
      to_pixels(images[1]).slice(1, 0, 2).slice(2, 0, 2).to(at::kFloat).mean(at::IntArrayRef{1, 2});
  EXPECT_LE((small.select(2, 0).select(1, 0).to(at::kFloat) - corner).abs().max().item<float>(), 0.5F);
}

TEST_F(CollectReport, OfATrainingOnlyTheLastPicturesAreTaken) {
  const std::string png = encode_png(to_pixels(images[0]));
  for (const char* name :
       {"samples/samples-0000000.png", "samples/samples-0000012.png", "samples/reconstruction-0000012.png",
        "emergence/strip-003.png", "emergence/strip-004.png", "emergence/strip-005.pdf"}) {
    write(name, png);
  }
  const Json pictures = collect().content["pictures"];
  EXPECT_EQ(pictures.size(), 4u) << pictures.dump().substr(0, 400);
  EXPECT_EQ(bytes_of(pictures["samples/samples-0000012.png"]), png);
}

TEST_F(CollectReport, MistakesAreOneLine) {
  EXPECT_EQ(test::message_of([&] { collect_report(RunDirectory(folder / "none")); }),
            (folder / "none").string() + ": no such run; train first, or name another --run");
  EXPECT_EQ(test::message_of([&] { collect_report(RunDirectory(folder.path())); }),
            folder.path().string() + ": not a run of this program (no status.json); name one with --run");
  write("diagnose/diagnose.json", "[1, 2]");
  EXPECT_EQ(error(),
            (run_folder / "diagnose/diagnose.json").string() + ": damaged, not a JSON object; make it again");
  fs::remove(run_folder / "diagnose/diagnose.json");
  write("emergence/decided.csv", "prototype,gain\n1\n");
  EXPECT_EQ(error(),
            (run_folder / "emergence/decided.csv").string() + ":2: 1 field; expected 2 as in the header");
  fs::remove(run_folder / "emergence/decided.csv");
  write_analysis("emergence", {{"step", "twelve"}});
  EXPECT_TRUE(error().starts_with(run_folder.string() + ": a record is not as its command writes it: "))
      << error();
  fs::remove_all(run_folder / "emergence");
  write_views(8);
  write("visualize-prototypes/index.json", R"({"step": 12, "prototypes": []})");
  EXPECT_EQ(error(), (run_folder / "visualize-prototypes/visualize-prototypes.pt").string() +
                         ": does not fit its index.json; make both again with visualize-prototypes");
  fs::remove(run_folder / "config.yaml");
  EXPECT_EQ(error(), (run_folder / "config.yaml").string() + ": cannot be read: No such file or directory");
}

}  // namespace
}  // namespace patronus
