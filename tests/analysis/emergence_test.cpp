#include "patronus/analysis/emergence.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "analysis/emergence_statistics.h"
#include "analysis/emergence_sums.h"
#include "analysis/emergence_trajectory.h"
#include "patronus/analysis/disable_prototypes.h"
#include "patronus/analysis/encode.h"
#include "patronus/core/random.h"
#include "patronus/diffusion/conditional_gain.h"
#include "patronus/diffusion/objective.h"
#include "patronus/io/table.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

at::Tensor curve(const std::vector<double>& values) {
  return at::tensor(values, at::kDouble);
}

double time_in(const std::vector<double>& values, double share) {
  return time_of_share(curve(values), {900, 600, 300, 0}, share).item<double>();
}

TEST(TimeOfShare, IsInterpolatedBetweenSteps) {
  EXPECT_NEAR(time_in({0, 0.4, 0.8, 1}, 0.5), 525, 1e-9);
  EXPECT_NEAR(time_in({0, 0, 0, 1}, 0.5), 150, 1e-9);
}

TEST(TimeOfShare, IsTheFirstLevelWhereTheShareIsThereFromTheStart) {
  EXPECT_EQ(time_in({0.6, 0.7, 0.8, 1}, 0.5), 900);
}

TEST(TimeOfShare, CountsWhatStays) {
  EXPECT_NEAR(time_in({0.9, 0.25, 0.75, 1}, 0.5), 450, 1e-9);
}

TEST(TimeOfShare, IsUnknownWhereTheCurveIs) {
  EXPECT_TRUE(std::isnan(time_in({0, std::nan(""), 0.8, 1}, 0.5)));
}

TEST(RankCorrelation, OfFewerThanFivePrototypesIsNotTold) {
  const auto x = at::arange(4, at::kDouble).expand({3, 4});
  const RankCorrelation relation = rank_correlation(x, x);
  EXPECT_TRUE(std::isnan(relation.spearman.value));
  EXPECT_EQ(relation.prototypes, 4);
}

TEST(RankCorrelation, OfTimesThatAreAllTheSameIsNone) {
  const auto x = at::full({3, 8}, 999., at::kDouble), y = at::rand({3, 8}, make_generator(1), at::kDouble);
  for (const auto& relation : {rank_correlation(x, y), rank_correlation(y, x)}) {
    EXPECT_TRUE(std::isnan(relation.spearman.value));
    EXPECT_EQ(relation.prototypes, 8);
  }
}

TEST(RankCorrelation, IsSpearmansWithAnIntervalThatCoversChance) {
  const auto x = at::arange(40, at::kDouble).expand({1001, 40});
  const RankCorrelation falling = rank_correlation(x, -x.exp());
  EXPECT_NEAR(falling.spearman.value, -1, 1e-12);
  EXPECT_NEAR(falling.spearman.high, -1, 1e-12);
  const auto noise = at::randn({1, 40}, make_generator(2), at::kDouble).expand({1001, 40});
  const RankCorrelation none = rank_correlation(x, noise);
  EXPECT_LT(none.spearman.low, 0);
  EXPECT_GT(none.spearman.high, 0);
}

/// Sums of images with the final difference `final` in each but for a spread, asked 1.
EmergenceSums sums_of(double final, double spread, int64_t images = 20) {
  EmergenceSums sums = empty_sums(1, 3, 2);
  const auto difference = final + spread * at::linspace(-1, 1, images, at::kDouble);
  sums.images = images;
  sums.seen.fill_(images);
  sums.loss.fill_(1);
  add_curves(sums, 0,
             {.image = at::arange(images),
              .weights = poisson_bootstrap_weights(1, 0, images, sums.counted.size(0) - 1),
              .target_change = at::ones({images}, at::kDouble),
              .difference = at::stack({0 * difference, difference / 2, difference}, 1),
              .late = at::stack({0.8 * difference, 0.3 * difference}, 1),
              .centroid = at::ones({images}, at::kDouble)});
  return sums;
}

