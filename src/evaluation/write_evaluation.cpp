#include "evaluation/write_evaluation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <string>

#include "evaluation/distance_json.h"
#include "patronus/analysis/replace_files.h"
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
#include "patronus/io/markdown.h"
#include "patronus/io/plot.h"
#include "patronus/io/table.h"
#include "patronus/metrics/pca.h"

namespace patronus {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

Json mean_json(const MeanOverFolds& m, const char* over = "folds") {
  if (m.folds == 0) return nullptr;
  return {{"mean", m.mean}, {"sd", m.deviation}, {over, m.folds}};
}

Json scores_json(const RepresentationScores& s) {
  Json json{{"latent_auroc", mean_json(latent_auroc(s.probe))}};
  if (s.classes) json["class_accuracy"] = mean_json(class_accuracy(*s.classes));
  json["tad"] = mean_json(s.tad.tad);
  json["captured"] = mean_json(s.tad.captured);
  json["possible"] = mean_json(s.tad.possible);
  json["dci"] = {{"disentanglement", s.dci.disentanglement},
                 {"completeness", s.dci.completeness},
                 {"informativeness", s.dci.informativeness}};
  json["mig"] = s.mig.mean;
  return json;
}

Json capture_json(const AttributeCapture& c) {
  return {{"attribute", c.name},
          {"images_with", c.positives},
          {"images_without", c.negatives},
          {"images_unknown", c.unknown},
          {"probe_auroc", mean_json(c.probe)},
          {"prototype", c.prototype},
          {"prototype_auroc", c.auroc},
          {"positive_auroc", c.positive_auroc},
          {"second_auroc", c.second},
          {"redundancy", c.redundancy},
          {"possible", c.possible},
          {"captured", c.captured},
          {"best_prototypes", c.best_prototypes}};
}

/// A number of every set, as mean and sample standard deviation (n - 1) over them; null of one set.
template <class Number>
Json over_sets(const GenerationReport& report, const Number& number) {
  std::vector<double> each;
  for (const auto& set : report.sets) each.push_back(number(set));
  const auto values = at::tensor(each, at::kDouble);
  Json json{{"mean", values.mean().item<double>()}, {"sd", nullptr}, {"sets", values.numel()}};
  if (values.numel() > 1) json["sd"] = values.std(/*unbiased=*/true).item<double>();
  return json;
}

bool all_sets_have(const GenerationReport& report, const std::function<bool(const SetDistance&)>& has) {
  return std::all_of(report.sets.begin(), report.sets.end(), has);
}

Json report_json(const GenerationEvaluation& g, const GenerationReport& report) {
  Json json{
      {"protocol", report.protocol},
      {g.is_fid ? "fid" : "frechet_distance", over_sets(report, [](const auto& d) { return d.frechet; })}};
  if (all_sets_have(report, [](const auto& d) { return d.kernel.has_value(); })) {
    json[g.is_fid ? "kid" : "kernel_distance"] =
        over_sets(report, [](const auto& d) { return d.kernel->mean; });
  }
  if (all_sets_have(report, [](const auto& d) { return d.precision_recall.has_value(); })) {
    const auto add = [&](const char* name, double PrecisionRecall::*number) {
      json[name] = over_sets(report, [&](const auto& d) { return (*d.precision_recall).*number; });
    };
    add("precision", &PrecisionRecall::precision);
    add("recall", &PrecisionRecall::recall);
    add("density", &PrecisionRecall::density);
    add("coverage", &PrecisionRecall::coverage);
  }
  json["sets"] = Json::array();
  for (const auto& set : report.sets) json["sets"].push_back(distance_json(set));
  return json;
}

Json statistics_json(const at::Tensor& values) {
  return {{"mean", values.mean().item<double>()},
          {"sd", values.std(0, /*unbiased=*/false).item<double>()},
          {"worst", values.min().item<double>()}};
}

/// "3 17 5": one cell of a table.
std::string best(const AttributeCapture& capture) {
  std::string text;
  for (const int64_t k : capture.best_prototypes) text += (text.empty() ? "" : " ") + std::to_string(k);
  return text;
}

Json representation_json(const Representation& r) {
  Json json{{"protocol",
             {{"split", r.split},
              {"images", r.activation.size(0)},
              {"chosen", "at random"},
              {"folds", 5},
              {"probe", "logistic regression to its optimum, L2, C = 1, standardised by the train part"},
              {"tad", "sign-free AUROC at least 0.75 on the train part, redundancy at most 0.2"},
              {"dci", "absolute coefficients of the probes as importances; informativeness: latent AUROC"},
              {"mig", "20 bins of equal width"}}}};
  for (const auto& scores : r.scores) json[scores.name] = scores_json(scores);
  json["left_out"] = r.attributes.left_out;
  json["attributes"] = Json::array();
  for (const auto& capture : r.captures) json["attributes"].push_back(capture_json(capture));
  return json;
}

Json reconstruction_json(const ReconstructionEvaluation& r) {
  Json protocol{{"split", r.split}, {"images", r.mse.size(0)}};
  add_settings(protocol, r.inversion);
  Json mse = statistics_json(r.mse);
  mse["worst"] = r.mse.max().item<double>();
  return {{"protocol", protocol},
          {"mse", mse},
          {"psnr_db", statistics_json(r.psnr)},
          {"ssim", statistics_json(r.ssim)},
          {"evaluations", r.evaluations}};
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
  for (const auto& report : g.reports) json[report.name] = report_json(g, report);
  return json;
}

/// A row an attribute: AUROC of every representation's probe, the prototype that tells it best, what is
/// captured.
Table attribute_table(const Representation& r) {
  Table table{{"attribute"}, {}};
  for (const auto& s : r.scores) {
    table.columns.push_back(s.name + " auroc");
    table.columns.push_back(s.name + " sd");
  }
  for (const char* name :
       {"prototype", "prototype_auroc", "positive_auroc", "second_auroc", "redundancy", "possible",
        "captured", "best_prototypes", "images_with", "images_without", "images_unknown"}) {
    table.columns.emplace_back(name);
  }
  for (size_t a = 0; a < r.captures.size(); ++a) {
    const AttributeCapture& c = r.captures[a];
    std::vector<std::string> row{c.name};
    for (const auto& s : r.scores) {
      const MeanOverFolds auroc = attribute_auroc(s.probe, static_cast<int64_t>(a));
      row.push_back(auroc.folds > 0 ? decimal(auroc.mean) : "");
      row.push_back(auroc.folds > 0 ? decimal(auroc.deviation) : "");
    }
    row.insert(row.end(),
               {std::to_string(c.prototype), decimal(c.auroc), decimal(c.positive_auroc), decimal(c.second),
                decimal(c.redundancy), std::to_string(c.possible), std::to_string(c.captured), best(c),
                std::to_string(c.positives), std::to_string(c.negatives), std::to_string(c.unknown)});
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string plus_minus(const MeanOverFolds& m, int digits) {
  return m.folds == 0 ? "not measured" : fixed(m.mean, digits) + " ± " + fixed(m.deviation, digits);
}

/// "120, 80", and how many do not count.
std::string image_counts(const AttributeCapture& c) {
  return std::to_string(c.positives) + ", " + std::to_string(c.negatives) +
         (c.unknown > 0 ? " (" + std::to_string(c.unknown) + " unknown)" : "");
}

std::string representation_markdown(const Representation& r, const PrototypeNames& names) {
  const bool classes = r.scores.front().classes.has_value();
  std::string text = "## Representation\n\n" + std::to_string(r.activation.size(0)) + " images of the " +
                     r.split + " split, five folds, mean ± standard deviation.\n\n";
  std::vector<std::string> head{
      "vectors", "TAD", "attributes captured", "latent AUROC", "disentanglement", "completeness", "MIG"};
  if (classes) head.insert(head.begin() + 4, "class accuracy");
  text += markdown_head(head);
  for (const auto& s : r.scores) {
    std::vector<std::string> row{s.name,
                                 plus_minus(s.tad.tad, 3),
                                 plus_minus(s.tad.captured, 1) + " of " + fixed(s.tad.possible.mean, 1),
                                 plus_minus(latent_auroc(s.probe), 3),
                                 fixed(s.dci.disentanglement, 3),
                                 fixed(s.dci.completeness, 3),
                                 fixed(s.mig.mean, 3)};
    if (classes) row.insert(row.begin() + 4, plus_minus(class_accuracy(*s.classes), 3));
    text += markdown_line(row);
  }
  text += "\n" + markdown_head({"attribute", "images with, without", "probe AUROC", "prototype", "its AUROC",
                                "captured"});
  for (const auto& c : r.captures) {
    text += markdown_line({c.name, image_counts(c), plus_minus(c.probe, 3), names.label(c.prototype),
                           fixed(c.positive_auroc, 3),
                           c.captured   ? "yes"
                           : c.possible ? "no"
                                        : "not possible"});
  }
  if (!r.attributes.left_out.empty()) {
    text += "\nLeft out, for they have too few values or too many: " + join(r.attributes.left_out) + ".\n";
  }
  return text + "\n";
}

std::string reconstruction_markdown(const ReconstructionEvaluation& r) {
  const auto mean = [](const at::Tensor& values, int digits) {
    return fixed(values.mean().item<double>(), digits);
  };
  return "## Reconstruction\n\n" +
         markdown_head({"images", "MSE", "PSNR (dB)", "SSIM", "evaluations of the network"}) +
         markdown_line({std::to_string(r.mse.size(0)) + " (" + r.split + ")", mean(r.mse, 6), mean(r.psnr, 2),
                        mean(r.ssim, 4), fixed(r.evaluations, 0)}) +
         "\n";
}

std::string generation_markdown(const GenerationEvaluation& g) {
  std::string text = "## Generation\n\n" + std::to_string(g.options.sets) + " sets of " +
                     std::to_string(g.options.set_images) + " images against " +
                     (g.real_images > 0 ? std::to_string(g.real_images) : "an unknown number of") +
                     " real ones (" + g.real +
                     "), mean ± sample standard deviation over sets. Features: " + g.features + ".\n\n" +
                     markdown_head({"images", g.is_fid ? "FID" : "Fréchet distance (not FID)",
                                    g.is_fid ? "KID" : "kernel distance", "precision", "recall"});
  const Json numbers = generation_json(g);
  bool too_few = false;
  for (const auto& report : g.reports) {
    const Json json = numbers[report.name];
    const auto cell = [&](const std::string& key, int digits) {
      const Json value = json.value(key, Json());
      if (value.is_null()) return std::string("-");
      const std::string spread = value["sd"].is_null() ? "" : " ± " + fixed(value["sd"], digits);
      return fixed(value["mean"], digits) + spread;
    };
    text += markdown_line({report.name, cell(g.is_fid ? "fid" : "frechet_distance", 3),
                           cell(g.is_fid ? "kid" : "kernel_distance", 5), cell("precision", 3),
                           cell("recall", 3)});
    for (const auto& set : report.sets) too_few |= set.too_few;
  }
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
  if (evaluation.reconstruction) text += reconstruction_markdown(*evaluation.reconstruction);
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
  const auto attributes = static_cast<int64_t>(r.attributes.names.size());
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
  return {.title = r.attributes.names[static_cast<size_t>(a)], .width = 420, .height = 300};
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
    const AttributeCapture& capture = r.captures[static_cast<size_t>(a)];
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
                             .x = numbers(rows.select(1, 0)),
                             .y = numbers(rows.select(1, rows.size(1) - 1)),
                             .dots = true});
    }
    return draw_line_plot(plot);
  });
}

