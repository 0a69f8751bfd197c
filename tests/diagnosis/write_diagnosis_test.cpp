#include "patronus/diagnosis/diagnose.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "patronus/io/atomic_file.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

/// Of two attributes and one image, in which putting in the first brings the second.
Diagnosis finding_of(const std::vector<std::string>& names) {
  Diagnosis d;
  d.options.kinds = {EditKind::kSingle};
  d.encoded.images.attributes.names = names;
  for (const auto& name : names) d.encoded.attributes.push_back({.name = name});
  d.encoded.halves = {at::arange(4), at::arange(4)};
  d.auroc = at::full({2, 6}, 0.7, at::kDouble);
  d.spearman = at::eye(6, at::kDouble);
  d.order = {0, 1, 2, 3, 4, 5};
  d.judge.emplace();
  d.judge->judge.names = names;
  d.judge->judge.accuracy = at::ones({2}, at::kDouble);
  d.judge->correlations = d.encoded.correlations = at::eye(2, at::kDouble);
  d.images.files = {"face"};
  d.images.original = d.images.image = at::zeros({1, 3, 32, 32});
  d.judged_original = d.judged_identity = at::zeros({1, 2}, at::kDouble);
  EditTrial trial{.direction = at::ones({1}, at::kDouble)};
  trial.image = trial.control_image = at::zeros({1, 3, 32, 32}, at::kByte);
  trial.edited = at::ones({1, 2}, at::kDouble);
  trial.control = d.judged_original;
  d.trials = {trial};
  d.own = {KindEffect{}};
  d.pairs = {
      PairEffect{.source = 0, .target = 1, .kinds = {{.effect = {1, 1, 1}}}, .verdict = Verdict::kFound}};
  return d;
}

TEST(WriteDiagnosis, DrawsFindingsUnderNamesThatAFileCanHave) {
  const test::TemporaryFolder folder;
  const TrainedModel trained = test::small_model();
  std::string accents;
  for (int i = 0; i < 75; ++i) accents += "é";
  write_diagnosis(folder.path(), trained, finding_of({"hat/cap", "smile"}));
  EXPECT_TRUE(std::filesystem::exists(folder / "findings/01-hat_cap-smile.png"));
  write_diagnosis(folder.path(), trained, finding_of({std::string(150, 'a'), accents}));
  const std::string cut = std::string(150, 'a') + "-" + accents.substr(0, 48);
  EXPECT_TRUE(std::filesystem::exists(folder / ("findings/01-" + cut + ".png"))) << "whole characters";
}

std::string written(const Diagnosis& d) {
  const test::TemporaryFolder folder;
  const TrainedModel trained = test::small_model();
  write_diagnosis(folder.path(), trained, d);
  return read_file(folder / "diagnose.md");
}

TEST(WriteDiagnosis, ThatTestedNothingDoesNotSayThatNothingIsThere) {
  Diagnosis d = finding_of({"hat", "smile"});
  const std::string nothing = "No attribute was found to drag another along",
                    untested = "Nothing could be tested";
  d.pairs[0].verdict = Verdict::kNo;
  EXPECT_NE(written(d).find(nothing), std::string::npos);
  EXPECT_EQ(written(d).find(untested), std::string::npos);
  d.pairs.clear();
  d.judge->identity_change = std::nan("");
  EXPECT_EQ(written(d).find(nothing), std::string::npos);
  EXPECT_NE(written(d).find(untested), std::string::npos);
  EXPECT_EQ(written(d).find("nan"), std::string::npos) << written(d);
}