EmergenceState state_of(const EmergenceSums& sums) {
  return emergence_of(sums, {7}, {{900, 450, 0}, {600, 300}}).states.front();
}

TEST(EmergenceStates, TellWhatEmergesFromWhatDoesNot) {
  EXPECT_EQ(state_of(sums_of(0.5, 0.2)), EmergenceState::kEmerges);
  EXPECT_EQ(state_of(sums_of(0.05, 1)), EmergenceState::kNoDifference);
  EXPECT_EQ(state_of(sums_of(-0.5, 0.2)), EmergenceState::kNoDifference);
  EXPECT_EQ(state_of(sums_of(0.05, 0.01)), EmergenceState::kTooLittle);
  EmergenceSums none = empty_sums(1, 3, 2);
  none.seen.fill_(20);
  EXPECT_EQ(state_of(none), EmergenceState::kCannotBeRaised);
}

TEST(EmergenceStates, FiveImagesAreTooFewToBeSure) {
  EXPECT_EQ(state_of(sums_of(0.5, 0, 5)), EmergenceState::kTooFewImages);
  EXPECT_EQ(state_of(sums_of(0.5, 0, 6)), EmergenceState::kEmerges);
}

TEST(EmergenceStates, AreCounted) {
  Emergence e;
  e.states = {EmergenceState::kNoDifference, EmergenceState::kEmerges, EmergenceState::kTooLittle,
              EmergenceState::kNoDifference};
  EXPECT_EQ(states_text(e), "1 of 4 prototypes emerge; no difference: 2, too little: 1");
  e.states = {EmergenceState::kEmerges};
  EXPECT_EQ(states_text(e), "1 of 1 prototypes emerge");
}

TEST(EmergenceStates, AnEmergingPrototypeHasCurvesTimesAndAnExample) {
  const Emergence e = emergence_of(sums_of(0.5, 0.2), {7}, {{900, 450, 0}, {600, 300}});
  EXPECT_TRUE(test::close(e.difference.value[0], curve({0, 0.25, 0.5}), 1e-12));
  EXPECT_TRUE(test::close(e.share.value[0], curve({0, 0.5, 1}), 1e-12));
  EXPECT_TRUE(test::close(e.time.value[0], curve({810, 450, 90}), 1e-9));
  EXPECT_NEAR(e.deviation[0][2].item<double>(),
              0.2 * at::linspace(-1, 1, 20, at::kDouble).std().item<double>(), 1e-9);
  EXPECT_EQ(e.starts, (std::vector<int64_t>{900, 600, 300, -1}));
  EXPECT_TRUE(test::close(e.late.value[0], curve({1, 0.8, 0.3, 0}), 1e-12));
  EXPECT_NEAR(e.decided.value[0].item<double>(), 600 - 300 * 0.3 / 0.5, 1e-9);
  EXPECT_EQ(e.example[0].item<int64_t>(), 19) << "the image with the largest final difference";
}

class EmergenceOfASmallModel : public testing::Test {
 protected:
  EmergenceOfASmallModel() {
    options.images = 8;
    options.prototypes = {4, 1};
    options.starts = 2;
    options.regenerate.inversion.steps = 4;
    options.regenerate.inversion.method = InversionMethod::kPlain;
    options.regenerate.batch_size = 3;
  }

  Emergence measure(const std::string& name) {
    std::filesystem::create_directories(folder.path() / name);
    return measure_emergence(trained, test_faces, faces, options, folder.path() / name);
  }

  test::TemporaryFolder folder;
  TrainedModel trained = test::small_model_of_file(folder);
  Dataset faces = open_dataset(trained.config.data, Split::kTrain);
  Dataset test_faces = open_dataset(trained.config.data, Split::kTest);
  EmergenceOptions options;
};

