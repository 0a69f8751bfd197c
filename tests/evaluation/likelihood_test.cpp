#include "patronus/evaluation/likelihood.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/data_files.h"
#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/diffusion/objective.h"
#include "patronus/diffusion/variational_bound.h"
#include "support/failure.h"
#include "support/small_model.h"

namespace patronus {
namespace {

TrainedModel twin_of_small_model(const std::vector<std::string>& other = {}) {
  std::vector<std::string> words = test::small_settings();
  words.emplace_back("model.unet.condition=off");
  words.insert(words.end(), other.begin(), other.end());
  TrainedModel twin = test::small_model(load_run_config({}, words));
  twin.checkpoint = "twin.pt";
  return twin;
}

Dataset test_images() {
  return open_dataset(test::small_run().data, Split::kTest);
}

TEST(Likelihood, PartsAddUpAndEveryConditionIsMeasured) {
  TrainedModel trained = test::small_model();
  const TrainedModel twin = twin_of_small_model();
  const auto e = evaluate_likelihood(trained, &twin, test_images(), {.images = 6, .steps = 4});
  ASSERT_EQ(e.conditions.size(), 4u);
  EXPECT_EQ(e.timesteps.size(), 4u);
  EXPECT_TRUE(e.twin_differs_in.empty());
  for (const auto& c : e.conditions) {
    EXPECT_EQ(c.bits.sizes(), at::IntArrayRef({6}));
    EXPECT_EQ(c.loss.sizes(), at::IntArrayRef({6, 4}));
    EXPECT_TRUE(at::allclose(c.bits, c.prior + c.steps + c.decoder));
    EXPECT_TRUE(at::equal(c.prior, e.conditions[0].prior)) << "the images and levels are the same";
  }
  EXPECT_FALSE(at::equal(e.conditions[0].bits, e.conditions[1].bits));
  EXPECT_FALSE(at::equal(e.conditions[0].bits, e.conditions[3].bits));
}

TEST(Likelihood, IsOfTheSameImagesWhateverTheSeed) {
  TrainedModel trained = test::small_model();
  const auto bounds = [&](int64_t seed) {
    trained.config.seed = seed;
    return evaluate_likelihood(trained, nullptr, test_images(), {.images = 4, .steps = 2}).conditions[0];
  };
  const auto one = bounds(0), other = bounds(9);
  EXPECT_TRUE(at::equal(one.prior, other.prior));
  EXPECT_FALSE(at::equal(one.bits, other.bits)) << "of other noise";
}

TEST(Likelihood, OfResizedImagesIsThatOfTheGreyValuesNextToThem) {
  test::DataFolder folder(DataKind::kImages);
  folder.config.size = 32;
  for (int64_t i = 0; i < 3; ++i) {
    const auto path = folder / ("test/" + std::to_string(i) + ".png");
    std::filesystem::create_directories(path.parent_path());
    write_png(path, at::randint(0, 2, {3, 20, 20}, make_generator(i)).mul(255).to(at::kByte));
  }
  test::write_plain_png(folder / "train/0.png", 32, 0);
  const Dataset test = open_dataset(folder.config, Split::kTest);
  TrainedModel trained = test::small_model();
  const auto e = evaluate_likelihood(trained, nullptr, test, {.images = 3, .steps = 2});
  const c10::NoGradGuard no_grad;
  const auto images = test.slice(0, 3);
  ASSERT_GT(images.max().item<float>(), 1.05) << "beyond white";
  const auto grey = images.clamp(-1, 1).mul(127.5).add(127.5).round().div(127.5).sub(1);
  const auto noise = noise_per_image(image_seeds(trained.config.seed, "likelihood", 0, 3));
  const auto denoiser =
      conditional_denoiser(trained)(trained.model.encoder->forward(images).activation, Precision::kFloat32);
  const auto expected = variational_bound(denoiser, grey, noise, trained.schedule, 2);
  EXPECT_TRUE(at::allclose(e.conditions[0].bits, expected.bits(), 1e-4, 0)) << e.conditions[0].bits;
}

TEST(Likelihood, AnotherImageIsNotTheNextFile) {
  // Files of one class come after those of the other.
  test::DataFolder folder(DataKind::kImages);
  folder.config.size = 32;
  for (int64_t i = 0; i < 8; ++i) {
    test::write_plain_png(folder / ("test/" + std::to_string(i) + ".png"), 32, i < 4 ? 40 : 200);
  }
  test::write_plain_png(folder / "train/0.png", 32, 0);
  TrainedModel trained = test::small_model();
  const Dataset test = open_dataset(folder.config, Split::kTest);
  const auto e = evaluate_likelihood(trained, nullptr, test, {.images = 8, .steps = 2});
  EXPECT_GT((e.conditions[0].bits != e.conditions[1].bits).sum().item<int64_t>(), 2);
}

// The loss is that of training, here from the network's own output.
TEST(Likelihood, LossIsTheMeanSquaredErrorOfTheOutput) {
  TrainedModel trained = test::small_model();
  const auto e = evaluate_likelihood(trained, nullptr, test_images(), {.images = 2, .steps = 2});
  const c10::NoGradGuard no_grad;
  const auto images = test_images().images(draw_common_indices(16, 2, "likelihood"));
  const auto noise = noise_per_image(image_seeds(trained.config.seed, "likelihood", 0, 2))(images);
  const auto t = at::full({2}, e.timesteps[0], at::kLong);
  const auto noisy = noisy_images(images, noise, t, trained.schedule, PredictionKind::kV);
  const auto output = trained.model.unet(noisy.x_t, t, trained.model.encoder->forward(images).activation);
  const auto loss = (output - noisy.target).square().flatten(1).mean(1).to(at::kDouble);
  EXPECT_TRUE(at::allclose(e.conditions[0].loss.select(1, 0), loss, 1e-4, 0)) << loss;
}

TEST(Likelihood, LossOfATwinWithAnotherPredictionIsInTheUnitOfTheRun) {
  TrainedModel trained = test::small_model();
  const TrainedModel twin = twin_of_small_model({"diffusion.prediction=noise"});
  const auto e = evaluate_likelihood(trained, &twin, test_images(), {.images = 2, .steps = 2});
  const c10::NoGradGuard no_grad;
  const auto images = test_images().images(draw_common_indices(16, 2, "likelihood"));
  const auto noise = noise_per_image(image_seeds(trained.config.seed, "likelihood", 0, 2))(images);
  const auto t = at::full({2}, e.timesteps[0], at::kLong);
  const double alpha_bar = trained.schedule.alpha_bars()[e.timesteps[0]].item<double>();
  const auto noisy = noisy_images(images, noise, t, trained.schedule, PredictionKind::kNoise);
  const auto output =
      conditional_denoiser(twin)(at::zeros({2, 0}), Precision::kFloat32)(noisy.x_t, e.timesteps[0]);
  const auto error = (output.x0 - images).square().flatten(1).mean(1).to(at::kDouble);
  EXPECT_TRUE(at::allclose(e.conditions[3].loss.select(1, 0), error / (1 - alpha_bar), 1e-3, 0));
}

TEST(Likelihood, ReportsDifferencesImageByImage) {
  TrainedModel trained = test::small_model();
  const TrainedModel twin = twin_of_small_model({"training.learning_rate=0.1"});
  trained.config.seed = 9;  // of what this command draws, not of the training
  const auto e = evaluate_likelihood(trained, &twin, test_images(), {.images = 8, .steps = 3});
  EXPECT_EQ(e.twin_differs_in, std::vector<std::string>{"training.learning_rate"});
  const auto json = likelihood_json(e);
  EXPECT_EQ(json["protocol"]["images"], 8);
  EXPECT_FALSE(json["conditions"][0].contains("more_than_own"));
  const auto& more = json["conditions"][3]["more_than_own"];
  EXPECT_NEAR(more["value"].get<double>(),
              (e.conditions[3].bits - e.conditions[0].bits).mean().item<double>(), 1e-9);
  EXPECT_LE(more["low"].get<double>(), more["value"].get<double>());
  EXPECT_GE(more["high"].get<double>(), more["value"].get<double>());
  const std::string text = likelihood_markdown(e);
  EXPECT_NE(text.find("| unconditional twin |"), std::string::npos);
  EXPECT_NE(text.find("differs in more than its condition: training.learning_rate"), std::string::npos);
}

TEST(Likelihood, IsBoundedByAShortChainWhereThereIsNoLongerOne) {
  EXPECT_EQ(bound_steps({}, NoiseSchedule({.timesteps = 1000}, at::kCPU)), 50);
  EXPECT_EQ(bound_steps({}, NoiseSchedule({.timesteps = 30}, at::kCPU)), 30);
  EXPECT_EQ(bound_steps({.steps = 40}, NoiseSchedule({.timesteps = 30}, at::kCPU)), 40)
      << "for others to refuse";
}

TEST(Likelihood, OfAnUnconditionalModelHasOneCondition) {
  TrainedModel twin = twin_of_small_model();
  const auto e = evaluate_likelihood(twin, nullptr, test_images(), {.images = 4, .steps = 3});
  ASSERT_EQ(e.conditions.size(), 1u);
  EXPECT_EQ(e.conditions[0].condition, "no condition");
}

TEST(Likelihood, RefusesATwinThatDoesNotFit) {
  TrainedModel trained = test::small_model();
  const auto refusal = [](const TrainedModel& run, const TrainedModel& twin) {
    return test::message_of([&] { require_twin(run, twin); });
  };
  TrainedModel other = test::small_model();
  other.checkpoint = "other.pt";
  EXPECT_EQ(refusal(trained, other),
            "twin other.pt: has a condition; train one with model.unet.condition=off");
  EXPECT_EQ(refusal(trained, twin_of_small_model({"diffusion.timesteps=500"})),
            "twin twin.pt: was trained with another diffusion.timesteps");
  EXPECT_EQ(refusal(other, twin_of_small_model({"data.size=16"})),
            "twin twin.pt: was trained with another data.size");
  EXPECT_EQ(refusal(twin_of_small_model(), twin_of_small_model()),
            "twin twin.pt: twin.pt has no condition itself; compare a run that has");
}

}  // namespace
}  // namespace patronus
