#include "patronus/training/benchmark_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace patronus {
namespace {

Benchmark measured() {
  return {.device = "cpu",
          .precision = "fp32",
          .threads = 2,
          .rates = {{"training, batch 8", "images/s", {30, 10, 20}, {10, 10, 5}},
                    {"encoding", "images/s", {400, 100, 300, 200}, {}}},
          .training_gflop = 2,
          .convolution_gflop = 1.5,
          .time = {{"convolutions", 0.75}, {"rest", 0.25}},
          .matrix_gflops = 100,
          .matrix_side = 512,
          .start_seconds = {0.5, 0.25, 0.75},
          .peak_mib = 640};
}

TEST(BenchmarkJson, HasTheMedianAndTheRangeOfTheRounds) {
  const auto json = benchmark_json(measured());
  const auto& training = json["rates"][0]["patronus"];
  EXPECT_EQ(training["median"], 20);
  EXPECT_EQ(training["low"], 10);
  EXPECT_EQ(training["high"], 30);
  EXPECT_EQ(training["rounds"].get<std::vector<double>>(), (std::vector<double>{30, 10, 20}))
      << "in their order";
  EXPECT_EQ(json["rates"][1]["patronus"]["median"], 250) << "the mean of the middle two";
}

TEST(BenchmarkJson, RatiosAreOfTheSameRound) {
  const auto json = benchmark_json(measured());
  // 3, 1 and 4: their median is not 20 / 10.
  EXPECT_EQ(json["rates"][0]["ratio"]["rounds"].get<std::vector<double>>(), (std::vector<double>{3, 1, 4}));
  EXPECT_EQ(json["rates"][0]["ratio"]["median"], 3);
  EXPECT_FALSE(json["rates"][1].contains("ratio"));
  EXPECT_FALSE(json["rates"][1].contains("baseline"));
}

TEST(BenchmarkJson, ComparesTrainingWithAMatrixProduct) {
  const auto json = benchmark_json(measured());
  EXPECT_EQ(json["training_gflops"], 40) << "2 GFLOP an image, 20 images a second";
  EXPECT_EQ(json["convolution_gflops"], 40) << "1.5 GFLOP an image in three quarters of the time";
  EXPECT_EQ(json["matrix_gflops"], 100);
  EXPECT_FALSE(json.contains("peak_gpu_mib")) << "there was none";
  Benchmark on_gpu = measured();
  on_gpu.peak_gpu_mib = 2048;
  EXPECT_EQ(benchmark_json(on_gpu)["peak_gpu_mib"], 2048);
}

TEST(BenchmarkMarkdown, SetsTheReferencesWayBesideOursWhereItWasMeasured) {
  const std::string text = benchmark_markdown(measured());
  EXPECT_TRUE(text.starts_with("cpu, 2 threads, fp32; images/s, median (range) of 3 rounds\n")) << text;
  EXPECT_NE(text.find("20 (10 to 30)"), std::string::npos) << text;
  EXPECT_NE(text.find("3 (1 to 4)"), std::string::npos) << text;
  EXPECT_NE(text.find("while in convolutions 40;"), std::string::npos) << text;
  EXPECT_NE(text.find("starts in 0.5 (0.25 to 0.75) s"), std::string::npos) << text;
  EXPECT_EQ(text.find("GPU"), std::string::npos);
  EXPECT_LT(text.find("convolution"), text.find("rest")) << "the largest share first";
  Benchmark alone = measured();
  for (auto& rate : alone.rates) rate.baseline.clear();
  EXPECT_EQ(benchmark_markdown(alone).find("ratio"), std::string::npos);
}

}  // namespace
}  // namespace patronus
