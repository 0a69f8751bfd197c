#include "patronus/diagnosis/edit_experiment.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <tuple>

#include "patronus/analysis/encode.h"
#include "patronus/core/pixels.h"
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
  EXPECT_TRUE(at::equal(trial.direction > 0, values == 0));
  const auto population = encoded.activations.trained.slice(0, 0, 32).select(1, 2);
  const auto own = experiment.images().activation.select(1, 2);
  const auto expected =
      at::where(trial.direction > 0, at::maximum(own, population.max()), at::minimum(own, population.min()));
  EXPECT_TRUE(at::equal(trial.target.select(1, 2), expected));
  const auto others = at::tensor({0, 1, 3, 4, 5});
  EXPECT_TRUE(at::equal(trial.target.index_select(1, others),
                        experiment.images().activation.index_select(1, others)));
  EXPECT_TRUE(
      test::close(trial.effect(), trial.direction.unsqueeze(1) * (trial.edited - trial.control), 1e-12));
}

TEST_F(Experiment, AnActivationThatFallsWithTheAttributeIsLowered) {
  const EditExperiment experiment(trained, encoded, judge, options);
  const EditTrial trial = experiment.run(1, EditKind::kSingle);
  const auto moved = trial.target.select(1, 4) - experiment.images().activation.select(1, 4);
  EXPECT_TRUE((moved * trial.direction <= 0).all().item<bool>());
  EXPECT_TRUE((moved != 0).any().item<bool>());
}

TEST_F(Experiment, AnEditByExampleAddsTheDifferenceOfTheMeansOfTheChoosingHalf) {
  // In the other half the attribute is the opposite, which must be of no matter.
  auto values = encoded.images.attributes.values.select(1, 0);
  values.copy_((encoded.activations.trained.select(1, 2) > 0).to(at::kLong));
  values.slice(0, 0, 32).copy_(at::arange(32).remainder(3) == 0);
  const EditExperiment experiment(trained, encoded, judge, options);
  const EditTrial trial = experiment.run(0, EditKind::kExample);
  const auto choose = encoded.activations.trained.slice(0, 0, 32);
  const auto mean_of = [&](int64_t value) {
    return choose.index_select(0, (values.slice(0, 0, 32) == value).nonzero().squeeze(1)).mean(0);
  };
  const auto expected = experiment.images().activation +
                        trial.direction.unsqueeze(1).to(at::kFloat) * (mean_of(1) - mean_of(0));
  EXPECT_TRUE(test::close(trial.target, expected, 1e-5));
}

TEST_F(Experiment, InACorrelatedEditThoseFollowThatCorrelateInTheChoosingHalf) {
  // There prototype 5 is three times prototype 2, and elsewhere not.
  encoded.activations.trained = encoded.activations.trained.clone();
  const auto choose = encoded.activations.trained.slice(0, 0, 32);
  choose.select(1, 5).copy_(3 * choose.select(1, 2));
  options.correlated = 0.999;
  const EditExperiment experiment(trained, encoded, judge, options);
  const auto& before = experiment.images().activation;
  const auto single = experiment.run(0, EditKind::kSingle).target - before;
  const auto correlated = experiment.run(0, EditKind::kCorrelated).target - before;
  EXPECT_TRUE(test::close(correlated.select(1, 2), single.select(1, 2), 1e-6));
  EXPECT_TRUE(test::close(correlated.select(1, 5), 3 * single.select(1, 2), 1e-4));
  EXPECT_GT(single.select(1, 2).abs().max().item<double>(), 0);
  EXPECT_EQ(correlated.index_select(1, at::tensor({0, 1, 3, 4})).abs().max().item<double>(), 0);
}

TEST_F(Experiment, EditsDifferentImagesOfTheReportedHalf) {
  const EditExperiment experiment(trained, encoded, judge, options);
  ASSERT_EQ(experiment.rows().size(0), 6);
  EXPECT_GE(experiment.rows().min().item<int64_t>(), 32);
  EXPECT_EQ(std::get<0>(at::_unique(experiment.rows())).size(0), 6);
  for (int64_t i = 0; i < 6; ++i)
    EXPECT_EQ(experiment.images().files[i], faces.file(experiment.rows()[i].item<int64_t>()));
  EXPECT_TRUE(
      test::close(experiment.judged_original(), judge.probabilities(experiment.images().original), 0));
  EXPECT_TRUE(test::close(experiment.judged_identity(), judge.probabilities(experiment.images().image), 0));
  options.seed = 1;
  EXPECT_FALSE(at::equal(EditExperiment(trained, encoded, judge, options).rows(), experiment.rows()));
  options.images = 1000;
  EXPECT_EQ(EditExperiment(trained, encoded, judge, options).rows().size(0), 32) << "all that there are";
}

TEST_F(Experiment, ControlsAreRandomDirectionsOfTheirOwnForEveryAttributeAndImage) {
  const EditExperiment experiment(trained, encoded, judge, options);
  const EditTrial first = experiment.run(0, EditKind::kExample),
                  second = experiment.run(1, EditKind::kExample),
                  again = experiment.run(0, EditKind::kExample);
  EXPECT_TRUE(at::equal(first.control, again.control)) << "the same every time";
  EXPECT_FALSE(at::equal(first.control, second.control));
  const auto placebo = experiment.placebo_of(first).target - experiment.images().activation;
  const auto cosines = at::cosine_similarity(placebo.slice(0, 0, 1), placebo.slice(0, 1), 1);
  EXPECT_LT(cosines.abs().max().item<double>(), 0.999) << "another for each image";
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

TEST(ShownImages, AreTheFirstOfEitherDirectionInWhichSomethingIsAsked) {
  const auto shown = [](const std::vector<double>& direction) {
    return shown_images(at::tensor(direction, at::kDouble));
  };
  EXPECT_EQ(shown({0, 1, -1, 1, 1, 1, 1, -1}), (std::vector<int64_t>{1, 3, 4, 5, 2, 7}));
  EXPECT_EQ(shown({0, 0}), std::vector<int64_t>{});
}

TEST_F(Experiment, KeepsPicturesOfTheShownImagesAlone) {
  options.images = 32;
  encoded.images.attributes.values.select(1, 0).copy_(at::arange(64) % 3 == 0);
  const EditExperiment experiment(trained, encoded, judge, options);
  const EditTrial trial = experiment.run(0, EditKind::kSingle);
  const auto shown = at::tensor(shown_images(trial.direction));
  ASSERT_EQ(shown.size(0), 8);
  const InvertedImages& images = experiment.images();
  const auto all =
      regenerate(trained, {images.x_T, images.activation, trial.target}, options.regenerate).image;
  EXPECT_TRUE(at::equal(trial.image, to_pixels(all.index_select(0, shown))));
  EXPECT_EQ(trial.control_image.sizes(), trial.image.sizes());
  encoded.images.attributes.values.slice(0, 32).select(1, 0).fill_(kUnknown);
  const EditTrial nothing = experiment.run(0, EditKind::kSingle);
  EXPECT_EQ(nothing.image.sizes(), trial.image.sizes()) << "of no image, but as many";
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
