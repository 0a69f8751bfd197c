#include "evaluation/representation_report.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <ranges>
#include <span>

#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/core/unknown.h"
#include "patronus/figures/bar_plot.h"
#include "patronus/figures/grid.h"
#include "patronus/figures/line_plot.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"
#include "patronus/metrics/pca.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

/// " (3 unknown)"; empty if there are none.
std::string unknown_text(int64_t unknown) {
  return unknown > 0 ? " (" + std::to_string(unknown) + " unknown)" : "";
}

std::string counts_text(const AttributeCapture& c) {
  return std::to_string(c.positives) + ", " + std::to_string(c.negatives) + unknown_text(c.unknown);
}

Record scores_record(const Representation& r, const RepresentationScores& s) {
  Record record{shown("vectors", s.name),
                {"tad", s.tad.tad, "TAD"},
                {"captured", s.tad.captured, "attributes captured", 1},
                {"possible", s.tad.possible, "of possible", 1}};
  for (size_t i = 0; i < r.classes.size(); ++i) {
    if (r.classes[i].is_label)
      record.push_back({"class_accuracy", class_accuracy(s.classes[i]), "class accuracy"});
  }
  return concat(record, {{"latent_auroc", latent_auroc(s.probe), "latent AUROC"},
                         {"dci.disentanglement", s.dci.disentanglement, "disentanglement"},
                         {"dci.completeness", s.dci.completeness, "completeness"},
                         {"dci.informativeness", s.dci.informativeness},
                         {"mig", s.mig, "MIG"}});
}

Record capture_record(const AttributeCapture& c, const PrototypeNames& names) {
  return {{"attribute", c.name, "attribute"},
          {"images_with", c.positives},
          {"images_without", c.negatives},
          {"images_unknown", c.unknown},
          shown("images with, without", counts_text(c)),
          {"probe_auroc", c.probe, "probe AUROC"},
          {"prototype", c.prototype},
          {"name", names.name(c.prototype)},
          shown("prototype", names.label(c.prototype) + (c.positive_auroc < 0.5 ? " (falls)" : "")),
          {"prototype_auroc", c.auroc, "its AUROC"},
          {"positive_auroc", c.positive_auroc},
          {"second_auroc", c.second},
          {"redundancy", c.redundancy},
          {"possible", c.possible, "possible"},
          {"captured", c.captured},
          {"too_few_images", c.too_few_images},
          shown("captured", c.too_few_images ? "too few images"
                            : c.captured     ? "yes"
                                             : "no"),
          {"best_prototypes", c.best_prototypes}};
}

std::vector<Record> capture_records(const Representation& r, const PrototypeNames& names) {
  return records_of(r.captures, [&](const auto& capture) { return capture_record(capture, names); });
}

/// Accuracy of each representation's probe for attribute `i` of several classes.
Record class_probe_record(const Representation& r, size_t i) {
  const ClassAttribute& attribute = r.classes[i];
  Record record{{"attribute", attribute.name, "attribute"},
                {"classes", attribute.classes, "classes"},
                {"images", attribute.known},
                {"images_unknown", attribute.unknown},
                shown("images", std::to_string(attribute.known) + unknown_text(attribute.unknown)),
                {"most_frequent_share", attribute.most_frequent_share, "share of the most frequent"}};
  for (const auto& s : r.scores)
    record.push_back({"accuracy." + s.name, class_accuracy(s.classes[i]), "accuracy, " + s.name});
  return record;
}

std::vector<Record> class_probe_records(const Representation& r) {
  return records_of(std::views::iota(size_t{0}, r.classes.size()),
                    [&](size_t i) { return class_probe_record(r, i); });
}

/// One row per attribute: probe of the activations, best prototype, whether it is captured, and the other
/// representations' probe AUROC.
Table attribute_table(const Representation& r, const PrototypeNames& names) {
  std::vector<Record> records = capture_records(r, names);
  for (size_t a = 0; a < records.size(); ++a) {
    for (const auto& s : std::span(r.scores).subspan(1)) {
      records[a].push_back({s.name + " auroc", attribute_auroc(s.probe, static_cast<int64_t>(a))});
    }
  }
  return record_table(records);
}

constexpr int64_t kMaxAttributes = 12;
constexpr int64_t kColumns = 3;

/// Rows of `x` for the images with, or without, attribute `a`.
at::Tensor rows_where(const Representation& r, const at::Tensor& x, int64_t a, bool has) {
  return x.index({r.attributes.values.select(1, a) == static_cast<int64_t>(has)});
}

/// Small plots for the first attributes, each with two curves: with and without the attribute.
Canvas small_plots(const Representation& r, const std::string& title,
                   const std::function<Canvas(int64_t a)>& draw) {
  std::vector<Picture> plots;
  const auto attributes = std::ssize(r.attributes.names);
  for (int64_t a = 0; a < std::min(kMaxAttributes, attributes); ++a) plots.push_back(draw(a));
  Grid grid = make_grid(plots, kColumns);
  grid.title = title;
  grid.key = {"with the attribute", "without it"};
  return draw_grid(grid);
}

Bars probe_bars(const RepresentationScores& scores) {
  Bars bars{.name = scores.name};
  for (int64_t a = 0; a < scores.probe.auroc.size(1); ++a) {
    const MeanOver auroc = attribute_auroc(scores.probe, a);
    bars.values.push_back(auroc.count > 0 ? auroc.mean : kNaN);
    bars.deviations.push_back(auroc.deviation);
  }
  return bars;
}

LinePlot small_plot(const Representation& r, int64_t a) {
  return {.title = r.attributes.names[a], .width = 320, .height = 240};
}

