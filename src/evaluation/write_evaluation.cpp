#include "evaluation/write_evaluation.h"

#include <ATen/TensorOperators.h>
#include <nlohmann/json.hpp>

#include "evaluation/generation_report.h"
#include "evaluation/representation_report.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/evaluation/control_report.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/figure.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"
#include "patronus/run/record.h"

namespace patronus {

namespace fs = std::filesystem;

namespace {

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

void write_similarity(const fs::path& folder, const TrainedModel& trained,
                      const SimilarityEvaluation& evaluation) {
  write_csv(folder / "similar-vectors.csv", similarity_table(evaluation.vectors));
  write_csv(folder / "similar-activations.csv", similarity_table(evaluation.activations));
  write_figure(folder / "similarity", draw_similarity(evaluation, trained.names),
               trained.config.runtime.figures);
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
  write_file(folder / "evaluation.json", json_text(json));
  write_file(folder / "evaluation.md", evaluation_markdown(trained, evaluation));
  const auto& formats = trained.config.runtime.figures;
  if (const auto& part = evaluation.representation)
    write_representation(folder, *part, trained.names, formats);
  if (const auto& part = evaluation.similarity) write_similarity(folder, trained, *part);
  if (const auto& part = evaluation.control) write_control(folder, trained, *part);
  if (const auto& part = evaluation.likelihood)
    write_figure(folder / "likelihood", draw_likelihood(*part), formats);
}

}  // namespace patronus
