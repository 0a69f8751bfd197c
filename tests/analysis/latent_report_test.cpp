#include "patronus/analysis/latent_report.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "patronus/analysis/unconditional_samples.h"
#include "patronus/core/random.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/table.h"
#include "patronus/metrics/correlation.h"
#include "patronus/metrics/hypothesis_tests.h"
#include "support/named.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

/// The report of an untrained latent model in few steps; test images are the first half of the training
/// images, moved by one deviation.
struct ReportCase {
  ReportCase() {
    latent.prior.unet->eval();
    report = latent_report(trained, latent, train, train.slice(0, 0, 50) + scale.deviation);
  }

  TrainedModel trained = test::small_model();
  at::Tensor train = 2 + at::randn({100, 6}, make_generator(1)) * at::arange(1, 7);
  Standardizer scale = fit_standardizer(train);
  LatentModel latent{
      "latent.pt",
      5,
      {.sampler = Sampler::kDdim, .steps = 2},
      {UNet1d(trained.config.latent.unet, trained.config.latent.diffusion.timesteps), scale,
       NoiseSchedule(trained.config.latent.diffusion), trained.config.latent.diffusion.prediction}};
  LatentReport report;
};

TEST(LatentReport, ComparesVectorsInUnitsOfTheTrainingImages) {
  const ReportCase of;
  const auto z = [&](const at::Tensor& x) { return of.scale.transform(x); };
  EXPECT_TRUE(at::equal(of.report.drawn, sample_activations(of.trained, of.latent, {0, 2000})));
  const auto compared = of.report.drawn.slice(0, 0, 50);
  EXPECT_TRUE(test::close(of.report.model.ks, kolmogorov_smirnov(z(compared), z(of.train)), 0));
  EXPECT_EQ(of.report.model.correlation_error, correlation_error(z(compared), z(of.train)));
  ASSERT_TRUE(of.report.test.has_value());
  // Six means that are one deviation apart, and variances of half of the images.
  EXPECT_NEAR(of.report.test->frechet, 6, 2);
  EXPECT_GT(of.report.test->ks.min().item<double>(), 0.2);
  EXPECT_EQ(of.report.images.sizes(), (at::IntArrayRef{64, 3, 32, 32}));
}

TEST(LatentReport, IsWrittenWithItsNumbersAndDueWhereThereIsNone) {
  ReportCase of;
  const test::TemporaryFolder folder;
  EXPECT_TRUE(latent_report_is_due(folder.path(), 5));
  of.trained.names = test::named("5: hat\n", 6);
  write_latent_report(folder.path(), of.trained, of.report);
  const auto file = folder / "closeness.json";
  for (const auto age : {std::chrono::hours(0), std::chrono::hours(24)}) {
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - age);
    EXPECT_FALSE(latent_report_is_due(folder.path(), 5)) << "whenever the files were copied";
    EXPECT_TRUE(latent_report_is_due(folder.path(), 6));
  }

  const auto numbers = nlohmann::json::parse(read_file(file));
  EXPECT_EQ(numbers["step"], 5);
  EXPECT_EQ(numbers["vectors_drawn"], 2000);
  EXPECT_EQ(numbers["vectors_compared"], 50) << "as many as test images, of which the yardstick is";
  EXPECT_EQ(numbers["latent_model"]["frechet"], of.report.model.frechet);
  EXPECT_EQ(numbers["test_images"]["ks_largest"], of.report.test->ks.max().item<double>());
  const Table table = read_csv(folder / "activations.csv");
  ASSERT_EQ(table.rows.size(), 6u);
  for (int64_t k = 0; k < 6; ++k) {
    const auto& row = table.rows[k];
    EXPECT_EQ(row[1], k == 5 ? "hat" : "");
    EXPECT_NEAR(std::stod(row[2]), of.train.select(1, k).mean().item<double>(), 1e-4);
    EXPECT_NEAR(std::stod(row[6]), of.report.model.ks[k].item<double>(), 1e-4);
  }
  write_file(file, "{\"step\": 5");
  EXPECT_TRUE(latent_report_is_due(folder.path(), 5)) << "damaged";
}

}  // namespace
}  // namespace patronus
