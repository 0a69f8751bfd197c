#include "patronus/run/latent_checkpoint.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_directory.h"
#include "support/failure.h"
#include "support/named_tensors.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

LatentCheckpoint small_latent_checkpoint() {
  const RunConfig config = test::small_run();
  const UNet1d unet(config.latent.unet, config.latent.diffusion.timesteps);
  return {.step = 7,
          .config = config,
          .source = {42, Weights::kEma, "0123abcd"},
          .mean = at::arange(6, at::kFloat),
          .deviation = at::ones({6}),
          .model = module_state(*unet),
          .ema = {},
          .optimizer = {}};
}

TEST(LatentCheckpoint, ReadsBackWhatWasWritten) {
  const test::TemporaryFolder folder;
  const LatentCheckpoint written = small_latent_checkpoint();
  snapshot(written)(folder / "a.pt");
  const LatentCheckpoint read = read_latent_checkpoint(folder / "a.pt");
  EXPECT_EQ(read.step, 7);
  EXPECT_EQ(to_yaml(read.config), to_yaml(written.config));
  EXPECT_EQ(read.source, written.source);
  EXPECT_TRUE(at::equal(read.mean, written.mean));
  EXPECT_TRUE(at::equal(read.deviation, written.deviation));
  test::expect_same(read.model, written.model);
}

TEST(LatentCheckpoint, SaysHowLongVectorsAreAndToWhatLengthTheyArePadded) {
  const test::TemporaryFolder folder;
  snapshot(small_latent_checkpoint())(folder / "a.pt");
  const Dict file = read_tensor_file(folder / "a.pt");
  const Dict& content = file.at("content").dict();
  EXPECT_EQ(content.at("vector_length").integer(), 6);
  EXPECT_EQ(content.at("padded_length").integer(), 8);
}

TEST(LatentCheckpoint, AndARunsOwnAreNotTakenForOneAnother) {
  const test::TemporaryFolder folder;
  const std::string latent = (folder / "latent.pt").string(), run = (folder / "run.pt").string();
  snapshot(small_latent_checkpoint())(latent);
  const RunConfig config = test::small_run();
  write_checkpoint(
      run, {.step = 1, .config = config, .model = make_model(config).state(), .ema = {}, .optimizer = {}});
  EXPECT_EQ(test::message_of([&] { read_latent_checkpoint(run); }),
            run + ": not a latent model's checkpoint; `patronus train-latent` writes them");
  EXPECT_EQ(test::message_of([&] { read_checkpoint(latent); }),
            latent + ": not a checkpoint of this program; `patronus import` reads the reference's ckpt.tar");
}

TEST(LatentModel, IsTheAverageWithTheSettingsOfItsTrainingButForSampling) {
  const test::TemporaryFolder folder;
  TrainedModel trained = test::small_model();
  const RunDirectory run(folder.path());
  trained.checkpoint = run.checkpoint(0);
  EXPECT_EQ(test::message_of([&] { load_latent_model(trained, {}); }),
            run.file("latent").string() +
                ": there is no latent model, from which images without a condition come; train it with "
                "`patronus train-latent --run " +
                folder.path().string() + "`");
  EXPECT_FALSE(try_load_latent_model(trained, {}).has_value());
  const RunDirectory latent(latent_folder(trained));
  latent.folder("checkpoints");
  LatentCheckpoint written = small_latent_checkpoint();
  written.source = latent_source(trained);
  for (const auto& [name, tensor] : written.model) written.ema.emplace_back(name, tensor.detach() + 1);
  snapshot(written)(latent.checkpoint(7));

  const LatentModel model =
      load_latent_model(trained, {"latent.sampling.sampler=ddim", "latent.sampling.steps=3", "seed=5"});
  EXPECT_EQ(model.step, 7);
  EXPECT_EQ(model.sampling.steps, 3);
  EXPECT_FALSE(model.prior.unet->is_training());
  test::expect_same(module_state(*model.prior.unet), written.ema);
  EXPECT_TRUE(at::equal(model.prior.scale.mean, written.mean));
  EXPECT_EQ(test::message_of([&] { load_latent_model(trained, {"latent.unet.dropout=0.5"}); }),
            latent.checkpoint(7).string() +
                ": was trained with another latent.unet.dropout; it cannot be changed afterwards");
  EXPECT_THROW(try_load_latent_model(trained, {"latent.unet.dropout=0.5"}), ConfigError);
  EXPECT_EQ(
      test::message_of([&] { try_load_latent_model(trained, {"latent.sampling.steps=3"}); }),
      "latent.sampling: steps 3: the sampler ddpm always takes all 30; leave the steps out, or use ddim "
      "or dpm-solver");

  trained.step += 1;
  EXPECT_TRUE(test::message_of([&] {
                load_latent_model(trained, {});
              }).ends_with("; remove that folder and run `patronus train-latent` again"));
  EXPECT_FALSE(try_load_latent_model(trained, {}).has_value());
}

TEST(WeightsHash, TellsWeightsApartWhateverTheirMemoryFormat) {
  const auto weight = at::rand({2, 3, 4, 4});
  const std::string hash = weights_hash({{"w", weight}});
  EXPECT_EQ(hash.size(), 8u);
  EXPECT_EQ(weights_hash({{"w", weight.contiguous(at::MemoryFormat::ChannelsLast)}}), hash);
  EXPECT_NE(weights_hash({{"v", weight}}), hash);
  const auto other = weight.clone();
  other[1][2][3][3] += 1e-3;
  EXPECT_NE(weights_hash({{"w", other}}), hash);
}

}  // namespace
}  // namespace patronus
