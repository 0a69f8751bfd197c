#include "evaluation/write_evaluation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <string>

#include "evaluation/distance_json.h"
#include "patronus/analysis/record.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/error.h"
#include "patronus/evaluation/control_report.h"
#include "patronus/evaluation/evaluate.h"
#include "patronus/evaluation/representation.h"
#include "patronus/evaluation/similarity.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/bar_plot.h"
#include "patronus/io/density.h"
#include "patronus/io/figure.h"
#include "patronus/io/plot.h"
#include "patronus/io/table.h"
#include "patronus/metrics/pca.h"

namespace patronus {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

std::string counts_text(const AttributeCapture& c) {
  return std::to_string(c.positives) + ", " + std::to_string(c.negatives) +
         (c.unknown > 0 ? " (" + std::to_string(c.unknown) + " unknown)" : "");
}

Record scores_record(const RepresentationScores& s) {
  Record record{shown("vectors", s.name),
                {"tad", s.tad.tad, "TAD"},
                {"captured", s.tad.captured, "attributes captured", 1},
                {"possible", s.tad.possible, "of possible", 1}};
  if (s.classes) record.push_back({"class_accuracy", class_accuracy(*s.classes), "class accuracy"});
  return concat(record, {{"latent_auroc", latent_auroc(s.probe), "latent AUROC"},
                         {"dci.disentanglement", s.dci.disentanglement, "disentanglement"},
                         {"dci.completeness", s.dci.completeness, "completeness"},
                         {"dci.informativeness", s.dci.informativeness},
                         {"mig", s.mig.mean, "MIG"}});
}

Record capture_record(const AttributeCapture& c, const PrototypeNames& names) {
  return {{"attribute", c.name, "attribute"},
          {"images_with", c.positives},
          {"images_without", c.negatives},
          {"images_unknown", c.unknown},
          shown("images with, without", counts_text(c)),
          {"probe_auroc", c.probe, "probe AUROC"},
          {"prototype", c.prototype},
          shown("prototype", names.label(c.prototype)),
          {"prototype_auroc", c.auroc},
          {"positive_auroc", c.positive_auroc, "its AUROC"},
          {"second_auroc", c.second},
          {"redundancy", c.redundancy},
          {"possible", c.possible, "possible"},
          {"captured", c.captured, "captured"},
          {"best_prototypes", c.best_prototypes}};
}

std::vector<Record> capture_records(const Representation& r, const PrototypeNames& names) {
  std::vector<Record> records;
  for (const auto& capture : r.captures) records.push_back(capture_record(capture, names));
  return records;
}

Json representation_json(const Representation& r, const PrototypeNames& names) {
  Json json{{"protocol",
             {{"split", r.split},
              {"images", r.activation.size(0)},
              {"chosen", "at random"},
              {"folds", 5},
              {"probe", "logistic regression to its optimum, L2, C = 1, standardised by the train part"},
              {"tad", "sign-free AUROC at least 0.75 on the train part, redundancy at most 0.2"},
              {"dci", "absolute coefficients of the probes as importances; informativeness: latent AUROC"},
              {"mig", "20 bins of equal width"}}}};
  for (const auto& scores : r.scores) json[scores.name] = record_json(scores_record(scores));
  json["left_out"] = r.attributes.left_out;
  json["attributes"] = records_json(capture_records(r, names));
  return json;
}

/// A row an attribute: the probe of the activations, the prototype that tells it best, what is captured, and
/// AUROC of the other representations' probes.
Table attribute_table(const Representation& r, const PrototypeNames& names) {
  std::vector<Record> records = capture_records(r, names);
  for (size_t a = 0; a < records.size(); ++a) {
    for (const auto& s : std::span(r.scores).subspan(1)) {
      records[a].push_back({s.name + " auroc", attribute_auroc(s.probe, static_cast<int64_t>(a))});
    }
  }
  return record_table(records);
}

std::string representation_markdown(const Representation& r, const PrototypeNames& names) {
  std::vector<Record> scores;
  for (const auto& s : r.scores) scores.push_back(scores_record(s));
  std::string text = "## Representation\n\n" + std::to_string(r.activation.size(0)) + " images of the " +
                     r.split + " split, five folds, mean ± standard deviation.\n\n" +
                     record_markdown(scores) + "\n" + record_markdown(capture_records(r, names));
  if (!r.attributes.left_out.empty()) {
    text += "\nLeft out, for they have too few values or too many: " + join(r.attributes.left_out) + ".\n";
  }
  return text + "\n";
}

Record reconstruction_record(const ReconstructionEvaluation& r) {
  const auto mean = [](const at::Tensor& values) { return values.mean().item<double>(); };
  const auto deviation = [](const at::Tensor& values) {
    return values.std(0, /*unbiased=*/false).item<double>();
  };
  return {shown("images", std::to_string(r.mse.size(0)) + " (" + r.split + ")"),
          {"mse.mean", mean(r.mse), "MSE", 6},
          {"mse.sd", deviation(r.mse)},
          {"mse.worst", r.mse.max().item<double>()},
          {"psnr_db.mean", mean(r.psnr), "PSNR (dB)", 2},
          {"psnr_db.sd", deviation(r.psnr)},
          {"psnr_db.worst", r.psnr.min().item<double>()},
          {"ssim.mean", mean(r.ssim), "SSIM", 4},
          {"ssim.sd", deviation(r.ssim)},
          {"ssim.worst", r.ssim.min().item<double>()},
          {"evaluations", r.evaluations, "evaluations of the network", 0}};
}

Json reconstruction_json(const ReconstructionEvaluation& r) {
  Json protocol{{"split", r.split}, {"images", r.mse.size(0)}};
  add_settings(protocol, r.inversion);
  Json json{{"protocol", protocol}};
  json.update(record_json(reconstruction_record(r)));
  return json;
}

/// One number of a distance, under the name that is right for its features.
struct SetMetric {
  std::string key;
  std::string head;
  int digits;
  std::function<std::optional<double>(const SetDistance&)> of;
};

std::vector<SetMetric> set_metrics(bool is_fid) {
  const auto kernel = [](const SetDistance& d) -> std::optional<double> {
    if (!d.kernel) return {};
    return d.kernel->mean;
  };
  const auto precision_recall = [](double PrecisionRecall::*number) {
    return [number](const SetDistance& d) -> std::optional<double> {
      if (!d.precision_recall) return {};
      return (*d.precision_recall).*number;
    };
  };
  return {{is_fid ? "fid" : "frechet_distance", is_fid ? "FID" : "Fréchet distance (not FID)", 3,
           [](const SetDistance& d) { return d.frechet; }},
          {is_fid ? "kid" : "kernel_distance", is_fid ? "KID" : "kernel distance", 5, kernel},
          {"precision", "precision", 3, precision_recall(&PrecisionRecall::precision)},
          {"recall", "recall", 3, precision_recall(&PrecisionRecall::recall)},
          {"density", "", 3, precision_recall(&PrecisionRecall::density)},
          {"coverage", "", 3, precision_recall(&PrecisionRecall::coverage)}};
}

/// A number of every set, as mean and sample standard deviation (n - 1) over them, which one set has not.
MeanOver over_sets(const GenerationReport& report, const SetMetric& metric) {
  std::vector<double> each;
  for (const auto& set : report.sets) each.push_back(*metric.of(set));
  const auto values = at::tensor(each, at::kDouble);
  const double deviation = each.size() > 1 ? values.std(/*unbiased=*/true).item<double>() : std::nan("");
  return {values.mean().item<double>(), deviation, values.numel(), "sets"};
}

Record report_record(const GenerationReport& report, bool is_fid) {
  Record record{shown("images", report.name)};
  for (const auto& metric : set_metrics(is_fid)) {
    const bool measured = std::all_of(report.sets.begin(), report.sets.end(),
                                      [&](const SetDistance& set) { return metric.of(set).has_value(); });
    record.push_back({.key = metric.key,
                      .value = measured ? RecordValue(over_sets(report, metric)) : 0.0,
                      .head = metric.head,
                      .digits = metric.digits,
                      .is_known = measured});
  }
  return record;
}

/// Distances under the names "fid" and "kid" only where they are that, else "frechet_distance" and
/// "kernel_distance".
Json generation_json(const GenerationEvaluation& g) {
  Json json{{"protocol",
             {{"features", g.features},
              {"real", g.real},
              {"real_images", g.real_images > 0 ? Json(g.real_images) : Json()},
              {"sets", g.options.sets},
              {"set_images", g.options.set_images},
              {"kernel", "(x.y / D + 1)^3, 100 subsets of at most 1000"},
              {"neighbours", 3}}}};
  for (const auto& report : g.reports) {
    Json& entry = json[report.name] = {{"protocol", report.protocol}};
    entry.update(record_json(report_record(report, g.is_fid)));
    entry["sets"] = Json::array();
    for (const auto& set : report.sets) entry["sets"].push_back(distance_json(set));
  }
  return json;
}

std::string generation_markdown(const GenerationEvaluation& g) {
  std::vector<Record> reports;
  bool too_few = false;
  for (const auto& report : g.reports) {
    reports.push_back(report_record(report, g.is_fid));
    for (const auto& set : report.sets) too_few |= set.too_few;
  }
  std::string text = "## Generation\n\n" + std::to_string(g.options.sets) + " sets of " +
                     std::to_string(g.options.set_images) + " images against " +
                     (g.real_images > 0 ? std::to_string(g.real_images) : "an unknown number of") +
                     " real ones (" + g.real +
                     "), mean ± sample standard deviation over sets. Features: " + g.features + ".\n\n" +
                     record_markdown(reports);
  if (too_few) {
    text +=
        "\nThere are no more images than dimensions: the Fréchet distance is too large by an unknown "
        "amount.\n";
  }
  return text + "\n";
}

/// The whole evaluation as tables, in Markdown.
std::string evaluation_markdown(const TrainedModel& trained, const Evaluation& evaluation) {
  std::string text =
      "# Evaluation of " + trained.checkpoint.string() + " (" + weights_text(trained) + ")\n\n";
  if (evaluation.representation) text += representation_markdown(*evaluation.representation, trained.names);
  if (evaluation.similarity) text += similarity_markdown(*evaluation.similarity);
  if (evaluation.control) text += control_markdown(*evaluation.control, trained.names);
  if (evaluation.reconstruction) {
    text +=
        "## Reconstruction\n\n" + record_markdown({reconstruction_record(*evaluation.reconstruction)}) + "\n";
  }
  if (evaluation.likelihood) text += likelihood_markdown(*evaluation.likelihood);
  if (evaluation.generation) text += generation_markdown(*evaluation.generation);
  return text;
}

constexpr int64_t kMostAttributes = 12;
constexpr int64_t kColumns = 3;

/// Rows of `x` of the images with, or without, attribute `a`.
at::Tensor rows_where(const Representation& r, const at::Tensor& x, int64_t a, bool has) {
  return x.index({r.attributes.values.select(1, a) == static_cast<int64_t>(has)});
}

/// One small plot for each of the first attributes.
Canvas small_plots(const Representation& r, const std::string& title,
                   const std::function<Canvas(int64_t a)>& draw) {
  Grid grid{.title = title};
  const auto attributes = std::ssize(r.attributes.names);
  for (int64_t a = 0; a < std::min(kMostAttributes, attributes); ++a) {
    if (a % kColumns == 0) grid.rows.emplace_back();
    grid.rows.back().push_back(draw(a));
  }
  return draw_grid(grid);
}

Bars probe_bars(const RepresentationScores& scores) {
  Bars bars{.name = scores.name};
  for (int64_t a = 0; a < scores.probe.auroc.size(1); ++a) {
    const MeanOverFolds auroc = attribute_auroc(scores.probe, a);
    bars.values.push_back(auroc.folds > 0 ? auroc.mean : std::numeric_limits<double>::quiet_NaN());
    bars.deviations.push_back(auroc.deviation);
  }
  return bars;
}

LinePlot small_plot(const Representation& r, int64_t a) {
  return {.title = r.attributes.names[a], .width = 420, .height = 300};
}

/// AUROC of the linear probe for every attribute, of all representations.
Canvas draw_attribute_bars(const Representation& r) {
  BarPlot plot{.categories = r.attributes.names,
               .title = "What linear probes read off a representation",
               .x_label = "AUROC, five folds",
               .start = 0.5};
  for (const auto& scores : r.scores) plot.series.push_back(probe_bars(scores));
  return draw_bar_plot(plot);
}

/// For every attribute (up to twelve) the distribution of the activation that tells it best, with it and
/// without.
Canvas draw_score_distributions(const Representation& r) {
  return small_plots(r, "Activation of the prototype that tells an attribute best", [&](int64_t a) {
    const AttributeCapture& capture = r.captures[a];
    const auto score = r.activation.select(1, capture.prototype);
    const double low = score.min().item<double>(), high = std::max(score.max().item<double>(), low + 1e-6);
    LinePlot plot = small_plot(r, a);
    plot.series = {density(a == 0 ? "with" : "", rows_where(r, score, a, true), low, high),
                   density(a == 0 ? "without" : "", rows_where(r, score, a, false), low, high)};
    plot.x_label = "activation of prototype " + std::to_string(capture.prototype) + ", AUROC " +
                   fixed(capture.positive_auroc, 2);
    return draw_line_plot(plot);
  });
}

/// Activations on their two principal components, with each attribute (up to twelve) and without it.
Canvas draw_components(const Representation& r) {
  constexpr int64_t kMostImages = 1000;
  const Pca pca = fit_pca(r.activation, std::min<int64_t>(2, r.activation.size(1)));
  const auto projected = pca.projected(r.activation.slice(0, 0, kMostImages));
  Representation shown = r;
  shown.attributes.values = r.attributes.values.slice(0, 0, kMostImages);
  return small_plots(r, "Activations on their two principal components", [&](int64_t a) {
    LinePlot plot = small_plot(r, a);
    for (const bool has : {true, false}) {
      const auto rows = rows_where(shown, projected, a, has);
      plot.series.push_back({.name = a == 0 ? (has ? "with" : "without") : "",
                             .x = to_vector(rows.select(1, 0)),
                             .y = to_vector(rows.select(1, rows.size(1) - 1)),
                             .dots = true});
    }
    return draw_line_plot(plot);
  });
}

void write_representation(const fs::path& folder, const Representation& representation,
                          const PrototypeNames& names, const std::vector<FigureFormat>& formats) {
  write_csv(folder / "attributes.csv", attribute_table(representation, names));
  write_figure(folder / "attributes", draw_attribute_bars(representation), formats);
  write_figure(folder / "scores", draw_score_distributions(representation), formats);
  write_figure(folder / "components", draw_components(representation), formats);
}

void write_similarity(const fs::path& folder, const SimilarityEvaluation& evaluation,
                      const std::vector<FigureFormat>& formats) {
  write_csv(folder / "similar-vectors.csv", similarity_table(evaluation.vectors));
  write_csv(folder / "similar-activations.csv", similarity_table(evaluation.activations));
  write_figure(folder / "similarity", draw_similarity(evaluation), formats);
}

void write_control(const fs::path& folder, const TrainedModel& trained, const ControlEvaluation& evaluation) {
  write_csv(folder / "control.csv", control_table(evaluation, trained.names));
  write_csv(folder / "effects.csv", effect_matrix_table(evaluation.control));
  write_figure(folder / "effects", draw_control(evaluation.control, trained.names),
               trained.config.runtime.figures);
}

}  // namespace