TEST_F(EmergenceOfASmallModel, IsTheMeanDifferenceOfTheActivationsOfTheEstimates) {
  options.starts = 1;
  options.regenerate.strength = 1000;  // this untrained model hardly listens
  options.images = test_faces.size();  // all, so that the order in which they are drawn is of no matter
  const Emergence e = measure("all");
  const auto real = encode_activations(trained.model.encoder, faces);
  const auto inverted = invert_images(trained, test_faces, at::arange(test_faces.size()), options.regenerate);
  const auto maximum = real.select(1, 4).max();
  const auto target_change = maximum - inverted.activation.select(1, 4);
  const auto rows = (target_change.to(at::kDouble) >= 0.5 * real.select(1, 4).to(at::kDouble).std(0, false))
                        .nonzero()
                        .squeeze(1);
  ASSERT_GT(rows.numel(), 1);
  auto edited = inverted.activation.index_select(0, rows);
  const auto before = edited.clone();
  edited.select(1, 4).fill_(maximum.item<float>());
  const auto model = conditional_denoiser(trained);
  const auto own = model(before, Precision::kFloat32), other = model(edited, Precision::kFloat32);
  const Denoiser raised = [&](const at::Tensor& x, int64_t t) {
    const Prediction a = own(x, t), b = other(x, t);
    const double w = options.regenerate.strength;
    return Prediction{a.x0 + w * (b.x0 - a.x0), a.eps + w * (b.eps - a.eps)};
  };
  const auto curves = [&](const Denoiser& denoiser) {
    std::vector<at::Tensor> steps;
    const StepHook hook = [&](const SamplerState& step) {
      steps.push_back(trained.model.encoder->forward(step.x0.clamp(-1, 1)).activation.select(1, 4));
    };
    sample(denoiser, inverted.x_T.index_select(0, rows), trained.schedule, {.steps = 4}, {.step = hook});
    return at::stack(steps, 1).to(at::kDouble);
  };
  const auto difference = curves(raised) - curves(own);
  EXPECT_EQ(e.counted[0].item<double>(), static_cast<double>(rows.numel()));
  const double size = difference.abs().max().item<double>();
  EXPECT_GT(size, 1e-2);  // guidance multiplies rounding, too, to about 1e-4
  EXPECT_TRUE(test::close(e.difference.value[0], difference.mean(0), 5e-3 * size));
  EXPECT_TRUE(test::close(e.deviation[0], difference.std(0), 5e-3 * size));
  EXPECT_NEAR(e.target_change[0].item<double>(), target_change.index_select(0, rows).mean().item<double>(),
              1e-5);
  const Denoiser late = [&](const at::Tensor& x, int64_t t) { return t > 333 ? own(x, t) : raised(x, t); };
  const auto share = (curves(late) - curves(own)).mean(0)[-1] / difference.mean(0)[-1];
  EXPECT_EQ(e.starts, (std::vector<int64_t>{999, 333, -1}));
  EXPECT_NEAR(e.late.value[0][1].item<double>(), share.item<double>(), 1e-2);
  EXPECT_EQ(e.timesteps, (std::vector<int64_t>{999, 666, 333, 0}));
}

TEST_F(EmergenceOfASmallModel, ALateEditGoesOnFromWhereSamplingWithoutItHasCome) {
  const auto inverted = invert_images(trained, test_faces, at::arange(3), options.regenerate);
  const auto model = conditional_denoiser(trained);
  const auto own = model(inverted.activation, Precision::kFloat32),
             edited = model(inverted.activation + 10, Precision::kFloat32);
  constexpr int64_t kStart = 333;
  at::Tensor state;
  const Denoiser switched = [&](const at::Tensor& x_t, int64_t t) {
    if (t == kStart) state = x_t;
    return t > kStart ? own(x_t, t) : edited(x_t, t);
  };
  const auto draw = [&](const Denoiser& denoiser) {
    return sample(denoiser, inverted.x_T, trained.schedule, {.steps = 4});
  };
  const auto expected = draw(switched);
  EXPECT_TRUE(at::equal(late_image(trained.schedule, edited, state, kStart, 4), expected));
  EXPECT_FALSE(at::equal(draw(edited), expected));
  EXPECT_FALSE(at::equal(draw(own), expected));
}