/// The tables and figures of the parts that were made.
std::vector<std::string> files_of_parts(const Evaluation& evaluation,
                                        const std::vector<FigureFormat>& formats) {
  std::vector<std::string> figures, files;
  if (evaluation.representation) {
    figures = {"attributes", "scores", "components"};
    files = {"attributes.csv"};
  }
  if (evaluation.similarity) {
    figures.emplace_back("similarity");
    files.insert(files.end(), {"similar-vectors.csv", "similar-activations.csv"});
  }
  if (evaluation.control) {
    figures.emplace_back("effects");
    files.insert(files.end(), {"control.csv", "effects.csv"});
  }
  if (evaluation.likelihood) figures.emplace_back("likelihood");
  const auto drawn = names_of_figures(figures, formats);
  files.insert(files.end(), drawn.begin(), drawn.end());
  return files;
}

}  // namespace

void write_representation(const fs::path& folder, const Representation& representation,
                          const std::vector<FigureFormat>& formats) {
  write_csv(folder / "attributes.csv", attribute_table(representation));
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

void write_report(const fs::path& folder, const TrainedModel& trained, const Evaluation& evaluation) {
  replace_files(folder, files_of_parts(evaluation, trained.config.runtime.figures));
  auto json = model_json(trained);
  const DataConfig& data = trained.config.data;
  json["data"] = {{"kind", to_string(data.kind)},
                  {"path", data.path},
                  {"size", data.size},
                  {"resize", to_string(data.resize)}};
  if (evaluation.representation) json["representation"] = representation_json(*evaluation.representation);
  if (evaluation.similarity) json["similarity"] = similarity_json(*evaluation.similarity);
  if (evaluation.control) json["control"] = control_json(*evaluation.control);
  if (evaluation.reconstruction) json["reconstruction"] = reconstruction_json(*evaluation.reconstruction);
  if (evaluation.likelihood) json["likelihood"] = likelihood_json(*evaluation.likelihood);
  if (evaluation.generation) json["generation"] = generation_json(*evaluation.generation);
  write_file(folder / "evaluation.json", json.dump(2) + "\n");
  write_file(folder / "evaluation.md", evaluation_markdown(trained, evaluation));
}

}  // namespace patronus
