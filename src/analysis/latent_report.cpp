#include "patronus/analysis/latent_report.h"

#include <ATen/Functions.h>
#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>

#include "patronus/analysis/unconditional_samples.h"
#include "patronus/core/log.h"
#include "patronus/core/pixels.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/figures/figure.h"
#include "patronus/figures/grid.h"
#include "patronus/figures/line_plot.h"
#include "patronus/figures/matrix_plot.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/io/make_folder.h"
#include "patronus/metrics/correlation.h"
#include "patronus/metrics/frechet.h"
#include "patronus/metrics/hypothesis_tests.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

Canvas draw_histogram(const LatentReport& report, const PrototypeNames& names, int64_t prototype,
                      bool legend) {
  const auto train = report.train.select(1, prototype), drawn = report.drawn.select(1, prototype);
  const auto both = at::cat({train, drawn});
  const double low = both.min().item<double>(), high = std::max(both.max().item<double>(), low + 1e-6);
  const auto named = [&](const char* name) { return legend ? std::string(name) : std::string(); };
  return draw_line_plot(
      {.series = {density(named("training"), train, low, high), density(named("latent"), drawn, low, high)},
       .title = "prototype " + names.label(prototype) + ", KS " +
                format_fixed(report.model.ks[prototype].item<double>(), 3),
       .x_label = "activation",
       .y_label = "density",
       .width = 320,
       .height = 240});
}

/// Densities of activations in training images and in sampled vectors, for the prototypes with the largest
/// Kolmogorov-Smirnov distances.
Canvas draw_histograms(const LatentReport& report, const PrototypeNames& names) {
  constexpr int64_t kShown = 12, kColumns = 3;
  const auto order = report.model.ks.argsort(0, /*descending=*/true);
  std::vector<Picture> histograms;
  for (int64_t i = 0; i < std::min(kShown, order.size(0)); ++i)
    histograms.push_back(draw_histogram(report, names, order[i].item<int64_t>(), i == 0));
  Grid grid = make_grid(histograms, kColumns);
  grid.title = "Activations of training images and of the latent model, the least alike first";
  return draw_grid(grid);
}

/// Correlations between prototypes in training images and in sampled vectors, and their differences.
/// Prototypes are ordered by the leading eigenvector of the training correlations, so that correlated ones
/// are near each other.
Canvas draw_correlations(const LatentReport& report, const PrototypeNames& names) {
  const auto train = correlations(report.train), drawn = correlations(report.drawn);
  const auto leading = std::get<1>(at::linalg_eigh(train)).select(1, -1);
  const auto order = leading.argsort();
  const auto plot = [&](const at::Tensor& r, const char* title) {
    MatrixPlot matrix{.values = r.index_select(0, order).index_select(1, order),
                      .title = title,
                      .x_label = "prototype",
                      .y_label = "prototype"};
    for (const int64_t k : to_vector<int64_t>(order)) {
      matrix.row_labels.push_back(names.label(k));
      matrix.column_labels.push_back(std::to_string(k));
    }
    return draw_matrix(matrix);
  };
  return draw_grid({.rows = {{plot(train, "Training images"), plot(drawn, "Latent model"),
                              plot(drawn - train, "Difference")}},
                    .title = "Correlations of activations"});
}

namespace fs = std::filesystem;

constexpr const char* kDistanceFile = "closeness.json";

ActivationDistance activation_distance(const at::Tensor& sample, const at::Tensor& train,
                                       const Standardizer& scale) {
  const auto a = scale.transform(sample), b = scale.transform(train);
  return {frechet_distance(feature_statistics(a), feature_statistics(b)), kolmogorov_smirnov(a, b),
          correlation_error(a, b)};
}

std::string distance_text(const ActivationDistance& c) {
  return "Fréchet distance " + format_fixed(c.frechet, 3) + ", KS mean " +
         format_fixed(c.ks.mean().item<double>(), 3) + " and largest " +
         format_fixed(c.ks.max().item<double>(), 3) + ", correlations off by " +
         format_fixed(c.correlation_error, 3);
}