TEST_F(EmergenceOfASmallModel, GoesOnFromWhatIsKeptAndDoesNotDependOnTheBatchSize) {
  const Emergence at_once = measure("at once");
  options.images = 5;
  measure("in parts");
  options.images = 8;
  options.regenerate.batch_size = 2;
  testing::internal::CaptureStderr();
  const Emergence in_parts = measure("in parts");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("5 of 8 images known"), std::string::npos);
  EXPECT_EQ(in_parts.images, 8);
  EXPECT_TRUE(test::close(in_parts.difference.low, at_once.difference.low, 1e-4));
  EXPECT_TRUE(test::close(in_parts.loss.value, at_once.loss.value, 1e-4));
  EXPECT_TRUE(at::equal(in_parts.example, at_once.example));
}

TEST_F(EmergenceOfASmallModel, MoreImagesThanAreAskedForAreTakenWhereTheyAreKnown) {
  const Emergence eight = measure("known");
  options.images = 5;
  testing::internal::CaptureStderr();
  const Emergence again = measure("known");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("all of them are taken, not 5"), std::string::npos);
  EXPECT_EQ(again.images, 8);
  EXPECT_TRUE(at::equal(again.difference.value, eight.difference.value));
}

TEST_F(EmergenceOfASmallModel, WhatIsKeptOfOtherSettingsIsNotUsed) {
  measure("kept");
  options.regenerate.strength = 3;
  const Emergence again = measure("kept"), anew = measure("anew");
  EXPECT_TRUE(at::equal(again.difference.value, anew.difference.value));
}

TEST_F(EmergenceOfASmallModel, LossesAreThoseOfTheTrainingObjective) {
  options.images = test_faces.size();
  const Emergence e = measure("losses");
  {
    const c10::NoGradGuard no_grad;
    const uint64_t seed = trained.config.seed_for("emergence");
    const auto order = random_permutation(16, seed);
    const auto images = test_faces.images(order);
    const auto noise = noise_per_image(image_seeds(seed, "condition", 0, 16))(images);
    const auto timesteps = at::full({16}, e.timesteps[1], at::kLong);
    const auto noisy = noisy_images(images, noise, timesteps, trained.schedule, PredictionKind::kV);
    const auto own = trained.model.encoder->forward(images).activation;
    const auto mean = encode_activations(trained.model.encoder, faces).mean(0, true).expand_as(own);
    const at::Tensor conditions[]{own, own.roll(-1, 0), mean};
    for (int64_t c = 0; c < 3; ++c) {
      const auto output = trained.model.unet->forward(noisy.x_t, timesteps, conditions[c]);
      EXPECT_NEAR(e.loss.value[1][c].item<double>(), at::mse_loss(output, noisy.target).item<double>(), 1e-5)
          << c;
    }
  }
  ASSERT_EQ(e.loss.value.sizes(), (at::IntArrayRef{4, 3}));
  EXPECT_TRUE((e.loss.value > 0).all().item<bool>());
  EXPECT_TRUE(
      test::close(e.cost.value.select(1, 0), e.loss.value.select(1, 1) / e.loss.value.select(1, 0), 1e-9));
  for (auto& [name, parameter] : trained.model.parameters()) {
    if (name.starts_with("cond_embeddings")) parameter.set_data(at::zeros_like(parameter));
  }
  const Emergence deaf = measure("deaf");
  EXPECT_TRUE(test::close(deaf.cost.value, at::ones({4, 2}, at::kDouble), 1e-5))
      << "a network that does not use the condition loses nothing with another";
}

