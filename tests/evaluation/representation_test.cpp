#include "patronus/evaluation/representation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <limits>

#include "patronus/analysis/encode.h"
#include "patronus/core/random.h"
#include "patronus/metrics/auroc.h"
#include "patronus/training/trainer.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/small_model.h"

namespace patronus {
namespace {

AttributeTable table(std::vector<std::string> names, const std::vector<std::vector<int64_t>>& rows) {
  std::vector<at::Tensor> tensors;
  for (const auto& row : rows) tensors.push_back(at::tensor(row));
  const size_t columns = names.size();
  return {std::move(names), at::stack(tensors), std::vector<std::vector<std::string>>(columns)};
}

TEST(BinaryAttributes, AreTheColumnsWithTwoValues) {
  const auto binary =
      binary_attributes(table({"hat", "constant", "flag"}, {{0, 1, 0}, {1, 1, 1}, {0, 1, 0}}));
  EXPECT_EQ(binary.names, (std::vector<std::string>{"hat", "flag"}));
  EXPECT_EQ(binary.left_out, std::vector<std::string>{"constant (1 value)"});
  EXPECT_TRUE(at::equal(binary.values, at::tensor({0, 0, 1, 1, 0, 0}, at::kLong).view({3, 2})));
}

TEST(BinaryAttributes, KeepWhatIsUnknown) {
  const auto binary = binary_attributes(table({"hat", "never"}, {{0, -1}, {-1, -1}, {1, -1}}));
  EXPECT_EQ(binary.names, std::vector<std::string>{"hat"});
  EXPECT_EQ(binary.left_out, std::vector<std::string>{"never (0 values)"});
  EXPECT_TRUE(at::equal(binary.values, at::tensor({0, -1, 1}, at::kLong).view({3, 1})));
}

TEST(BinaryAttributes, OfMoreValuesAreOneAgainstTheRest) {
  auto groups = table({"group", "sex"}, {{2, 1}, {0, 0}, {1, 1}, {-1, -1}});
  groups.value_names = {{"a", "b", "c"}, {"female", "male"}};
  const auto binary = binary_attributes(groups);
  EXPECT_EQ(binary.names, (std::vector<std::string>{"group=a", "group=b", "group=c", "sex=male"}));
  EXPECT_TRUE(at::equal(binary.values[0], at::tensor({0, 0, 1, 1}, at::kLong)));
  EXPECT_TRUE(at::equal(binary.values[3], at::tensor({-1, -1, -1, -1}, at::kLong)));
  EXPECT_TRUE(binary.are_of_one_column(0, 2));
  EXPECT_FALSE(binary.are_of_one_column(2, 3));
  EXPECT_FALSE(binary.are_of_one_column(2, 2));
  EXPECT_TRUE(at::equal(binary.others_than(1), at::tensor({0, 0, 0, 1}).to(at::kBool)));
  EXPECT_TRUE(at::equal(binary.others_than(3), at::tensor({1, 1, 1, 0}).to(at::kBool)));
  std::vector<std::vector<int64_t>> ages;
  for (int64_t i = 0; i < 30; ++i) ages.push_back({i});
  EXPECT_EQ(binary_attributes(table({"age"}, ages)).left_out, std::vector<std::string>{"age (30 values)"});
  EXPECT_EQ(binary_attributes(table({"label"}, ages)).names.size(), 30u)
      << "classes are never too many so soon";
}

TEST(BinaryAttributes, OfAnotherSplitHaveTheSameMeaning) {
  const auto train = binary_attributes(table({"group", "size"}, {{2, 0}, {0, 1}, {1, 0}}));
  const auto test = binary_attributes_like(train, table({"group", "size"}, {{0, 1}, {1, 2}, {1, -1}}));
  EXPECT_EQ(test.names, train.names);
  EXPECT_TRUE(
      at::equal(test.values, at::tensor({1, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, -1}, at::kLong).view({3, 4})))
      << test.values;
}

TEST(BinaryAttributes, OfAClassDataSetAreItsClasses) {
  auto labels = table({"label"}, {{2}, {0}, {1}});
  labels.value_names = {{"cat", "dog", "bird"}};
  const auto binary = binary_attributes(labels);
  EXPECT_EQ(binary.names, (std::vector<std::string>{"cat", "dog", "bird"}));
  EXPECT_TRUE(at::equal(binary.values, at::tensor({0, 0, 1, 1, 0, 0, 0, 1, 0}, at::kLong).view({3, 3})));
}

TEST(BinaryAttributes, OfTwoClassesIsTheSecond) {
  auto labels = table({"label"}, {{1}, {0}, {1}});
  labels.value_names = {{"cat", "dog"}};
  const auto binary = binary_attributes(labels);
  EXPECT_EQ(binary.names, (std::vector<std::string>{"dog"}));
  EXPECT_TRUE(at::equal(binary.values, at::tensor({1, 0, 1}, at::kLong).view({3, 1})));
}

TEST(BinaryAttributes, AreNoneWhereNothingVaries) {
  const auto binary = binary_attributes(table({"constant"}, {{3}, {3}}));
  EXPECT_TRUE(binary.names.empty());
  EXPECT_EQ(binary.values.sizes(), (at::IntArrayRef{2, 0}));
}

TEST(ClassAttributes, HaveMoreThanTwoValuesButForLabels) {
  const auto classes = class_attributes(
      table({"group", "sex", "label"}, {{2, 1, 0}, {0, 0, 1}, {1, 1, 1}, {2, 0, 1}, {-1, -1, 1}}));
  ASSERT_EQ(classes.size(), 2u);
  EXPECT_EQ(classes[0].name, "group");
  EXPECT_FALSE(classes[0].is_label);
  EXPECT_EQ(classes[0].classes, 3);
  EXPECT_EQ(classes[0].known, 4);
  EXPECT_EQ(classes[0].unknown, 1);
  EXPECT_EQ(classes[0].most_frequent_share, 0.5);
  EXPECT_TRUE(at::equal(classes[0].values, at::tensor({2, 0, 1, 2, -1}, at::kLong)));
  EXPECT_EQ(classes[1].name, "label");
  EXPECT_TRUE(classes[1].is_label);
  EXPECT_EQ(classes[1].classes, 2);
  EXPECT_EQ(classes[1].most_frequent_share, 0.8);
}

TEST(ClassAttributes, HaveNoMoreValuesThanAreProbedOneAgainstTheRest) {
  const auto probed = [](const std::string& name, int64_t values) {
    const AttributeTable one{{name}, at::arange(values).unsqueeze(1), {{}}};
    EXPECT_EQ(class_attributes(one).empty(), binary_attributes(one).names.empty()) << name << values;
    return class_attributes(one).size() == 1;
  };
  EXPECT_TRUE(probed("age", 20));
  EXPECT_FALSE(probed("age", 21));
  EXPECT_TRUE(probed("label", 100));
  EXPECT_FALSE(probed("label", 101));
}

/// Classes of images under the name "label".
std::vector<ClassAttribute> labels(const at::Tensor& values) {
  return class_attributes({{"label"}, values.unsqueeze(1), {{}}});
}

/// Ten vectors of which the first code is the attribute.
struct Coded {
  at::Tensor values = (at::arange(200) % 2).unsqueeze(1);
  BinaryAttributes attributes{{"even"}, values, {}};
  at::Tensor vectors =
      at::cat({values.to(at::kDouble), at::randn({200, 2}, make_generator(1), at::kDouble)}, 1);
};

TEST(RepresentationScores, FindTheCodeThatIsTheAttribute) {
  const Coded coded;
  const auto scores = score_representation("codes", coded.vectors, coded.attributes, {});
  EXPECT_EQ(scores.name, "codes");
  EXPECT_EQ(latent_auroc(scores.probe).mean, 1);
  EXPECT_EQ(scores.tad.captured.mean, 1);
  EXPECT_GT(scores.tad.tad.mean, 0.35);
  EXPECT_TRUE(scores.classes.empty());
  const auto classed =
      score_representation("codes", coded.vectors, coded.attributes, labels(coded.values.squeeze(1)));
  ASSERT_EQ(classed.classes.size(), 1u);
  EXPECT_EQ(class_accuracy(classed.classes[0]).mean, 1);
}

TEST(RepresentationScores, TellTheClassesOfEveryAttributeOnTheSameFolds) {
  const Coded coded;
  const auto groups = at::arange(200).remainder(3);
  const auto others = at::randint(0, 4, {200}, make_generator(2), at::kLong);
  const auto vectors = at::cat({coded.vectors, at::one_hot(groups, 3).to(at::kDouble)}, 1);
  const auto classes =
      class_attributes({{"group", "other"}, at::stack({groups, others}, 1), {{"a", "b", "c"}, {}}});
  const auto scores = score_representation("codes", vectors, coded.attributes, classes);
  ASSERT_EQ(scores.classes.size(), 2u);
  EXPECT_EQ(class_accuracy(scores.classes[0]).mean, 1);
  EXPECT_EQ(class_accuracy(scores.classes[0]).count, 5);
  EXPECT_LT(class_accuracy(scores.classes[1]).mean, 0.4) << "which the vectors do not hold";
  const auto alone = probe_classes(vectors, others, k_folds(200));
  EXPECT_TRUE(at::equal(scores.classes[1].accuracy, alone.accuracy));
}

TEST(RepresentationScores, ComeFromTheRowsWhoseValueIsKnown) {
  const Coded coded;
  auto values = coded.values.clone();
  auto third = values.slice(0, 0, values.size(0), 3);
  third.copy_(1 - third);  // wrong labels,
  const auto scored = [&] {
    return score_representation("codes", coded.vectors, {{"even"}, values, {}}, labels(values.squeeze(1)));
  };
  const auto wrong = scored();
  third.fill_(kUnknown);  // which nobody believes
  const auto known = scored();
  EXPECT_LT(latent_auroc(wrong.probe).mean, 0.8);
  EXPECT_EQ(latent_auroc(known.probe).mean, 1);
  EXPECT_EQ(class_accuracy(known.classes.at(0)).mean, 1);
  EXPECT_EQ(known.tad.captured.mean, 1);
  EXPECT_GT(known.mig, wrong.mig);
}

TEST(RepresentationScores, AreRefusedForVectorsThatAreNotFinite) {
  Coded coded;
  coded.vectors[7][1] = std::numeric_limits<double>::quiet_NaN();
  coded.vectors[9][0] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(test::message_of([&] { score_representation("codes", coded.vectors, coded.attributes, {}); }),
            "codes: 2 of 200 vectors are not finite, the first is number 7");
}

class RepresentationOfASmallModel : public testing::Test {
 protected:
  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTrain);
};

TEST_F(RepresentationOfASmallModel, StandsBesideBaselinesOnTheSameImages) {
  const auto r = evaluate_representation(trained, faces, faces, Split::kTrain, 50);
  EXPECT_EQ(r.split, "train");
  ASSERT_EQ(r.scores.size(), 3u);
  EXPECT_EQ(r.scores[0].name, "prototypes");
  EXPECT_EQ(r.scores[1].name, "pca");
  EXPECT_EQ(r.scores[2].name, "random encoder");
  EXPECT_EQ(r.attributes.names.size(), 9u);
  EXPECT_EQ(r.activation.size(0), 50);
  const auto all = evaluate_representation(trained, faces, faces, Split::kTrain, 10000);
  EXPECT_TRUE(test::close(all.activation, encode_activations(trained.model.encoder, faces), 0));
}

TEST_F(RepresentationOfASmallModel, TooFewImagesAreAnObstacle) {
  trained.config.data.faces.train_images = 9;
  EXPECT_EQ(reason_unprobeable(open_dataset(trained.config.data, Split::kTrain)),
            "9 images; five folds take at least 10");
  EXPECT_EQ(reason_unprobeable(faces), "");
}

TEST_F(RepresentationOfASmallModel, NamesThePrototypeThatTellsEachAttributeBest) {
  const auto r = evaluate_representation(trained, faces, faces, Split::kTrain, 64);
  const auto positive = auroc_of_columns(r.activation, r.attributes.values);
  ASSERT_EQ(r.captures.size(), 9u);
  for (size_t a = 0; a < 9; ++a) {
    const AttributeCapture& capture = r.captures[a];
    const auto row = positive[static_cast<int64_t>(a)];
    EXPECT_EQ(capture.positive_auroc, row[capture.prototype].item<double>());
    // Best on average over the folds, and so about best over all images.
    EXPECT_GT(std::max(capture.positive_auroc, 1 - capture.positive_auroc),
              sign_free(row).max().item<double>() - 0.05);
    EXPECT_GE(capture.auroc.count, 4) << "a fold may lack a rare attribute";
    EXPECT_LT(capture.second.mean, capture.auroc.mean + 0.1);
    EXPECT_EQ(capture.best_prototypes.size(), 5u);
    EXPECT_EQ(capture.best_prototypes.front(), capture.prototype);
    EXPECT_LE(capture.captured, capture.possible);
  }
}

TEST_F(RepresentationOfASmallModel, CapturedAttributesAreThoseOfTheEvaluation) {
  const auto r = evaluate_representation(trained, faces, faces, Split::kTrain, 60);
  const auto captured = captured_attributes(trained, faces, 60);
  size_t next = 0;
  for (const auto& capture : r.captures) {
    if (!capture.captured || capture.too_few_images) continue;
    ASSERT_LT(next, captured.size());
    EXPECT_EQ(captured[next].name, capture.name);
    EXPECT_EQ(captured[next].prototype, capture.prototype);
    EXPECT_EQ(captured[next].inverse, capture.positive_auroc < 0.5);
    ++next;
  }
  EXPECT_EQ(next, captured.size());
  EXPECT_GT(next, 0u) << "even random features see the background's colour";
}

TEST_F(RepresentationOfASmallModel, AttributesOfTooFewImagesAreNotCalledCaptured) {
  const auto r = evaluate_representation(trained, faces, faces, Split::kTrain, 30);
  EXPECT_TRUE(std::ranges::any_of(r.captures, &AttributeCapture::captured));
  EXPECT_TRUE(std::ranges::all_of(r.captures, &AttributeCapture::too_few_images)) << "of 30, not 20 each";
  EXPECT_TRUE(captured_attributes(trained, faces, 30).empty());
}

TEST_F(RepresentationOfASmallModel, TheUntrainedEncoderIsTheOneThatTrainingBeganWith) {
  trained.config.model.prototypes.init = PrototypeInit::kData;
  Trainer beginning(trained.config, 1, at::kCPU, Precision::kFloat32);
  beginning.initialize_prototypes(faces);
  trained.model.load_state(beginning.model().state());
  trained.model.eval();
  trained.config.seed = 9;  // of what is drawn now
  const auto r = evaluate_representation(trained, faces, faces, Split::kTrain, 64);
  EXPECT_TRUE(at::equal(r.scores[0].probe.importance, r.scores[2].probe.importance));
}

TEST_F(RepresentationOfASmallModel, TheUntrainedEncoderIsNotTheTrainedOne) {
  // small_model is untrained itself: let "training" move its prototypes.
  const c10::NoGradGuard no_grad;
  trained.model.encoder->prototypes().mul_(1.5);
  const auto r = evaluate_representation(trained, faces, faces, Split::kTrain, 64);
  EXPECT_FALSE(at::equal(r.scores[0].probe.importance, r.scores[2].probe.importance));
}

}  // namespace
}  // namespace patronus