Json activation_distance_json(const ActivationDistance& c) {
  return record_json({{"frechet", c.frechet},
                      {"ks_mean", c.ks.mean().item<double>()},
                      {"ks_largest", c.ks.max().item<double>()},
                      {"correlation_error", c.correlation_error}});
}

Table per_prototype(const LatentReport& report, const PrototypeNames& names) {
  std::vector<Record> rows;
  const auto mean_train = report.train.mean(0), sd_train = report.train.std(0);
  const auto mean_drawn = report.drawn.mean(0), sd_drawn = report.drawn.std(0);
  for (int64_t k = 0; k < report.train.size(1); ++k) {
    rows.push_back({{"prototype", k},
                    {"name", names.name(k)},
                    {"mean_train", mean_train[k].item<double>()},
                    {"sd_train", sd_train[k].item<double>()},
                    {"mean_drawn", mean_drawn[k].item<double>()},
                    {"sd_drawn", sd_drawn[k].item<double>()},
                    {"ks", report.model.ks[k].item<double>()}});
  }
  return record_table(rows);
}

}  // namespace

LatentReport latent_report(TrainedModel& trained, const LatentModel& latent, const at::Tensor& train,
                           const at::Tensor& test) {
  constexpr int64_t kVectors = 2000, kImages = 64;
  LatentReport report;
  report.sampler = to_string(latent.sampling.sampler);
  report.step = latent.step;
  report.train = train;
  report.drawn = sample_activations(trained, latent, {0, kVectors});
  const Standardizer scale = fit_standardizer(train);
  // Both samples have the same size, because the distances grow as samples shrink.
  report.compared = test.size(0) > 1 ? std::min(test.size(0), kVectors) : kVectors;
  report.model = activation_distance(report.drawn.slice(0, 0, report.compared), train, scale);
  if (test.size(0) > 1)
    report.test = activation_distance(test.index_select(0, draw_indices(test.size(0), report.compared, 0)),
                                      train, scale);
  report.images =
      sample_conditioned(trained, report.drawn.slice(0, 0, kImages), {.sampling = trained.config.sampling})
          .images;
  return report;
}

void write_latent_report(const fs::path& folder, const TrainedModel& trained, const LatentReport& report) {
  constexpr int64_t kColumns = 8;
  const auto& formats = trained.config.runtime.figures;
  const fs::path pictures = make_folder(folder / "samples");
  write_figure(pictures / "images", draw_grid(make_grid(to_pixels(report.images), kColumns)), formats);
  write_figure(pictures / "histograms", draw_histograms(report, trained.names), formats);
  write_figure(pictures / "correlations", draw_correlations(report, trained.names), formats);
  write_csv(folder / "activations.csv", per_prototype(report, trained.names));
  Json numbers{
      {"step", report.step},
      {"sampler", report.sampler},
      {"reference", "activations of all training images, normalised by their mean and standard deviation"},
      {"training_images", report.train.size(0)},
      {"vectors_drawn", report.drawn.size(0)},
      {"vectors_compared", report.compared},
      {"latent_model", activation_distance_json(report.model)}};
  if (report.test) numbers["test_images"] = activation_distance_json(*report.test);
  write_file(folder / kDistanceFile, json_text(numbers));
  log_info("vectors drawn, against the training images' activations: " + distance_text(report.model));
  if (report.test) log_info("test images', for comparison: " + distance_text(*report.test));
}

bool latent_report_is_due(const fs::path& folder, int64_t step) {
  const fs::path file = folder / kDistanceFile;
  if (!fs::exists(file)) return true;
  const Json numbers = read_json(file);
  return !numbers.is_object() || numbers.value("step", Json()) != step;
}

}  // namespace patronus
