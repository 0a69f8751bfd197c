#include "patronus/analysis/evaluate.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "analysis/evaluation_figures.h"
#include "analysis/evaluation_json.h"
#include "analysis/evaluation_markdown.h"
#include "analysis/settings_json.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/math.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/run/run_directory.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kParts{"representation", "reconstruction", "generation"};

void check_parts(const EvaluateOptions& options) {
  for (const auto& part : options.parts) {
    if (std::find(kParts.begin(), kParts.end(), part) != kParts.end()) continue;
    throw ConfigError("part '" + part + "': expected " + join(kParts) + did_you_mean(part, kParts));
  }
  if (options.generation.set_images < 2) throw ConfigError("set-images: expected at least 2");
}

bool is_asked_for(const EvaluateOptions& options, const std::string& part) {
  return std::find(options.parts.begin(), options.parts.end(), part) != options.parts.end();
}

/// Whether a part is made. Where it cannot be, `reason` says why: an error if the part is asked for by name.
bool is_made(const EvaluateOptions& options, const std::string& part, const std::string& reason) {
  if (!options.parts.empty() && !is_asked_for(options, part)) return false;
  if (reason.empty()) return true;
  if (is_asked_for(options, part)) throw ConfigError(part + ": " + reason);
  log_info(part + " is left out: " + reason);
  return false;
}

ReconstructionEvaluation evaluate_reconstruction(TrainedModel& trained, const Dataset& test,
                                                 const EvaluateOptions& options) {
  const auto indices = at::arange(std::min(options.reconstructions, test.size()));
  const InvertedImages inverted = invert_images(trained, test, indices, options.regenerate);
  return {.split = to_string(Split::kTest),
          .inversion = options.regenerate.inversion,
          .mse = mse(inverted.image, inverted.original),
          .psnr = psnr(inverted.image, inverted.original),
          .ssim = ssim(inverted.image, inverted.original),
          .evaluations = inverted.evaluations};
}

ImageSet real_images(const TrainedModel& trained, const EvaluateOptions& options,
                     const ImageFeatures& features, const fs::path& folder) {
  if (options.real != "train" && options.real != "test") return read_image_set(options.real, features);
  const Dataset images = open_dataset(trained.config.data, split_from(options.real));
  return dataset_image_set(images, options.real, features, folder);
}

GenerationEvaluation evaluate_generation(TrainedModel& trained, const Dataset& test,
                                         const EvaluateOptions& options, const fs::path& folder) {
  const ImageFeatures features = image_features(options.features, options.dimensions, trained.device);
  const fs::path sets = RunDirectory(folder).folder("generation");
  const ImageSet real = real_images(trained, options, features, sets);
  GenerationEvaluation g{.features = features.protocol,
                         .is_fid = features.is_fid,
                         .real = options.real,
                         .real_images = real.statistics.count,
                         .options = options.generation,
                         .reports = {}};
  const auto add = [&](const ImageGenerator& generator) {
    g.reports.push_back({generator.name, generator.protocol,
                         evaluate_generation(generator, real, features, options.generation, sets)});
  };
  add(conditional_generator(trained, test, options.generation.set_images));
  if (fs::exists(RunDirectory(latent_folder(trained)).last_checkpoint())) {
    const LatentModel latent = load_latent_model(trained, {});
    add(unconditional_generator(trained, latent));
  } else {
    log_info(
        "unconditional images are left out: the run has no latent model; patronus train-latent trains one");
  }
  return g;
}

}  // namespace

Evaluation evaluate(TrainedModel& trained, const EvaluateOptions& options, const fs::path& folder) {
  check_parts(options);
  const Dataset test = open_dataset(trained.config.data, Split::kTest);
  Evaluation evaluation;
  const bool has_attributes = !test.attributes().names.empty();
  if (is_made(options, "representation",
              has_attributes ? "" : "the images have no attributes (data.csv=FILE)")) {
    const bool on_test = options.probe_split == Split::kTest;
    const Dataset images = on_test ? test : open_dataset(trained.config.data, options.probe_split);
    evaluation.representation =
        evaluate_representation(trained, images, options.probe_split, options.probe_images);
  }
  if (is_made(options, "reconstruction", "")) {
    evaluation.reconstruction = evaluate_reconstruction(trained, test, options);
  }
  const std::string no_features =
      options.features.empty() ? "give --features inception:FILE, encoder:CHECKPOINT or random" : "";
  if (is_made(options, "generation", no_features)) {
    evaluation.generation = evaluate_generation(trained, test, options, folder);
  }
  return evaluation;
}

void write_evaluation(const fs::path& folder, const TrainedModel& trained, const Evaluation& evaluation) {
  auto json = model_json(trained);
  if (const auto& representation = evaluation.representation) {
    json["representation"] = representation_json(*representation);
    write_csv(folder / "attributes.csv", attribute_table(*representation));
    write_png(folder / "attributes.png", draw_attribute_bars(*representation));
    write_png(folder / "scores.png", draw_score_distributions(*representation));
    write_png(folder / "components.png", draw_components(*representation));
  }
  if (evaluation.reconstruction) json["reconstruction"] = reconstruction_json(*evaluation.reconstruction);
  if (evaluation.generation) json["generation"] = generation_json(*evaluation.generation);
  write_file(folder / "evaluation.json", json.dump(2) + "\n");
  write_file(folder / "evaluation.md", evaluation_markdown(trained, evaluation));
}

}  // namespace patronus
