#include "patronus/training/latent_run.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "patronus/run/latent_checkpoint.h"
#include "patronus/run/run_directory.h"
#include "support/failure.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class LatentRun : public testing::Test {
 protected:
  LatentRun() { trained_.checkpoint = RunDirectory(folder_.path()).checkpoint(0); }
  std::string error() const {
    return test::message_of([&] { run_latent_training(trained_, data_, "patronus train-latent"); });
  }

  test::TemporaryFolder folder_;
  TrainedModel trained_ = test::small_model();
  LatentData data_{at::rand({20, 6}, make_generator(1)), at::rand({5, 6}, make_generator(2)), {}};
};

TEST_F(LatentRun, OfFewerThanTwoImagesSaysHowManyThereAre) {
  for (const int64_t count : {1, 0}) {
    data_.train = data_.train.slice(0, 0, count);
    EXPECT_EQ(error(), "a latent model needs at least 2 training images, got " + std::to_string(count));
  }
}

TEST_F(LatentRun, NamesTheCheckpointThatItCannotGoOnFrom) {
  const RunDirectory run(latent_folder(trained_));
  run.folder("checkpoints");
  run.mark_as_run();
  UNet1dConfig smaller = trained_.config.latent.unet;
  smaller.multipliers = {1, 2};
  const UNet1d unet(smaller, trained_.config.latent.diffusion.timesteps);
  snapshot({.step = 7,
            .config = trained_.config,
            .source = latent_source(trained_),
            .mean = at::zeros({6}),
            .deviation = at::ones({6}),
            .model = module_state(*unet),
            .ema = {},
            .optimizer = {}})(run.checkpoint(7));
  run.register_checkpoint(7, 1);
  EXPECT_TRUE(error().starts_with(run.checkpoint(7).string() + ": ")) << error();
}

}  // namespace
}  // namespace patronus
