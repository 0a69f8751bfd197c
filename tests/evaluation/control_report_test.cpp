#include "patronus/evaluation/control_report.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "patronus/analysis/encode.h"
#include "patronus/evaluation/representation.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/metrics/auroc.h"
#include "support/named.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

/// Prototypes 2 and 0 of three, the second of which could be raised in no image, and two attributes.
ControlEvaluation two_of_three() {
  const double nan = std::nan("");
  const auto numbers = [](std::vector<double> values) { return at::tensor(values, at::kDouble); };
  ControlEvaluation e{.split = "test",
                      .protocol = {{"step", 3}, {"images", 16}},
                      .control = {},
                      .summary = {},
                      .intervals = {}};
  Control& c = e.control;
  c.prototypes = {2, 0};
  c.images = at::tensor({16, 0}, at::kLong);
  c.effect = numbers({0.1, -0.2, 0.9, nan, nan, nan}).view({2, 3});
  c.gain = numbers({0.8, nan});
  c.drift = numbers({0.15, nan});
  c.inside = numbers({0.4, nan});
  c.area = numbers({0.25, nan});
  c.attributes = {"hat", "smile"};
  c.judge_accuracy = numbers({0.9, 0.85});
  c.appears = numbers({0.5, nan, nan, nan}).view({2, 2});
  c.vanishes = numbers({0.125, 0, nan, nan}).view({2, 2});
  e.summary = {.gain = 0.8,
               .own_effect = 0.9,
               .spill = 0.15,
               .directions = nan,
               .real_directions = 2.5,
               .inside = 0.4,
               .area = 0.25};
  e.intervals.gain = {numbers({0.8, nan}), numbers({0.7, nan}), numbers({0.9, nan})};
  e.intervals.own_effect = {numbers({0.9, nan}), numbers({0.75, nan}), numbers({1.1, nan})};
  e.intervals.median_gain = {0.8, 0.7, 0.9};
  e.intervals.median_own_effect = {0.9, 0.75, 1.1};
  e.attributes = {{"hat", 0.95, 2, false, 0.9, 8, {0.5, 0.22, 0.78}, 0.25},
                  {"smile", 0.7, 0, true, 0.4, 0, {nan, nan, nan}, 0.75}};
  return e;
}

TEST(ControlJson, HoldsSummaryAttributesAndPrototypesUnderTheirNumbers) {
  const auto json = control_json(two_of_three(), test::named("2: brim\n", 3));
  EXPECT_EQ(json["protocol"]["step"], 3);
  EXPECT_EQ(json["split"], "test");
  EXPECT_EQ(json["own_effect"], 0.9);
  EXPECT_EQ(json["own_effect_high"], 1.1);
  EXPECT_EQ(json["prototypes"][0]["gain_low"], 0.7);
  EXPECT_TRUE(json["directions"].is_null());
  EXPECT_EQ(json["prototypes"][0]["prototype"], 2);
  EXPECT_EQ(json["prototypes"][0]["name"], "brim");
  EXPECT_EQ(json["attributes"][0]["name"], "brim");
  EXPECT_EQ(json["attributes"][1]["name"], "");
  EXPECT_EQ(json["prototypes"][0]["own_effect"], 0.9) << "of its column, not of its row";
  EXPECT_EQ(json["prototypes"][1]["images"], 0);
  EXPECT_TRUE(json["prototypes"][1]["gain"].is_null());
  EXPECT_EQ(json["attributes"][0]["others_change"], 0.25);
  EXPECT_EQ(json["attributes"][0]["appears"], 0.5);
  EXPECT_EQ(json["attributes"][0]["appears_high"], 0.78);
  EXPECT_EQ(json["attributes"][0]["images_without"], 8);
  EXPECT_TRUE(json["attributes"][1]["appears"].is_null());
  EXPECT_EQ(json["attributes"][0]["edit"], "raised");
  EXPECT_EQ(json["attributes"][1]["edit"], "lowered");
}

TEST(ControlTable, HasARowOfEachPrototypeWithWhatItDoesToEveryAttribute) {
  const Table table = control_table(two_of_three(), {});
  ASSERT_EQ(table.rows.size(), 2u);
  const auto cell = [&](size_t row, const std::string& column) {
    return table.rows[row][table.column(column)];
  };
  EXPECT_EQ(cell(0, "prototype"), "2");
  EXPECT_EQ(cell(0, "drift"), "0.15");
  EXPECT_EQ(cell(0, "hat appears"), "0.5");
  EXPECT_EQ(cell(0, "hat vanishes"), "0.125");
  EXPECT_EQ(cell(0, "smile appears"), "");
  EXPECT_EQ(cell(0, "smile vanishes"), "0");
  EXPECT_EQ(cell(1, "own_effect"), "");
}

TEST(ControlTable, SaysNothingOfWhatTheJudgeCannotTell) {
  ControlEvaluation e = two_of_three();
  e.control.judge_accuracy[0] = 0.5;
  const Table table = control_table(e, {});
  EXPECT_EQ(table.rows[0][table.column("hat appears")], "");
  EXPECT_EQ(table.rows[0][table.column("smile vanishes")], "0");
}

