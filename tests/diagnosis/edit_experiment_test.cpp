#include "patronus/diagnosis/edit_experiment.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/analysis/encode.h"
#include "patronus/core/unknown.h"
#include "support/parity.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class Experiment : public testing::Test {
 protected:
  Experiment() {
    encoded.images = {faces, binary_attributes(faces.attributes())};
    encoded.halves = {at::arange(0, 32), at::arange(32, 64)};
    encoded.activations.trained = encode_activations(trained.model.encoder, faces);
    encoded.attributes.resize(encoded.images.attributes.names.size());
    encoded.attributes[0].prototype = 2;
    encoded.attributes[1].prototype = 4;
    encoded.attributes[1].rises = false;
    options.images = 6;
    options.regenerate.inversion.steps = 3;
  }

  at::Tensor length(const EditTrial& trial, const EditExperiment& experiment) const {
    const auto deviation = encoded.activations.trained.slice(0, 0, 32).std(0);
    const auto units = (trial.target - experiment.images().activation) / deviation;
    return at::where(deviation > 0, units, 0.).norm(2, 1);
  }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTrain);
  EncodedImages encoded;
  ExperimentOptions options;
  AttributeJudge judge{
      .names = {"bright", "red"},
      .accuracy = at::ones({2}, at::kDouble),
      .judge = [](const at::Tensor& images) {
        return at::stack({images.mean({1, 2, 3}), images.select(1, 0).mean({1, 2})}, 1).sigmoid();
      }};
};

TEST_F(Experiment, PutsAnAttributeIntoImagesWithoutItAndTakesItFromThoseWith) {
  const EditExperiment experiment(trained, encoded, judge, options);
  const EditTrial trial = experiment.run(0, EditKind::kSingle);
  const auto values = encoded.images.values(0, experiment.rows());
  EXPECT_TRUE(at::equal(trial.sense > 0, values == 0));
  const auto population = encoded.activations.trained.slice(0, 0, 32).select(1, 2);
  const auto own = experiment.images().activation.select(1, 2);
  const auto expected =
      at::where(trial.sense > 0, at::maximum(own, population.max()), at::minimum(own, population.min()));
  EXPECT_TRUE(at::equal(trial.target.select(1, 2), expected));
  const auto others = at::tensor({0, 1, 3, 4, 5});
  EXPECT_TRUE(at::equal(trial.target.index_select(1, others),
                        experiment.images().activation.index_select(1, others)));
  EXPECT_TRUE(test::close(trial.effect(), trial.sense.unsqueeze(1) * (trial.edited - trial.control), 1e-12));
}

TEST_F(Experiment, AnActivationThatFallsWithTheAttributeIsLowered) {
  const EditExperiment experiment(trained, encoded, judge, options);
  const EditTrial trial = experiment.run(1, EditKind::kSingle);
  const auto moved = trial.target.select(1, 4) - experiment.images().activation.select(1, 4);
  EXPECT_TRUE((moved * trial.sense <= 0).all().item<bool>());
  EXPECT_TRUE((moved != 0).any().item<bool>());
}

TEST_F(Experiment, PlacebosAreAsLongAsTheEditAndPointElsewhere) {
  const EditExperiment experiment(trained, encoded, judge, options);
  const EditTrial trial = experiment.run(0, EditKind::kExample);
  const EditTrial placebo = experiment.placebo_of(trial);
  EXPECT_TRUE(at::allclose(length(placebo, experiment), length(trial, experiment), 1e-4));
  EXPECT_TRUE(at::equal(placebo.control, trial.control)) << "beside the same control";
  EXPECT_FALSE(at::equal(placebo.edited, trial.control));
}

TEST_F(Experiment, APrototypeThatDoesNotVaryMakesNoPlaceboLonger) {
  // Means over 7 and over 25 images, which round differently.
  encoded.images.attributes.values.select(1, 0).copy_(at::arange(64) % 5 == 1);
  for (const float constant : {0.1f, 1.7f, 3.3f, 5.9f}) {
    trained.model.encoder->fix_activations(at::tensor({3}, at::kLong), at::tensor({constant}));
    encoded.activations.trained = encode_activations(trained.model.encoder, faces);
    const EditExperiment experiment(trained, encoded, judge, options);
    const EditTrial trial = experiment.run(0, EditKind::kExample);
    const EditTrial placebo = experiment.placebo_of(trial);
    EXPECT_TRUE(at::allclose(length(placebo, experiment), length(trial, experiment), 1e-4)) << constant;
  }
}

TEST_F(Experiment, AsksNothingOfImagesOfWhichTheAttributeIsUnknown) {
  encoded.images.attributes.values.slice(0, 32).select(1, 0).fill_(kUnknown);
  const EditExperiment experiment(trained, encoded, judge, options);
  for (const EditKind kind :
       {EditKind::kSingle, EditKind::kUnguided, EditKind::kCorrelated, EditKind::kExample}) {
    const EditTrial trial = experiment.run(0, kind);
    EXPECT_TRUE(at::equal(trial.target, experiment.images().activation)) << to_string(kind);
    EXPECT_EQ(trial.effect().abs().max().item<double>(), 0);
  }
}

TEST_F(Experiment, TheSameStepsGiveTheSameEffect) {
  const EditExperiment experiment(trained, encoded, judge, options);
  const EditTrial trial = experiment.run(0, EditKind::kSingle);
  EXPECT_TRUE(at::equal(experiment.effect_with_steps(trial, 3), trial.effect()));
  EXPECT_FALSE(at::equal(experiment.effect_with_steps(trial, 6), trial.effect()));
}

TEST_F(Experiment, AnUnguidedEditIsTheSingleOneAtStrengthOne) {
  const EditTrial unguided = EditExperiment(trained, encoded, judge, options).run(0, EditKind::kUnguided);
  EXPECT_FALSE(at::equal(unguided.image,
                         EditExperiment(trained, encoded, judge, options).run(0, EditKind::kSingle).image));
  options.regenerate.strength = 1;
  const EditTrial expected = EditExperiment(trained, encoded, judge, options).run(0, EditKind::kSingle);
  EXPECT_TRUE(at::equal(unguided.target, expected.target));
  EXPECT_TRUE(at::equal(unguided.image, expected.image));
}

}  // namespace
}  // namespace patronus
