#include "patronus/diagnosis/diagnose.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

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
  d.judge->correlations = at::eye(2, at::kDouble);
  d.images.files = {"face"};
  d.images.original = d.images.image = at::zeros({1, 3, 32, 32});
  d.judged_original = d.judged_identity = at::zeros({1, 2}, at::kDouble);
  EditTrial trial{.sense = at::ones({1}, at::kDouble)};
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

}  // namespace
}  // namespace patronus
