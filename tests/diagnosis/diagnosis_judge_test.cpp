#include "patronus/diagnosis/diagnosis_judge.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "support/failure.h"
#include "support/small_model.h"

namespace patronus {
namespace {

at::Tensor column(std::initializer_list<int64_t> values) {
  return at::tensor(values, at::kLong).unsqueeze(1);
}

TEST(AttributesNamed, AreFoundByNameAndUnknownWhereThereIsNone) {
  const BinaryAttributes attributes{.names = {"hat", "smile"},
                                    .values = at::cat({column({1, 0, 1}), column({0, 0, 1})}, 1),
                                    .left_out = {}};
  const auto values = attributes_named(attributes, {"smile", "beard", "hat"});
  EXPECT_TRUE(at::equal(values.select(1, 0), at::tensor({0, 0, 1}, at::kLong)));
  EXPECT_TRUE((values.select(1, 1) == kUnknown).all().item<bool>());
  EXPECT_TRUE(at::equal(values.select(1, 2), at::tensor({1, 0, 1}, at::kLong)));
}

TEST(AttributeCorrelations, AreNotKnownOfWhatNobodyKnows) {
  const auto values =
      at::cat({column({1, 0, 1, 0}), column({1, 0, 1, 0}), column({-1, -1, -1, 1}), column({1, 1, 1, 1})}, 1);
  const auto phi = attribute_correlations(values);
  EXPECT_NEAR(phi[0][1].item<double>(), 1, 1e-12);
  EXPECT_TRUE(std::isnan(phi[0][2].item<double>()));
  EXPECT_EQ(phi[0][3].item<double>(), 0) << "it does not vary";
  EXPECT_EQ(phi[2][2].item<double>(), 1);
}

TEST(DiagnosisJudge, SaysNothingOfAnAttributeThatItsImagesDoNotHave) {
  const TrainedModel trained = test::small_model();
  const AttributeImages train = with_attributes(open_dataset(trained.config.data, Split::kTrain), "");
  const auto& known = train.attributes.names;
  const std::vector<std::string> names{known[1], "beard", known[0]};
  const DiagnosisJudge judge = train_diagnosis_judge(trained, train, names, {.steps = 3});
  ASSERT_EQ(judge.judge.names, names);
  EXPECT_TRUE(std::isnan(judge.judge.accuracy[1].item<double>()));
  const auto probabilities = judge.judge.probabilities(train.images.slice(0, 4));
  EXPECT_TRUE(probabilities.select(1, 1).isnan().all().item<bool>());
  EXPECT_TRUE(probabilities.index_select(1, at::tensor({0, 2})).isfinite().all().item<bool>());
  EXPECT_FALSE(are_confounded(judge.correlations, 0, 1));
  const auto expected = attribute_correlations(train.attributes.values)[0][1].item<double>();
  EXPECT_NEAR(judge.correlations[0][2].item<double>(), expected, 1e-12);
  EXPECT_FALSE(is_reliable(judge.judge.accuracy)[1].item<bool>());
}

TEST(DiagnosisJudge, NamesTheAttributesThatItIsWrongAboutInALineOfTheirOwn) {
  const TrainedModel trained = test::small_model();
  const AttributeImages train = with_attributes(open_dataset(trained.config.data, Split::kTrain), "");
  std::vector<std::string> names = train.attributes.names;
  names.push_back("beard");
  testing::internal::CaptureStderr();
  const DiagnosisJudge judge = train_diagnosis_judge(trained, train, names, {.steps = 1});
  const std::string said = testing::internal::GetCapturedStderr();
  std::vector<std::string> wrong;
  for (size_t a = 0; a < names.size(); ++a) {
    const double accuracy = judge.judge.accuracy[static_cast<int64_t>(a)].item<double>();
    if (accuracy < 0.8) wrong.push_back(names[a]);
  }
  ASSERT_FALSE(wrong.empty()) << "after a single step";
  EXPECT_NE(said.find("the judge is wrong about " + join(wrong) +
                      " too often: nothing is said of what edits do to it; give images to learn from with "
                      "--judge"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("the judge cannot tell beard: "), std::string::npos) << said;
}

TEST(DiagnosisJudge, LearnsFromOtherDataThatIsAskedFor) {
  const TrainedModel trained = test::small_model();
  const AttributeImages train = with_attributes(open_dataset(trained.config.data, Split::kTrain), "");
  const auto learn = [&](const std::vector<std::string>& data) {
    return train_diagnosis_judge(trained, train, train.attributes.names, {.data = data, .steps = 2});
  };
  EXPECT_EQ(learn({}).data, "the training images");
  const DiagnosisJudge judge = learn({"data.faces.correlation=1", "data.faces.train_images=80"});
  EXPECT_EQ(judge.data, "data.faces.correlation=1, data.faces.train_images=80");
  const auto columns = columns_of({"blond_hair", "smile"}, train.attributes.names);
  EXPECT_NEAR(judge.correlations[columns[0]][columns[1]].item<double>(), 1, 1e-12)
      << "they always go together";
  EXPECT_LT(std::abs(learn({}).correlations[columns[0]][columns[1]].item<double>()), 0.9);
}

TEST(DiagnosisJudge, TakesTheAttributesOfOtherDataWhateverTheRunChoseOfItsOwn) {
  TrainedModel trained = test::small_model();
  const AttributeImages train = with_attributes(open_dataset(trained.config.data, Split::kTrain), "");
  trained.config.data.attributes = {"hospital", "hat"};
  trained.config.data.where = "hospital=1";
  const DiagnosisJudge judge =
      train_diagnosis_judge(trained, train, {"hospital", "hat", "smile"},
                            {.data = {"data.faces.correlation=0", "data.faces.train_images=80"}, .steps = 2});
  EXPECT_TRUE(std::isnan(judge.judge.accuracy[0].item<double>()));
  EXPECT_TRUE(at::isfinite(judge.judge.accuracy.slice(0, 1)).all().item<bool>());
}

TEST(DiagnosisJudge, RefusesDataThatTheModelDoesNotLookAt) {
  const TrainedModel trained = test::small_model();
  const AttributeImages train = with_attributes(open_dataset(trained.config.data, Split::kTrain), "");
  const auto mistake = [&](const std::string& word) {
    return test::message_of(
        [&] { train_diagnosis_judge(trained, train, train.attributes.names, {.data = {word}, .steps = 2}); });
  };
  EXPECT_EQ(mistake("training.epochs=3"),
            "judge 'training.epochs=3': expected a setting of the data, as data.path=FOLDER "
            "(words for the run stand before --judge)");
  for (const std::string word : {"data.size=64", "data.channels=1"}) {
    EXPECT_EQ(mistake(word),
              "judge: looks at images as the model makes them; data.channels and data.size stay");
  }
}

TEST(DiagnosisJudge, NeedsAnAttributeOfTwoValues) {
  const TrainedModel trained = test::small_model();
  AttributeImages train = with_attributes(open_dataset(trained.config.data, Split::kTrain), "");
  train.attributes = {.names = {}, .values = at::empty({64, 0}, at::kLong), .left_out = {"hat (1 value)"}};
  EXPECT_EQ(
      test::message_of([&] { train_diagnosis_judge(trained, train, {"hat"}, {.steps = 3}); }),
      "the judge has nothing to learn: no attribute of the training images has two values (hat (1 value))");
}

}  // namespace
}  // namespace patronus