TEST(EffectMatrixTable, NamesRowsAndColumnsByPrototypesAndWhatWasDone) {
  ControlEvaluation e = two_of_three();
  const Table raised = effect_matrix_table(e.control);
  EXPECT_EQ(raised.columns, (std::vector<std::string>{"raised", "0", "1", "2"}));
  EXPECT_EQ(raised.rows[0], (std::vector<std::string>{"2", "0.1", "-0.2", "0.9"}));
  EXPECT_EQ(raised.rows[1], (std::vector<std::string>{"0", "", "", ""}));
  e.control.lowers = true;
  EXPECT_EQ(effect_matrix_table(e.control).columns[0], "lowered");
}

TEST(ControlMarkdown, EndsWithTheMeanOfWhatIsKnownOfAttributes) {
  ControlEvaluation e = two_of_three();
  const std::string text = control_markdown(e, test::named("2: brim\n", 3));
  EXPECT_NE(text.find("plausible maximum in 16 images of the test split"), std::string::npos) << text;
  EXPECT_NE(text.find("| 0.40 | 0.25 |"), std::string::npos) << "inside the patch, and its area: " << text;
  EXPECT_NE(text.find("| 0.80 (0.70 to 0.90) | 0.90 (0.75 to 1.10) |"), std::string::npos) << text;
  EXPECT_NE(text.find("2 brim"), std::string::npos) << text;
  EXPECT_NE(text.find("| 8 | 0.50 (0.22 to 0.78) |"), std::string::npos) << text;
  EXPECT_NE(text.find("0 (falls) | lowered | 0.600 |"), std::string::npos) << text;
  const std::string last = text.substr(text.find("mean", text.find("smile")));
  EXPECT_NE(last.find("0.50"), std::string::npos) << "of hat alone: " << last;
  EXPECT_NE(last.find("0.500"), std::string::npos) << "of 0.25 and 0.75: " << last;
  e.attributes.clear();
  EXPECT_EQ(control_markdown(e, {}).find("judge"), std::string::npos);
}

class ControlEvaluationOfASmallModel : public testing::Test {
 protected:
  ControlEvaluationOfASmallModel() {
    options.images = 4;
    options.prototypes = {4, 1};
    options.regenerate.inversion.steps = 2;
    options.regenerate.inversion.method = InversionMethod::kPlain;
  }

  ControlEvaluation evaluate(const Dataset& real) {
    return evaluate_control(trained, test_faces, Split::kTest, real, options, folder.path());
  }

  test::TemporaryFolder folder;
  TrainedModel trained = test::small_model_of_file(folder);
  Dataset faces = open_dataset(trained.config.data, Split::kTrain);
  Dataset test_faces = open_dataset(trained.config.data, Split::kTest);
  ControlOptions options;
};

/// The images without what is known of them.
Dataset without_attributes(const TrainedModel& trained, const test::TemporaryFolder& folder) {
  DataConfig like = trained.config.data;
  like.cache = (folder / "cache").string();
  const auto pictures = folder.path() / "pictures";
  std::filesystem::create_directories(pictures);
  for (int i = 0; i < 6; ++i) {
    const auto pixels = at::full({3, 32, 32}, 40 * i, at::kByte);
    pixels.slice(1, 0, 4 * i + 4).fill_(255 - 20 * i);
    write_png(pictures / (std::to_string(i) + ".png"), pixels);
  }
  return open_folder(pictures.string(), like);
}

TEST_F(ControlEvaluationOfASmallModel, IsMeasuredOnceForTheSameWeightsImagesAndSettings) {
  const Dataset real = without_attributes(trained, folder);
  const ControlEvaluation first = evaluate(real);
  EXPECT_EQ(first.split, "test");
  EXPECT_TRUE(first.attributes.empty()) << "nothing is known of the images";
  // What is kept is taken as it is, whatever it says.
  const std::string words = first.protocol.dump();
  auto kept = *load_control(folder / "control.pt", words);
  kept.gain.fill_(0.123);
  save_control(folder / "control.pt", kept, words);
  EXPECT_EQ(evaluate(real).control.gain[0].item<double>(), 0.123);
  options.regenerate.strength = 2;
  EXPECT_NE(evaluate(real).control.gain[0].item<double>(), 0.123) << "of another strength";
  write_file(trained.checkpoint, "stands for other weights");
  EXPECT_NE(evaluate(real).protocol, first.protocol);
}

TEST_F(ControlEvaluationOfASmallModel, IsTheSameOfACheckpointThatMovedWhereThePathIsNoText) {
  const Dataset real = without_attributes(trained, folder);
  const Json before = evaluate(real).protocol;
  const auto path = folder / "caf\xE9.pt";
  std::filesystem::rename(trained.checkpoint, path);
  trained.checkpoint = path;
  EXPECT_EQ(evaluate(real).protocol, before);
}

