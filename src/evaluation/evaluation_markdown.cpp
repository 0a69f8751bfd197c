#include "evaluation/evaluation_markdown.h"

#include <ATen/Functions.h>

#include "evaluation/evaluation_json.h"
#include "patronus/core/error.h"
#include "patronus/evaluation/control_report.h"
#include "patronus/io/markdown.h"

namespace patronus {
namespace {

using Json = nlohmann::ordered_json;

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

}  // namespace

std::string evaluation_markdown(const TrainedModel& trained, const Evaluation& evaluation) {
  std::string text =
      "# Evaluation of " + trained.checkpoint.string() + " (" + weights_text(trained) + ")\n\n";
  if (evaluation.representation) text += representation_markdown(*evaluation.representation, trained.names);
  if (evaluation.control) text += control_markdown(*evaluation.control, trained.names);
  if (evaluation.reconstruction) text += reconstruction_markdown(*evaluation.reconstruction);
  if (evaluation.generation) text += generation_markdown(*evaluation.generation);
  return text;
}

}  // namespace patronus
