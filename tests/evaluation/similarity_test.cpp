#include "patronus/evaluation/similarity.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "patronus/analysis/disable_prototypes.h"
#include "support/named.h"
#include "support/small_model.h"

namespace patronus {
namespace {

TEST(Similarity, NumbersAreOfAbsoluteValuesOffTheDiagonal) {
  SimilarityEvaluation evaluation;
  evaluation.vectors = at::tensor({1.0, -0.5, 0.0, -0.5, 1.0, 0.2, 0.0, 0.2, 1.0}, at::kFloat).view({3, 3});
  evaluation.activations = at::eye(3);
  const auto json = similarity_json(evaluation);
  EXPECT_NEAR(json["vectors"]["mean"].get<double>(), 1.4 / 6, 1e-6);
  EXPECT_NEAR(json["vectors"]["nearest"].get<double>(), 0.4, 1e-6);
  EXPECT_NEAR(json["vectors"]["largest"].get<double>(), 0.5, 1e-6);
  EXPECT_EQ(json["activations"]["largest"], 0);
  EXPECT_EQ(similarity_table(evaluation.vectors).rows[0], (std::vector<std::string>{"0", "1", "-0.5", "0"}));
}

TEST(Similarity, OfASinglePrototypeIsNone) {
  SimilarityEvaluation evaluation;
  evaluation.vectors = evaluation.activations = at::ones({1, 1});
  const auto json = similarity_json(evaluation);
  for (const char* matrix : {"vectors", "activations"}) {
    for (const char* number : {"mean", "nearest", "largest"}) EXPECT_EQ(json[matrix][number], 0) << number;
  }
  const Canvas drawn = draw_similarity(evaluation, {});
  EXPECT_GT(drawn.width(), 0);
  EXPECT_GT(
      draw_similarity(evaluation, test::named("0: a red hat with a wide brim and two feathers\n", 1)).width(),
      drawn.width());
}

TEST(Similarity, OfActivationsThatFallTogetherOrApartIsAbsolute) {
  SimilarityEvaluation evaluation;
  evaluation.split = "train";
  evaluation.images = 50;
  evaluation.vectors = at::eye(2);
  evaluation.activations = at::tensor({1.0, -0.75, -0.75, 1.0}, at::kFloat).view({2, 2});
  const std::string text = similarity_markdown(evaluation);
  EXPECT_NE(text.find("over 50 images of the train split"), std::string::npos) << text;
  EXPECT_NE(text.find("| vectors: cosine | 0.000 | 0.000 | 0.000 |"), std::string::npos) << text;
  EXPECT_NE(text.find("| activations: correlation | 0.750 | 0.750 | 0.750 |"), std::string::npos) << text;
}

TEST(Similarity, VectorsThatPointTheSameWayNeedNotAnswerAlike) {
  TrainedModel trained = test::small_model();
  {
    const c10::NoGradGuard no_grad;
    auto prototypes = trained.model.encoder->prototypes();
    prototypes[1].copy_(-3 * prototypes[0]);
    prototypes[3].copy_(prototypes[2]);
  }
  const Dataset images = open_dataset(trained.config.data, Split::kTest);
  const SimilarityEvaluation evaluation = evaluate_similarity(trained, images, Split::kTest);
  EXPECT_EQ(evaluation.images, 16);
  EXPECT_NEAR(evaluation.vectors[0][1].item<double>(), 1, 1e-5);
  EXPECT_LT(evaluation.activations[0][1].item<double>(), 0.999);
  EXPECT_NEAR(evaluation.activations[2][3].item<double>(), 1, 1e-9);
  EXPECT_EQ(evaluation.health.duplicates, 1);
  EXPECT_TRUE(at::allclose(evaluation.vectors, evaluation.vectors.t()));
}

TEST(Similarity, PrototypesThatAreDisabledAreDead) {
  TrainedModel trained = test::small_model();
  const Dataset images = open_dataset(trained.config.data, Split::kTest);
  const auto dead = [&] { return evaluate_similarity(trained, images, Split::kTest).health.dead; };
  const int64_t before = dead();
  disable_prototypes(trained, images, {1, 4});
  EXPECT_EQ(dead(), before + 2);
}

}  // namespace
}  // namespace patronus
