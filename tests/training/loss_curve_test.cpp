#include "patronus/training/loss_curve.h"

#include <gtest/gtest.h>

#include "patronus/figures/line_plot.h"
#include "patronus/io/atomic_file.h"
#include "patronus/training/metrics_log.h"
#include "support/run_program.h"

namespace patronus {
namespace {

TEST(LossCurve, DrawsEachMetricOverTheStepsThatHaveIt) {
  const test::TemporaryFolder folder;
  const RunDirectory run(folder / "faces");
  std::filesystem::create_directories(run.path());
  MetricsLog log(run, 0);
  log.write(1, {{"denoising_loss", 1.0}});
  log.write(2, {{"denoising_loss", 0.5}, {"test_loss", 0.75}});
  log.write(4, {{"denoising_loss", 0.25}, {"other", 9}});
  draw_loss_curve(run, {{"denoising_loss", "training images"}, {"test_loss", "test images"}},
                  {FigureFormat::kPng});
  const LinePlot expected{
      .series = {{.name = "training images", .x = {1, 2, 4}, .y = {1, 0.5, 0.25}, .marks = true},
                 {.name = "test images", .x = {2}, .y = {0.75}}},
      .title = "faces",
      .x_label = "step",
      .y_label = "denoising loss",
      .log_y = true};
  write_figure(folder / "expected", draw_line_plot(expected), {FigureFormat::kPng});
  EXPECT_EQ(read_file(run.file("loss.png")), read_file(folder / "expected.png")) << "marks, as they are few";
}

}  // namespace
}  // namespace patronus