TEST(WriteDiagnosis, TellsFindingsInWordsWithWhatSpeaksAgainstThem) {
  Diagnosis d = finding_of({"hat", "smile"});
  EXPECT_NE(written(d).find("1. **hat brings smile**: +1.00"), std::string::npos) << written(d);
  EXPECT_EQ(written(d).find("Left out"), std::string::npos);
  EXPECT_EQ(written(d).find("may take one for the other"), std::string::npos);
  d.pairs[0].kinds[0].is_found = true;
  d.pairs[0].kinds.push_back({.kind = EditKind::kExample});
  d.pairs[0].effect_with_more_steps = 0.25;
  d.repeat_steps = 40;
  d.judge->correlations = at::tensor({1., 0.5, 0.5, 1.}, at::kDouble).view({2, 2});
  const std::string text = written(d);
  for (const char* part :
       {"; +0.25 with 40 steps", "Found by edits of the prototype alone", "may take one for the other"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(WriteDiagnosis, PairsThatDependByWhatTheyAreAreNoFindings) {
  Diagnosis d = finding_of({"hat", "smile"});
  d.associations = {{.a = 0, .b = 1, .difference = {0.5, 0.4, 0.6}, .dependence = "a brim hides it"}};
  d.pairs[0].dependence = "a brim hides it";
  std::string text = written(d);
  for (const char* part :
       {"Nothing can be found: all attributes depend",
        "**No effect** (every interval within ±0.10), 0 pairs.",
        "**Left out**, as they depend on each other by what they are, 1 pair: hat → smile (a brim hides it).",
        "Not listed: 1 pair that depend on each other by what they are; all are in associations.csv."}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(text.find("hat brings smile"), std::string::npos) << text;
  EXPECT_EQ(text.find("| hat, smile |"), std::string::npos) << text;
  PairEffect undecided{.source = 1, .target = 0, .kinds = {KindEffect{}}};
  d.pairs.insert(d.pairs.begin(), undecided);
  text = written(d);
  EXPECT_NE(text.find("undecided: 1 of 1 pair."), std::string::npos) << text;
}

TEST(WriteDiagnosis, CountsWhatWasNotFoundAndWhatPlacebosFind) {
  Diagnosis d = finding_of({"hat", "smile"});
  PairEffect no = d.pairs[0], undecided = d.pairs[0], placebo = d.pairs[0];
  no.verdict = Verdict::kNo;
  std::swap(undecided.source, undecided.target);
  undecided.verdict = Verdict::kUndecided;
  d.pairs = {no, undecided};
  placebo.verdict = Verdict::kNo;
  d.placebo = {d.pairs[1], placebo};
  const std::string text = written(d);
  for (const char* part :
       {"No attribute was found to drag another along by as much as counts; undecided: 1 of 2 pairs.",
        "1 pair: hat → smile.", "**Undecided**, 1 pair: smile → hat.", "0 of 2 find something"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(WriteDiagnosis, NamesTheStrongestOfManyPairsAndLeavesTheOthersToTheTable) {
  Diagnosis d = finding_of({"hat", "smile"});
  d.pairs[0].verdict = Verdict::kUndecided;
  d.pairs.resize(8, d.pairs[0]);
  EXPECT_EQ(written(d).find("all are in findings.csv"), std::string::npos);
  PairEffect weakest = d.pairs[0];
  std::swap(weakest.source, weakest.target);
  d.pairs.push_back(weakest);
  const std::string text = written(d);
  EXPECT_NE(text.find("**Undecided**, 9 pairs, the strongest hat → smile, hat → smile, "), std::string::npos)
      << text;
  EXPECT_NE(text.find("hat → smile; all are in findings.csv.\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("smile → hat"), std::string::npos) << text;
}

TEST(WriteDiagnosis, ListsNoAssociationThatIsNeitherInImagesNorInDrawnOnes) {
  Diagnosis d = finding_of({"hat", "smile"});
  const Estimate none{0, -0.1, 0.1};
  d.associations = {{.a = 0, .b = 1, .real = none, .generated = none, .difference = none},
                    {.a = 1, .b = 0, .real = {0.3, 0.2, 0.4}, .generated = none, .difference = none}};
  const std::string text = written(d);
  EXPECT_EQ(text.find("| hat, smile |"), std::string::npos) << text;
  EXPECT_NE(text.find("| smile, hat |"), std::string::npos) << text;
  EXPECT_NE(text.find("Not listed: 1 of 2 pairs that may be independent"), std::string::npos) << text;
}

TEST(WriteDiagnosis, SaysWhyNothingCanBeTested) {
  Diagnosis d = finding_of({"hat", "smile"});
  d.judge.reset();
  d.encoded.attributes[0].reason_untestable = "rare: 3 with it in a half of the images; expected at least 20";
  const test::TemporaryFolder folder;
  const TrainedModel trained = test::small_model();
  write_diagnosis(folder.path(), trained, d);
  const std::string text = read_file(folder / "diagnose.md");
  EXPECT_NE(text.find("No attribute can be tested."), std::string::npos);
  EXPECT_NE(text.find("rare: 3 with it"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder / "encoded.csv"));
  EXPECT_FALSE(std::filesystem::exists(folder / "findings.csv"));
}

}  // namespace
}  // namespace patronus
