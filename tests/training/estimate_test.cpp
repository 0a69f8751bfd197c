#include "patronus/training/estimate.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/small_run.h"

namespace patronus {
namespace {

TEST(Estimate, IsToldInFourLines) {
  TrainingEstimate e{.encoder_parameters = 128'400,
                     .unet_parameters = 25'334'211,
                     .total_steps = 127'000,
                     .state_mib = 486.2,
                     .checkpoint_mib = 388.9,
                     .peak_process_mib = 1500.7,
                     .peak_gpu_mib = 0,
                     .steps = 3,
                     .images_per_second = 15.66,
                     .hours = 72.1};
  EXPECT_EQ(
      estimate_text(e),
      "parameters   25.33 M UNet, 0.128 M encoder and prototypes\n"
      "memory       486 MiB for weights, gradients, optimiser and EMA, 389 MiB more while a checkpoint is "
      "written; the process took 1501 MiB without that\n"
      "rate         15.7 images/s (3 steps)\n"
      "length       127000 steps, about 72.1 hours\n");
  e.peak_gpu_mib = 2048;
  EXPECT_NE(estimate_text(e).find("took 1501 MiB without that, and 2048 MiB on the GPU\n"),
            std::string::npos);
  const auto length = [&](double hours) {
    e.hours = hours;
    const std::string text = estimate_text(e);
    return text.substr(text.find("about"));
  };
  EXPECT_EQ(length(0.25), "about 15 minutes\n");
  EXPECT_EQ(length(0.00019), "about 0.684 seconds\n");
}

TEST(Estimate, IsOfTheConfiguration) {
  RunConfig config = test::small_run();
  config.training.ema_decay = 0.9;
  const TrainingEstimate e = estimate_training(config);
  EXPECT_EQ(e.total_steps, config.training.max_steps);
  EXPECT_EQ(e.steps, 3);
  EXPECT_GT(e.images_per_second, 0);
  EXPECT_NEAR(e.hours * 3600 * e.images_per_second,
              static_cast<double>(e.total_steps * config.training.batch_size), 1e-6);
  const auto trained_numbers = [](const torch::nn::Module& module) {
    int64_t count = 0;
    for (const auto& parameter : module.parameters())
      count += parameter.requires_grad() ? parameter.numel() : 0;
    return count;
  };
  const PatronusModel model = make_model(config);
  const int64_t of_unet = trained_numbers(*model.unet), of_encoder = trained_numbers(*model.encoder);
  EXPECT_EQ(e.unet_parameters, of_unet);
  EXPECT_EQ(e.encoder_parameters, of_encoder);
  EXPECT_NEAR(e.state_mib, 5. * 4 * static_cast<double>(of_unet + of_encoder) / (1 << 20), 1e-9)
      << "five numbers of four bytes a parameter";
  EXPECT_NEAR(e.checkpoint_mib, e.state_mib * 4 / 5, 1e-9) << "all but the gradients";
  config.training.optimizer = OptimizerKind::kMuon;
  const TrainingEstimate muon = estimate_training(config);
  const double weights = e.state_mib / 5;
  EXPECT_NEAR(muon.state_mib - muon.checkpoint_mib, weights, 1e-9);
  EXPECT_GT(muon.state_mib, 4 * weights);
  EXPECT_LT(muon.state_mib, 5 * weights) << "one number of Muon's for two of AdamW's";
  config.training.optimizer = OptimizerKind::kAdamW;
  config.training.ema_decay = 0;
  EXPECT_NEAR(estimate_training(config).checkpoint_mib, e.state_mib * 3 / 5, 1e-9);
}

TEST(Estimate, OfATrainingOfMoreImagesThanAnIntegerHoldsHasHours) {
  RunConfig config = test::small_run();
  config.training.max_steps = std::numeric_limits<int64_t>::max() / 2;
  EXPECT_GT(estimate_training(config).hours, 1e9);
}

}  // namespace
}  // namespace patronus
