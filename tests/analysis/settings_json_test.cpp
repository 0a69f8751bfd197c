#include "patronus/analysis/settings_json.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "patronus/io/atomic_file.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class MeasuredOn : public testing::Test {
 protected:
  MeasuredOn() {
    trained.checkpoint = folder.path() / "checkpoint.pt";
    write_file(trained.checkpoint, "weights");
  }
  std::string key() const { return measurement_identity(trained, edited, real).dump(); }

  test::TemporaryFolder folder;
  TrainedModel trained = test::small_model();
  Dataset real = open_dataset(trained.config.data, Split::kTrain);
  Dataset edited = open_dataset(trained.config.data, Split::kTest);
};

TEST_F(MeasuredOn, ChangesWithWhateverAMeasurementRestsOn) {
  const std::string before = key();
  EXPECT_EQ(key(), before);
  const auto expect_another = [&](const char* what, const std::function<void()>& change) {
    const TrainedModel kept = trained;
    const Dataset kept_real = real, kept_edited = edited;
    change();
    EXPECT_NE(key(), before) << what;
    trained = kept;
    real = kept_real;
    edited = kept_edited;
    EXPECT_EQ(key(), before) << what;
  };
  expect_another("step", [&] { trained.step += 1; });
  expect_another("weights", [&] { trained.weights = Weights::kEma; });
  expect_another("seed", [&] { trained.config.seed += 1; });
  expect_another("disabled", [&] { trained.disabled = {2}; });
  expect_another("real images", [&] { real = real.subset(at::arange(63)); });
  expect_another("their order", [&] { edited = edited.subset(at::arange(16).flip(0)); });
  write_file(trained.checkpoint, "other weights");
  EXPECT_NE(key(), before) << "the file";
}

TEST_F(MeasuredOn, DoesNotChangeWithWhereTheCheckpointLies) {
  const std::string before = key();
  std::filesystem::rename(trained.checkpoint, folder.path() / "moved.pt");
  trained.checkpoint = folder.path() / "." / "moved.pt";
  EXPECT_EQ(key(), before);
}

TEST(AddSettings, NamesEverySettingOnce) {
  nlohmann::ordered_json json;
  const RegenerateOptions regenerate{
      .inversion = {.steps = 7, .method = InversionMethod::kPlain, .tolerance = 0.01}, .strength = 2.5};
  add_settings(json, regenerate);
  add_settings(json, PlausibleRangeOptions{.images = 30, .quantile = 0.9, .maximum = MaximumRule::kGlobal});
  EXPECT_EQ(json.dump(),
            "{\"steps\":7,\"inversion\":\"plain\",\"tolerance\":0.01,\"strength\":2.5,\"maximum\":\"global\","
            "\"quantile\":0.9,\"subset\":30}");
}

}  // namespace
}  // namespace patronus
