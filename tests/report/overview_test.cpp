#include "report/overview.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "support/run_program.h"

namespace patronus {
namespace {

std::string fact(const RunConfig& config, const std::string& name) {
  for (const auto& pair : config_facts(config)) {
    if (pair.at(0) == name) return pair.at(1);
  }
  return "nothing";
}

TEST(ConfigFacts, TellTheModelInWords) {
  RunConfig config =
      load_run_config({}, {"data.kind=celeba", "data.size=64", "model.prototypes.count=100",
                           "training.epochs=300", "training.batch_size=64", "training.learning_rate=2e-4"});
  EXPECT_EQ(fact(config, "images"), "celeba, 64 × 64, 3 channels");
  EXPECT_TRUE(fact(config, "prototypes").starts_with("100, ")) << fact(config, "prototypes");
  // Kernels of 3, the first with stride 2: 3 + 3 * 2 * 2 pixels, and (64 - 2 * 6) / 2 of them a side.
  EXPECT_EQ(fact(config, "patches"), "26 × 26 of 15 pixels a side, every 2");
  EXPECT_TRUE(fact(config, "diffusion").starts_with("1000 steps, ")) << fact(config, "diffusion");
  EXPECT_EQ(fact(config, "training"), "300 epochs of 64 images, adamw, learning rate 0.0002 (constant)");
  config.training.max_steps = 12;
  EXPECT_TRUE(fact(config, "training").starts_with("12 steps of 64 images")) << "they win over epochs";
  config.model.unet.condition = ConditionKind::kOff;
  EXPECT_EQ(fact(config, "prototypes"), "none: trained without condition");
  config.data.channels = 1;
  EXPECT_EQ(fact(config, "images"), "celeba, 64 × 64, 1 channel");
}

class MetricCharts : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  RunDirectory run_{folder_.path()};
};

TEST_F(MetricCharts, HoldWhatWasMeasuredOfTheRunAndItsLatentModel) {
  write_file(run_.file("metrics.jsonl"),
             "{\"step\":1,\"loss\":4,\"denoising_loss\":3}\n{\"step\":2,\"loss\":2}\n");
  write_file(run_.folder("latent") / "metrics.jsonl",
             "{\"step\":5,\"denoising_loss\":0.5,\"test_loss\":0.75}\n");
  const Json charts = metric_charts(run_);
  ASSERT_EQ(charts.size(), 2u) << "of others there is nothing to show";
  EXPECT_EQ(charts[0]["title"], "Training loss");
  EXPECT_EQ(charts[0]["series"], Json::parse(R"([{"name": "all terms", "x": [1, 2], "y": [4, 2]},
                            {"name": "denoising", "x": [1], "y": [3]}])"));
  EXPECT_EQ(charts[1]["title"], "Loss of the latent model");
  EXPECT_EQ(charts[1]["series"][1], Json::parse(R"({"name": "test vectors", "x": [5], "y": [0.75]})"));
  EXPECT_FALSE(charts[0].contains("note"));
}

TEST_F(MetricCharts, ThinCurvesOnlyWhereTheyAreLongAndKeepTheLastPoint) {
  for (const int count : {600, 601, 1800, 1801}) {
    std::string lines;
    for (int step = 1; step <= count; ++step) lines += "{\"step\":" + std::to_string(step) + ",\"loss\":1}\n";
    write_file(run_.file("metrics.jsonl"), lines);
    const Json chart = metric_charts(run_)[0];
    const Json& x = chart["series"][0]["x"];
    const int every = (count + 599) / 600;
    EXPECT_EQ(x.size(), static_cast<size_t>((count + every - 1) / every)) << count;
    EXPECT_EQ(x.back(), count);
    EXPECT_EQ(chart.contains("note"), every > 1) << count;
  }
}

TEST_F(MetricCharts, HealthIsTheLatestOfEachNumber) {
  EXPECT_EQ(latest_health(run_), Json::object());
  write_file(run_.file("metrics.jsonl"),
             "{\"step\":1,\"prototypes/dead\":4,\"prototypes/winners\":9,\"loss\":1}\n"
             "{\"step\":2,\"prototypes/dead\":0}\n{\"step\":3,\"loss\":1}\n");
  EXPECT_EQ(latest_health(run_), Json({{"winners", 9}, {"dead", 0}}));
}

}  // namespace
}  // namespace patronus