TEST_F(EmergenceOfASmallModel, TablesHoldTheNumbersOfTheirColumns) {
  const Emergence e = measure("tables");
  const EmergenceStrips strips = emergence_strips(trained, test_faces, faces, e, options);
  write_emergence(folder.path(), trained, e, strips, options);
  const auto expect_cell = [&](const Table& table, size_t row, const std::string& column,
                               const at::Tensor& value) {
    EXPECT_EQ(table.rows[row][table.column(column)], number_cell(value.item<double>())) << column;
  };
  const Table curves = read_csv(folder / "emergence.csv"), late = read_csv(folder / "decided.csv"),
              condition = read_csv(folder / "condition.csv");
  const auto first = e.order.front();
  for (int64_t step = 0; step < 4; ++step) {
    expect_cell(curves, step, "mean", e.difference.value[first][step]);
    expect_cell(curves, step, "low", e.difference.low[first][step]);
    expect_cell(curves, step, "sd", e.deviation[first][step]);
    expect_cell(curves, step, "share", e.share.value[first][step]);
    expect_cell(condition, step, "loss_own", e.loss.value[step][0]);
    expect_cell(condition, step, "loss_shuffled", e.loss.value[step][1]);
    expect_cell(condition, step, "loss_mean", e.loss.value[step][2]);
    expect_cell(condition, step, "mean_over_own", e.cost.value[step][1]);
    expect_cell(late, step, "share", e.late.value[first][step]);
  }
}

TEST_F(EmergenceOfASmallModel, OfTooFewImagesNoTimesAreTold) {
  options.images = 5;
  const Emergence e = measure("few");
  ASSERT_EQ(e.states, (std::vector{EmergenceState::kTooFewImages, EmergenceState::kTooFewImages}));
  write_emergence(folder.path(), trained, e, emergence_strips(trained, test_faces, faces, e, options),
                  options);
  const Table prototypes = read_csv(folder / "prototypes.csv");
  ASSERT_EQ(prototypes.rows.size(), 2u);
  for (const auto& row : prototypes.rows) {
    EXPECT_EQ(row[prototypes.column("state")], "too few images");
    EXPECT_NE(row[prototypes.column("difference")], "");
    for (const char* column : {"t10", "t50", "t90", "decided", "cycles_a_side", "difference_low"})
      EXPECT_EQ(row[prototypes.column(column)], "") << column;
  }
  const std::string text = read_file(folder / "emergence.md");
  EXPECT_NE(text.find("0 of 2 prototypes emerge; too few images: 2."), std::string::npos) << text;
  EXPECT_NE(text.find("; too few images for an interval."), std::string::npos) << text;
  const auto json = nlohmann::json::parse(read_file(folder / "emergence.json"));
  EXPECT_EQ(json["prototypes"][0]["state"], "too few images");
  EXPECT_FALSE(json["prototypes"][0].contains("t50"));
}

TEST_F(EmergenceOfASmallModel, OnlyTheStrongestPrototypesAreRaisedWhereSomeAreAsked) {
  options.prototypes = {};
  options.strongest = 2;
  options.images = 2;
  const Emergence e = measure("strongest");
  EXPECT_EQ(e.prototypes.size(), 2u);
  EXPECT_NE(e.prototypes[0], e.prototypes[1]);
  testing::internal::CaptureStderr();
  EXPECT_EQ(measure("strongest").prototypes, e.prototypes);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("control: known from "), std::string::npos) << said;
}

TEST_F(EmergenceOfASmallModel, StripsShowBothTrajectoriesOfTheExample) {
  const Emergence e = measure("strips");
  const EmergenceStrips strips = emergence_strips(trained, test_faces, faces, e, options);
  ASSERT_EQ(strips.rows.size(), 2u);
  EXPECT_EQ(strips.files[0], test_faces.file(e.example[0].item<int64_t>()));
  EXPECT_EQ(strips.original.sizes(), (at::IntArrayRef{2, 4, 3, 32, 32}));
  EXPECT_FALSE(at::equal(strips.original, strips.raised));
  EXPECT_GE((strips.after - strips.before).select(1, -1)[0].item<double>(),
            e.difference.value[0][-1].item<double>())
      << "of the image with the largest difference";
}

TEST_F(EmergenceOfASmallModel, APrototypeThatThereIsNotOrThatIsDisabledIsRefused) {
  options.prototypes = {6};
  EXPECT_EQ(test::message_of([&] { measure("none"); }), "prototype 6: the model has 6, numbered from 0 to 5");
  disable_prototypes(trained, faces, {4});
  options.prototypes = {4};
  EXPECT_EQ(test::message_of([&] { measure("none"); }),
            "prototype 4 is disabled: it stays at its mean, whatever is asked");
}

}  // namespace
}  // namespace patronus
