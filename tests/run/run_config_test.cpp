#include "patronus/run/run_config.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "patronus/core/config.h"
#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/named_tensors.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class ShippedConfig : public testing::TestWithParam<fs::path> {};

TEST_P(ShippedConfig, LoadsAndWritesBackTheSame) {
  const RunConfig config = load_run_config({GetParam()}, {});
  const RunConfig again = run_config_from_yaml(to_yaml(config), "written");
  EXPECT_EQ(to_yaml(again), to_yaml(config));
}

std::vector<fs::path> shipped_config_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(PATRONUS_SOURCE_DIR) / "configs")) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  return files;
}

INSTANTIATE_TEST_SUITE_P(All, ShippedConfig, testing::ValuesIn(shipped_config_files()), [](const auto& info) {
  std::string name = info.param.stem().string();
  std::erase(name, '-');
  return name;
});

struct PaperRow {
  const char* name;
  int64_t channels, size, prototypes, batch_size, epochs, cells;
};

TEST(ShippedConfigs, HaveThePapersSettings) {
  const PaperRow rows[] = {{"fashion-mnist", 1, 32, 30, 128, 100, 10},
                           {"cifar10", 3, 32, 100, 128, 300, 10},
                           {"celeba", 3, 64, 100, 64, 300, 26},
                           {"ffhq", 3, 64, 100, 64, 300, 26},
                           {"chexpert", 1, 224, 100, 16, 300, 43}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const RunConfig config =
        load_run_config({fs::path(PATRONUS_SOURCE_DIR) / "configs" / (std::string(row.name) + ".yaml")}, {});
    EXPECT_EQ(config.data.channels, row.channels);
    EXPECT_EQ(config.data.size, row.size);
    EXPECT_EQ(config.model.prototypes.count, row.prototypes);
    EXPECT_EQ(config.model.encoder.channels.back(), 128);
    EXPECT_EQ(config.training.batch_size, row.batch_size);
    EXPECT_EQ(config.training.epochs, row.epochs);
    EXPECT_EQ(config.training.learning_rate, 2e-4);
    EXPECT_EQ(config.diffusion.prediction, PredictionKind::kNoise);
    EXPECT_EQ(config.latent.unet.base_channels, 64);
    EXPECT_EQ(config.latent.unet.multipliers,
              row.prototypes == 30 ? (std::vector<int64_t>{1, 2}) : (std::vector<int64_t>{1, 2, 4}));
    EXPECT_EQ(config.latent.learning_rate, 1e-4);
    EXPECT_EQ(config.latent.epochs, 200);
    EXPECT_EQ(receptive_field(config.model.encoder.geometry(), config.data.size).cells, row.cells);
  }
}

TEST(RunConfig, LaterFilesWinAndWordsBeatThemAll) {
  const test::TemporaryFolder folder;
  write_file(folder / "a.yaml", "seed: 1\nmodel:\n  prototypes:\n    count: 5\n");
  write_file(folder / "b.yaml", "model:\n  prototypes:\n    count: 6\ntraining:\n  ema_decay: 0.5\n");
  const RunConfig config =
      load_run_config({folder / "a.yaml", folder / "b.yaml"}, {"training.ema_decay=0.25"});
  EXPECT_EQ(config.seed, 1);
  EXPECT_EQ(config.model.prototypes.count, 6);
  EXPECT_EQ(config.training.ema_decay, 0.25);
}

TEST(RunConfig, NamesTheFileWhoseSectionIsNone) {
  const test::TemporaryFolder folder;
  write_file(folder / "a.yaml", "model:\n  prototypes:\n    count: 5\n");
  write_file(folder / "b.yaml", "model:\n  prototypes: 5\n");
  const std::string message = test::message_of([&] {
    load_run_config({folder / "a.yaml", folder / "b.yaml"}, {});
  });
  EXPECT_EQ(message,
            (folder / "b.yaml").string() + ":2: model.prototypes is a section: expected keys below it");
}