TEST_F(ControlEvaluationOfASmallModel, HoldsTheImagesThatThereAreWhereMoreAreAskedFor) {
  const Dataset real = without_attributes(trained, folder);
  options.images = 1000;
  const ControlEvaluation all = evaluate(real);
  EXPECT_EQ(all.protocol["images"], test_faces.size());
  EXPECT_LE(all.control.images.max().item<int64_t>(), test_faces.size());
  options.images = test_faces.size();
  EXPECT_EQ(evaluate(real).protocol, all.protocol) << "the same is not measured twice";
}

/// The protocol of `raised`, of lowered prototypes.
std::string lowered_words(const Json& raised, const std::vector<int64_t>& prototypes) {
  Json words;
  for (const auto& [key, value] : raised.items()) {
    words[key] = value;
    if (key == "images") words["lowers"] = true;
  }
  words["prototypes"] = prototypes;
  return words.dump();
}

TEST_F(ControlEvaluationOfASmallModel, AsksOfEveryAttributeThePrototypeThatTellsItBest) {
  // The measurement is put there, so that no judge has to be trained.
  Control known = measure_control(trained, test_faces, faces, options);
  const BinaryAttributes truth = binary_attributes(faces.attributes());
  const auto count = std::ssize(truth.names);
  known.attributes = truth.names;
  known.judge_accuracy = at::ones({count}, at::kDouble);
  known.judge_accuracy[3] = 0.7;
  known.without = at::full({2, count}, 50, at::kLong);
  known.appears = at::arange(2 * count, at::kDouble).view({2, count}) / 50;
  known.vanishes = known.judged_change = at::zeros({2, count}, at::kDouble);
  known.changes = at::arange(2 * count, at::kDouble).view({2, count}) / 100;
  Json words = evaluate(without_attributes(trained, folder)).protocol;
  words["attributes"] = truth.names;
  words["real"] = faces.fingerprint();
  save_control(folder / "control.pt", known, words.dump());
  const auto activation =
      encode_activations(trained.model.encoder, faces).index_select(1, at::tensor({4, 1}));
  const auto permuted = random_permutation(faces.size(), derive_seed(0, "best prototypes"));
  const auto of_half = [&](int64_t first) {
    const auto rows = permuted.slice(0, first, {}, 2);
    return auroc_of_columns(activation.index_select(0, rows), truth.values.index_select(0, rows));
  };
  const auto auroc = of_half(0), in_other_images = of_half(1);
  ASSERT_FALSE(test::close(auroc, in_other_images, 1e-3));
  const auto rises = std::get<0>(auroc.max(1)) >= 1 - std::get<0>(auroc.min(1));
  ASSERT_TRUE(rises.any().item<bool>() && !rises.all().item<bool>()) << "both kinds of edit are tried";
  Control lowered = known;
  lowered.lowers = true;
  lowered.appears = known.appears + 0.5;
  const auto rows = auroc.argmin(1).masked_select(~rises);
  const bool first = (rows == 0).any().item<bool>(), second = (rows == 1).any().item<bool>();
  lowered.prototypes.clear();
  if (second) lowered.prototypes.push_back(1);
  if (first) lowered.prototypes.push_back(4);
  const auto order = second ? (first ? at::tensor({1, 0}) : at::tensor({1})) : at::tensor({0});
  for (auto* tensor : {&lowered.without, &lowered.appears, &lowered.changes})
    *tensor = tensor->index_select(0, order);
  save_control(folder / "control-lowered.pt", lowered, lowered_words(words, lowered.prototypes));
  const ControlEvaluation e = evaluate(faces);
  ASSERT_EQ(e.protocol, words);
  ASSERT_EQ(std::ssize(e.attributes), count);
  for (int64_t a = 0; a < count; ++a) {
    const AttributeControl& attribute = e.attributes[static_cast<size_t>(a)];
    const bool raised = rises[a].item<bool>();
    const int64_t row = (raised ? auroc[a].argmax() : auroc[a].argmin()).item<int64_t>();
    EXPECT_EQ(attribute.prototype, row == 0 ? 4 : 1) << a;
    EXPECT_EQ(attribute.lowered, !raised);
    EXPECT_NEAR(attribute.auroc, in_other_images[a][row].item<double>(), 1e-12);
    if (a == 3) {
      EXPECT_TRUE(std::isnan(attribute.appears.value)) << "the judge cannot tell it";
    } else {
      EXPECT_NEAR(attribute.appears.value, known.appears[row][a].item<double>() + (raised ? 0 : 0.5), 1e-12);
      EXPECT_LT(attribute.appears.low, attribute.appears.high);
      EXPECT_EQ(attribute.without, 50);
    }
    double others = 0, reliable = 0;
    for (int64_t b = 0; b < count; ++b) {
      if (b == a || b == 3) continue;
      others += known.changes[row][b].item<double>();
      ++reliable;
    }
    EXPECT_NEAR(attribute.others, others / reliable, 1e-12) << "of those that the judge can tell";
  }
}

}  // namespace
}  // namespace patronus