void write_evaluation(const fs::path& folder, const TrainedModel& trained, const Evaluation& evaluation) {
  auto json = model_json(trained);
  const DataConfig& data = trained.config.data;
  json["data"] = {{"kind", to_string(data.kind)},
                  {"path", data.path},
                  {"size", data.size},
                  {"resize", to_string(data.resize)}};
  if (evaluation.representation)
    json["representation"] = representation_json(*evaluation.representation, trained.names);
  if (evaluation.similarity) json["similarity"] = similarity_json(*evaluation.similarity);
  if (evaluation.control) json["control"] = control_json(*evaluation.control, trained.names);
  if (evaluation.reconstruction) json["reconstruction"] = reconstruction_json(*evaluation.reconstruction);
  if (evaluation.likelihood) json["likelihood"] = likelihood_json(*evaluation.likelihood);
  if (evaluation.generation) json["generation"] = generation_json(*evaluation.generation);
  write_file(folder / "evaluation.json", json.dump(2) + "\n");
  write_file(folder / "evaluation.md", evaluation_markdown(trained, evaluation));
  const auto& formats = trained.config.runtime.figures;
  if (const auto& part = evaluation.representation)
    write_representation(folder, *part, trained.names, formats);
  if (const auto& part = evaluation.similarity) write_similarity(folder, *part, formats);
  if (const auto& part = evaluation.control) write_control(folder, trained, *part);
  if (const auto& part = evaluation.likelihood)
    write_figure(folder / "likelihood", draw_likelihood(*part), formats);
}

}  // namespace patronus
