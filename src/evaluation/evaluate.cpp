#include "patronus/evaluation/evaluate.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <functional>

#include "evaluation/write_evaluation.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/distributed/share_rows.h"
#include "patronus/io/make_folder.h"
#include "patronus/io/replace_results.h"
#include "patronus/metrics/image_similarity.h"
#include "patronus/run/run_directory.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kParts{"representation", "similarity", "control",
                                      "reconstruction", "likelihood", "generation"};

bool is_requested(const EvaluateOptions& options, const std::string& part) {
  return std::find(options.parts.begin(), options.parts.end(), part) != options.parts.end();
}

bool is_wanted(const EvaluateOptions& options, const std::string& part) {
  return options.parts.empty() || is_requested(options, part);
}

void check_parts(const EvaluateOptions& options) {
  for (const auto& part : options.parts) {
    if (std::find(kParts.begin(), kParts.end(), part) != kParts.end()) continue;
    throw ConfigError("part '" + part + "': expected " + join(kParts) + did_you_mean(part, kParts));
  }
  if (!options.twin.empty() && !is_wanted(options, "likelihood")) {
    throw ConfigError("--twin is compared in the part likelihood; add it to --parts");
  }
  if (options.generation.set_images < 2) throw ConfigError("set-images: expected at least 2");
}

/// Whether a part is made. Where it cannot be, `reason` says why: an error if the part is asked for by name.
bool is_made(const EvaluateOptions& options, const std::string& part, const std::string& reason) {
  if (!is_wanted(options, part)) return false;
  if (reason.empty()) return true;
  if (is_requested(options, part)) throw ConfigError(part + ": " + reason);
  log_info(part + " is left out: " + reason);
  return false;
}

ReconstructionEvaluation evaluate_reconstruction(TrainedModel& trained, const Dataset& test,
                                                 const EvaluateOptions& options) {
  constexpr int64_t kChunk = 256;  // images held at once
  const auto indices = draw_indices(test.size(), options.reconstructions, derive_seed(0, "reconstructions"));
  const auto reconstruct = [&](int64_t first, int64_t count) -> std::vector<at::Tensor> {
    const InvertedImages inverted =
        invert_images(trained, test, indices.narrow(0, first, count), options.regenerate);
    if (!inverted.image.isfinite().all().item<bool>()) {
      throw DataError("reconstruction: images of " + trained.checkpoint.string() + " are not finite");
    }
    return {mse(inverted.image, inverted.original), psnr(inverted.image, inverted.original),
            ssim(inverted.image, inverted.original), at::full({count}, inverted.evaluations, at::kDouble)};
  };
  const auto rows =
      share_rows(trained.ranks, {"reconstructing", "images", indices.size(0), kChunk}, reconstruct);
  return {.split = to_string(Split::kTest),
          .inversion = options.regenerate.inversion,
          .mse = rows[0],
          .psnr = rows[1],
          .ssim = rows[2],
          .evaluations = rows[3].mean().item<double>()};
}

/// What generated images are compared by and with.
struct Comparison {
  ImageFeatures features;
  ImageSet real;
  std::optional<LatentModel> latent;
  fs::path folder;  // of the sets
};

ImageSet real_images(const TrainedModel& trained, const EvaluateOptions& options,
                     const ImageFeatures& features, const fs::path& folder) {
  const auto splits = enum_names(Split{});
  if (std::find(splits.begin(), splits.end(), options.real) == splits.end())
    return read_image_set(options.real, features);
  const Dataset images = open_dataset(trained.config.data, enum_from<Split>(options.real, "split"));
  return dataset_image_set(images, options.real, features, folder, trained.ranks);
}

/// The run's latent model, where there is one that fits; one that does not is an error where generation is
/// asked for by name.
std::optional<LatentModel> latent_model(const TrainedModel& trained, const EvaluateOptions& options) {
  if (!trained.model.unet->is_conditional()) return std::nullopt;
  const bool there = RunDirectory(latent_folder(trained)).last_checkpoint().has_value();
  if (there && is_requested(options, "generation")) return load_latent_model(trained, options.latent);
  return usable_latent_model(trained, options.latent);
}

Comparison prepare_comparison(const TrainedModel& trained, const EvaluateOptions& options,
                              const fs::path& folder) {
  const fs::path sets = make_folder(folder / "generation");
  const auto latent = latent_model(trained, options);
  if (latent) checked_steps(latent->sampling, latent->prior.schedule);
  const ImageFeatures features = image_features(options.features, options.dimensions, trained.device);
  return {features, real_images(trained, options, features, sets), latent, sets};
}