TEST(RunConfig, ChecksSettingsThatDependOnEachOther) {
  const auto error = [](const std::vector<std::string>& words) {
    try {
      load_run_config({}, words);
    } catch (const ConfigError& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(error({"sampling.steps=2000"}), "sampling: steps 2000: expected 1 to 1000 (diffusion.timesteps)");
  EXPECT_EQ(error({"sampling.sampler=dpm-solver", "sampling.eta=0.5"}),
            "sampling: eta 0.5: only the sampler ddim has one; leave it out, or use ddim");
  EXPECT_EQ(error({"latent.sampling.steps=50"}),
            "latent.sampling: steps 50: the sampler ddpm always takes all 100; leave the steps out, or use "
            "ddim or dpm-solver");
  EXPECT_EQ(error({"latent.sampling.steps=50", "latent.sampling.sampler=ddim"}), "no error");
  EXPECT_EQ(error({"latent.unet.base_channels=20"}),
            "latent.unet.base_channels: must be a multiple of 8, got 20");
  EXPECT_NE(error({"model.encoder.strides=[2]"}), "no error");
  EXPECT_NE(error({"data.size=36"}), "no error");
  EXPECT_EQ(error({}), "no error");
}

TEST(RunConfig, RefusesLengthsWhoseStepsAndImagesAreBeyondIntegers) {
  const auto error = [](const std::string& word) {
    return test::message_of([&] { load_run_config({}, {word}); });
  };
  EXPECT_EQ(error("training.epochs=9000000000000000"),
            "training.epochs must be 1 to 1000000000, got 9000000000000000");
  EXPECT_EQ(error("training.max_steps=9000000000000000"),
            "training.max_steps must be 0 to 100000000000, got 9000000000000000");
  EXPECT_EQ(error("latent.epochs=9000000000000000"),
            "latent.epochs must be 1 to 1000000000, got 9000000000000000");
  EXPECT_EQ(error("latent.max_steps=9000000000000000"),
            "latent.max_steps must be 0 to 100000000000, got 9000000000000000");
}

TEST(RunConfig, OfATrainedRunIsReadHoweverItWasToDraw) {
  const std::string ddpm = "sampling:\n  sampler: ddpm\n  steps: 5\n";
  EXPECT_EQ(run_config_from_yaml(ddpm, "config.yaml").sampling.steps, 5);
  EXPECT_THROW(run_config_from_yaml("model:\n  encoder:\n    strides: [2]\n", "config.yaml"), ConfigError);
}

TEST(RuntimeConfig, IsToldByWordsThatMakeSenseOnlyWithTheRunTheyAreFor) {
  EXPECT_EQ(runtime_config({"sampling.steps=2000", "latent.sampling.steps=50", "runtime.threads=3"}).threads,
            3);
}

TEST(RunConfig, OnlyWhatChangesNoStepMayChangeOnResume) {
  RunConfig before;
  before.data.csv = "/home/project/list.csv";
  RunConfig now;
  now.training.max_steps = 7;
  now.training.epochs = 2;
  now.data.path = "elsewhere";
  now.data.csv = "/scratch/project/list.csv";
  now.runtime.threads = 3;
  now.training.log_every = 7;
  now.training.checkpoint_every = 7;
  now.training.keep_checkpoints = 7;
  now.training.sample_every = 7;
  now.training.sample_images = 7;
  now.sampling.steps = 7;
  now.latent.learning_rate = 1;
  EXPECT_TRUE(keys_that_forbid_resuming(before, now).empty());
  now.data.csv = "/home/project/other.csv";
  now.training.learning_rate = 1;
  now.model.prototypes.count = 7;
  EXPECT_EQ(keys_that_forbid_resuming(before, now),
            (std::vector<std::string>{"data.csv", "model.prototypes.count", "training.learning_rate"}));
}

TEST(RunConfig, OnlyLengthAndSamplingOfTheLatentModelMayChangeOnResume) {
  const RunConfig before;
  RunConfig now;
  now.latent.max_steps = 7;
  now.latent.epochs = 2;
  now.latent.sampling.steps = 3;
  now.latent.log_every = 7;
  now.latent.keep_checkpoints = 7;
  now.training.learning_rate = 1;
  EXPECT_TRUE(keys_that_forbid_resuming_latent(before, now).empty());
  now.latent.unet.dropout = 0;
  now.seed = 1;
  EXPECT_EQ(keys_that_forbid_resuming_latent(before, now),
            (std::vector<std::string>{"seed", "latent.unet.dropout"}));
}

TEST(RunConfig, RanksMayDifferInPlacesAndRuntimeAlone) {
  const auto settings_of = [](const std::vector<std::string>& words) {
    return settings_of_all_ranks(load_run_config({}, words));
  };
  const auto common = settings_of({});
  EXPECT_EQ(settings_of({"runtime.threads=3", "runtime.device=cpu", "latent.batch_size=7", "sampling.steps=7",
                         "data.cache=/tmp/x", "data.cache_gb=1"}),
            common);
  EXPECT_EQ(settings_of({"data.kind=images", "data.path=/here"}),
            settings_of({"data.kind=images", "data.path=/elsewhere"}));
  for (const char* word :
       {"seed=1", "data.size=64", "data.where=hat=1", "model.prototypes.count=7", "diffusion.timesteps=500",
        "training.batch_size=16", "training.log_every=7", "training.checkpoint_every=7"})
    EXPECT_NE(settings_of({word}), common) << word;
  EXPECT_EQ(common.front().first, "version");
}

TEST(RunConfig, DrawnFacesHaveNoFolder) {
  EXPECT_EQ(
      test::message_of([] { load_run_config({}, {"data.path=/photos"}); }),
      "data.path /photos: data.kind is faces, which are drawn; for the images there add data.kind=images, or "
      "what they are");
}

TEST(RunConfig, SeedsOfPurposesFollowFromTheRunsSeed) {
  RunConfig config;
  config.seed = 12;
  EXPECT_EQ(config.seed_for("noise", 3), derive_seed(12, "noise", 3));
  EXPECT_EQ(config.seed_for("noise"), derive_seed(12, "noise", 0));
}

TEST(RunConfig, AFreshModelFollowsFromTheSeed) {
  RunConfig config = test::small_run();
  const auto first = test::copies(make_model(config).state());
  at::rand({3});  // whatever was drawn before
  test::expect_same(make_model(config).state(), first);
  config.seed = 1;
  EXPECT_FALSE(at::equal(make_model(config).state().at(0).second, first.at(0).second));
}

TEST(RunConfig, OfARunFromBeforeThereWereLatentModelsTakesTheirDefaults) {
  const RunConfig config = run_config_from_yaml("seed: 3\ntraining:\n  ema_decay: 0.5\n", "config.yaml");
  EXPECT_EQ(config.training.ema_decay, 0.5);
  EXPECT_EQ(config.latent.diffusion.timesteps, 100);
  EXPECT_EQ(config.latent.learning_rate, 1e-4);
  EXPECT_EQ(config.latent.epochs, 200);
}

std::string section_of(const std::string& key) {
  const size_t dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

/// The reference of all keys, as Markdown tables: key, default, meaning, range.
std::string reference_of(const Fields& fields) {
  const auto escaped = [](std::string text) {
    for (size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
      text.replace(at, 1, "\\|");
    return text;
  };
  std::string text;
  std::string section = "\n";  // no section has this name
  for (const auto& field : fields.list()) {
    if (section_of(field.key) != section) {
      section = section_of(field.key);
      text += "\n## " + (section.empty() ? "top level" : "`" + section + "`") +
              "\n\n| key | default | meaning | range |\n| --- | --- | --- | --- |\n";
    }
    text += "| `" + field.key + "` | `" + escaped(value_text(field)) + "` | " + escaped(field.help) + " | " +
            escaped(field.range.text) + " |\n";
  }
  return text;
}

TEST(ConfigReference, IsUpToDate) {
  const fs::path path = fs::path(PATRONUS_SOURCE_DIR) / "docs" / "config.md";
  RunConfig config;
  const std::string expected =
      "# Configuration reference\n\nEvery key of a configuration file. This page is generated from the "
      "program's own\n"
      "descriptions; `PATRONUS_UPDATE_DOCS=1 test_training` writes it anew.\n" +
      reference_of(Fields(config));
  if (std::getenv("PATRONUS_UPDATE_DOCS")) write_file(path, expected);
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), expected) << "docs/config.md is stale: run PATRONUS_UPDATE_DOCS=1 test_training";
}

TEST(RunConfig, OfAnEarlierVersionIsReadWithDefaultsForWhatItDoesNotName) {
  const fs::path file = fs::path(PATRONUS_SOURCE_DIR) / "tests" / "golden" / "earlier_config.yaml";
  const RunConfig config = load_run_config({file}, {});
  EXPECT_EQ(config.training.max_steps, 3000);
  EXPECT_EQ(config.model.prototypes.scale_factor, 3);
  EXPECT_EQ(config.data.folders, RunConfig().data.folders);
  EXPECT_EQ(config.version, 1);
}

TEST(RunConfig, OfALaterVersionIsRefusedAsThat) {
  EXPECT_EQ(to_yaml({}).substr(0, 11), "version: 1\n");
  EXPECT_EQ(test::message_of([] { run_config_from_yaml("version: 2\nmodel:\n  new: 1\n", "config.yaml"); }),
            "config.yaml:1: version must be 1 to 1 (later ones are of a later program), got 2");
}

TEST(RunConfig, OfAVersionThatNeverWasIsRefused) {
  for (const char* never : {"-5", "0"}) {
    EXPECT_EQ(test::message_of([&] { load_run_config({}, {std::string("version=") + never}); }),
              std::string("version must be 1 to 1 (later ones are of a later program), got ") + never);
  }
}

}  // namespace
}  // namespace patronus