/// Probe AUROC for every attribute and representation.
Canvas draw_attribute_bars(const Representation& r) {
  BarPlot plot{.categories = r.attributes.names,
               .title = "What linear probes read off a representation",
               .x_label = "AUROC, mean and standard deviation of five folds",
               .start = 0.5};
  for (const auto& scores : r.scores) plot.series.push_back(probe_bars(scores));
  return draw_bar_plot(plot);
}

/// For each of the first twelve attributes, distributions of its best prototype's activation with and without
/// it.
Canvas draw_score_distributions(const Representation& r, const PrototypeNames& names) {
  return small_plots(r, "Activation of the prototype that tells an attribute best", [&](int64_t a) {
    const AttributeCapture& capture = r.captures[a];
    const auto score = r.activation.select(1, capture.prototype);
    const double low = score.min().item<double>(), high = std::max(score.max().item<double>(), low + 1e-6);
    LinePlot plot = small_plot(r, a);
    plot.series = {density("", rows_where(r, score, a, true), low, high),
                   density("", rows_where(r, score, a, false), low, high)};
    if (capture.auroc.count > 0) plot.title += ", AUROC " + format_fixed(capture.auroc.mean, 2);
    plot.x_label = "activation of prototype " + names.label(capture.prototype);
    plot.y_label = "density";
    return draw_line_plot(plot);
  });
}

/// Activations on their first two principal components, with and without each of the first twelve attributes.
Canvas draw_components(const Representation& r) {
  constexpr int64_t kMaxImages = 1000;
  const Pca pca = fit_pca(r.activation, std::min<int64_t>(2, r.activation.size(1)));
  const auto drawn = draw_indices(r.activation.size(0), kMaxImages, 0);
  const auto projected = pca.transform(r.activation.index_select(0, drawn));
  const auto shares = pca.transform(r.activation).var(0) / r.activation.to(at::kDouble).var(0).sum();
  const auto axis_name = [&](int64_t c) {
    return "component " + std::to_string(c + 1) + ", " + format_fixed(100 * shares[c].item<double>(), 0) +
           " %";
  };
  Representation shown = r;
  shown.attributes.values = r.attributes.values.index_select(0, drawn);
  return small_plots(r,
                     "Activations on their first two principal components (share of the variance): the same "
                     "images in every plot, coloured by one attribute each",
                     [&](int64_t a) {
                       LinePlot plot = small_plot(r, a);
                       plot.x_label = axis_name(0);
                       plot.y_label = axis_name(shares.size(0) - 1);
                       for (const bool has : {true, false}) {
                         const auto rows = rows_where(shown, projected, a, has);
                         plot.series.push_back({.x = to_vector(rows.select(1, 0)),
                                                .y = to_vector(rows.select(1, rows.size(1) - 1)),
                                                .dots = true});
                       }
                       return draw_line_plot(plot);
                     });
}

}  // namespace

Json representation_json(const Representation& r, const PrototypeNames& names) {
  Json json{{"protocol",
             {{"split", r.split},
              {"images", r.activation.size(0)},
              {"chosen", "at random"},
              {"folds", 5},
              {"probe", "logistic regression to its optimum, L2, C = 1, standardised by the train part"},
              {"class_probe", "one softmax regression for all classes, fitted in the same way"},
              {"tad", "sign-free AUROC at least 0.75 on the train part, redundancy at most 0.2"},
              {"dci", "absolute coefficients of the probes as importances; informativeness: latent AUROC"},
              {"mig", "20 bins of equal width"}}}};
  for (const auto& scores : r.scores) json[scores.name] = record_json(scores_record(r, scores));
  json["left_out"] = r.attributes.left_out;
  json["attributes"] = records_json(capture_records(r, names));
  json["class_probes"] = records_json(class_probe_records(r));
  return json;
}

std::string representation_markdown(const Representation& r, const PrototypeNames& names) {
  std::vector<Record> scores;
  for (const auto& s : r.scores) scores.push_back(scores_record(r, s));
  std::string text = "## Representation\n\n" + std::to_string(r.activation.size(0)) + " images of the " +
                     r.split + " split, five folds.\n\n" + record_markdown(scores) + "\n" +
                     record_markdown(capture_records(r, names));
  if (std::ranges::any_of(r.captures, &AttributeCapture::too_few_images)) {
    text += "\nToo few images: fewer than " + std::to_string(kLeastCapturedImages) +
            " have the attribute, or lack it. Of so few, some prototype reaches 0.75 by chance; TAD and the "
            "number of captured attributes count them, as the authors' code does.\n";
  }
  if (!r.classes.empty()) {
    text +=
        "\nClasses told apart by one softmax regression an attribute. Always saying the most frequent class "
        "is right in its share of the images.\n\n" +
        record_markdown(class_probe_records(r));
  }
  if (!r.attributes.left_out.empty()) {
    text += "\nLeft out, for they have too few values or too many: " + join(r.attributes.left_out) + ".\n";
  }
  return text + "\n";
}

void write_representation(const std::filesystem::path& folder, const Representation& representation,
                          const PrototypeNames& names, const std::vector<FigureFormat>& formats) {
  write_csv(folder / "attributes.csv", attribute_table(representation, names));
  if (!representation.classes.empty())
    write_csv(folder / "class-probes.csv", record_table(class_probe_records(representation)));
  write_figure(folder / "attributes", draw_attribute_bars(representation), formats);
  write_figure(folder / "scores", draw_score_distributions(representation, names), formats);
  write_figure(folder / "components", draw_components(representation), formats);
}

}  // namespace patronus