GenerationEvaluation evaluate_generation(TrainedModel& trained, const Dataset& test,
                                         const Comparison& comparison, const EvaluateOptions& options) {
  GenerationEvaluation g{.features = comparison.features.protocol,
                         .is_fid = comparison.features.is_fid,
                         .real = options.real,
                         .real_images = real_images_per_set(comparison.real, options.generation),
                         .options = options.generation,
                         .reports = {}};
  g.options.seed = static_cast<uint64_t>(trained.config.seed);
  const auto add = [&](const ImageGenerator& generator) {
    g.reports.push_back(
        {generator.name, generator.protocol,
         evaluate_generation(generator, comparison.real, comparison.features, g.options, comparison.folder)});
    if (g.reports.back().sets.front().too_few) warn_of_too_few(comparison.features);
  };
  if (!trained.model.unet->is_conditional()) {
    add(unconditional_generator(trained));
    return g;
  }
  add(conditional_generator(trained, test, options.generation.set_images));
  if (comparison.latent) add(unconditional_generator(trained, *comparison.latent));
  return g;
}

/// The twin on the model's device; ConfigError at once where the two do not fit.
std::optional<TrainedModel> open_twin(const TrainedModel& trained, const EvaluateOptions& options) {
  if (options.twin.empty()) return std::nullopt;
  TrainedModel twin =
      load_further_model(options.twin, enum_from<Weights>(trained.weights, "weights"), trained.device);
  require_twin(trained, twin);
  return twin;
}

/// ConfigError for denoising steps that a part would fail at.
void check_steps(const TrainedModel& trained, const EvaluateOptions& options) {
  if (is_wanted(options, "generation")) checked_steps(trained.config.sampling, trained.schedule);
  if (is_wanted(options, "control") || is_wanted(options, "reconstruction"))
    check_step_count(trained.schedule, options.regenerate.inversion.steps);
  if (is_wanted(options, "likelihood")) {
    with_context("--bound-steps", [&] { check_step_count(trained.schedule, options.likelihood.steps); });
  }
}

}  // namespace

Evaluation evaluate(TrainedModel& trained, const EvaluateOptions& options, const fs::path& folder) {
  check_parts(options);
  check_steps(trained, options);
  DataListing data(trained.config.data);
  const std::string no_test =
      data.size(Split::kTest) == 0 ? "there are no test images (data.test_fraction)" : "";
  const Dataset test = no_test.empty() ? data.open(Split::kTest) : Dataset();
  const bool takes_train = options.probe_split == Split::kTrain || is_wanted(options, "representation") ||
                           is_wanted(options, "control");
  const Dataset train = takes_train ? data.open(Split::kTrain) : Dataset();
  const Dataset probed = options.probe_split == Split::kTest    ? test
                         : options.probe_split == Split::kTrain ? train
                                                                : data.open(options.probe_split);
  const std::string no_features =
      options.features.empty() ? "give --features inception:FILE, encoder:CHECKPOINT or random" : no_test;
  const bool generates = is_made(options, "generation", no_features);
  // Before the long work: a mistake shows at once.
  const auto twin = open_twin(trained, options);
  const auto comparison =
      generates ? std::optional(prepare_comparison(trained, options, folder)) : std::nullopt;
  const std::string no_condition =
      trained.model.unet->is_conditional() ? "" : "the model has no condition (model.unet.condition: off)";
  // The reason that a part of prototypes cannot be made: the condition goes before `reason`.
  const auto of_prototypes = [&](const std::string& reason) {
    return no_condition.empty() ? reason : no_condition;
  };
  Evaluation evaluation;
  const auto write = [&] {
    if (!trained.ranks.is_first()) return;
    replace_results(folder, "evaluate",
                    [&](const fs::path& draft) { write_evaluation(draft, trained, evaluation); });
  };
  if (is_made(options, "representation", of_prototypes(obstacle_to_probing(probed)))) {
    evaluation.representation =
        evaluate_representation(trained, train, probed, options.probe_split, options.probe_images);
  }
  const std::string no_probed = probed.size() == 0 ? "the split that is probed has no images" : "";
  if (is_made(options, "similarity", of_prototypes(no_probed))) {
    evaluation.similarity = evaluate_similarity(trained, probed, options.probe_split);
  }
  if (evaluation.representation || evaluation.similarity) write();
  if (is_made(options, "control", of_prototypes(no_test))) {
    evaluation.control = evaluate_control(
        trained, test, Split::kTest, train,
        {.images = options.control_images, .range = options.range, .regenerate = options.regenerate},
        folder / "control.pt");
    write();
  }
  if (is_made(options, "reconstruction", no_test)) {
    evaluation.reconstruction = evaluate_reconstruction(trained, test, options);
  }
  if (is_made(options, "likelihood", no_test)) {
    evaluation.likelihood = evaluate_likelihood(trained, twin ? &*twin : nullptr, test, options.likelihood);
  }
  if (evaluation.reconstruction || evaluation.likelihood) write();
  if (comparison) {
    evaluation.generation = evaluate_generation(trained, test, *comparison, options);
    write();
  }
  return evaluation;
}

}  // namespace patronus
