#include "patronus/evaluation/evaluate.h"

#include <ATen/Functions.h>

#include <set>

#include "evaluation/generation_report.h"
#include "evaluation/write_evaluation.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/nearest_path.h"
#include "patronus/core/random.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/metrics/image_similarity.h"
#include "patronus/run/run_data.h"
#include "patronus/run/run_directory.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

bool is_requested(const EvaluateOptions& options, EvaluationPart part) {
  return contains(options.parts, part);
}

bool is_wanted(const EvaluateOptions& options, EvaluationPart part) {
  if (is_requested(options, part)) return true;
  return options.parts.empty() && (part != EvaluationPart::kLocalisation || !options.masks.empty());
}

void check_options(const EvaluateOptions& options) {
  if (!options.twin.empty() && !is_wanted(options, EvaluationPart::kLikelihood)) {
    throw ConfigError("--twin is compared in the part likelihood; add it to --parts");
  }
  if (!options.masks.empty()) {
    if (!is_wanted(options, EvaluationPart::kLocalisation))
      throw ConfigError("--masks is for the part localisation; add it to --parts");
    if (!fs::is_directory(options.masks)) {
      throw ConfigError("--masks " + options.masks.string() + ": no such folder" +
                        did_you_mean_path(options.masks, fs::file_type::directory));
    }
  }
  if (options.generation.set_images < 2) throw ConfigError("set-images: expected at least 2");
  if (options.generation.real_images == 1) throw ConfigError("reference-images: expected 0 or at least 2");
}

ReconstructionEvaluation evaluate_reconstruction(TrainedModel& trained, const Dataset& test,
                                                 const EvaluateOptions& options) {
  constexpr int64_t kChunk = 256;  // images in memory at a time
  const auto indices = draw_common_indices(test.size(), options.reconstructions, "reconstructions");
  const auto reconstruct = [&](int64_t first, int64_t count) -> std::vector<at::Tensor> {
    const InvertedImages inverted =
        invert_images(trained, test, indices.narrow(0, first, count), options.regenerate);
    if (!inverted.image.isfinite().all().item<bool>()) {
      throw DataError("reconstruction: images of " + trained.checkpoint.string() + " are not finite");
    }
    return {mse(inverted.image, inverted.original), psnr(inverted.image, inverted.original),
            ssim(inverted.image, inverted.original), at::full({count}, inverted.evaluations, at::kDouble)};
  };
  const auto rows = compute_batches_across_ranks(
      trained.ranks, {"reconstructing", "images", indices.size(0), kChunk}, reconstruct);
  return {.split = to_string(Split::kTest),
          .inversion = options.regenerate.inversion,
          .mse = rows[0],
          .psnr = rows[1],
          .ssim = rows[2],
          .evaluations = rows[3].mean().item<double>()};
}

/// What generated images are compared with, and how.
struct Comparison {
  ImageFeatures features;
  RealImages real;
  bool is_fallback;
  std::optional<LatentModel> latent;
  fs::path folder;  // of the sets
};

/// Opened splits; those without images, and training images that no part needs, are empty.
struct Splits {
  Dataset test;
  Dataset train;
  bool are_other_data = false;  // than the run's
};

/// `name`: a split, "conditions", or a path.
RealImages real_images(const TrainedModel& trained, const Splits& splits, const std::string& name,
                       const ImageFeatures& features, const fs::path& folder) {
  const auto set_of = [&](const Dataset& images, Split split) {
    return dataset_image_set(images, to_string(split), features, folder, trained.ranks);
  };
  RealImages real{.test = set_of(splits.test, Split::kTest)};
  const int64_t count = std::min(splits.train.size(), splits.test.size());
  if (count > 1 && !splits.are_other_data) {
    const auto chosen = draw_common_indices(splits.train.size(), count, "looked for copies");
    real.train = set_of(splits.train.subset(chosen), Split::kTrain);
  }
  if (name == "test" || name == "conditions") {
    real.kind = name == "test" ? ReferenceKind::kOtherTestImages : ReferenceKind::kConditions;
    real.reference = real.test;
    return real;
  }
  real.kind = ReferenceKind::kElsewhere;
  if (contains(enum_names(Split{}), name)) {
    const auto split = parse_enum<Split>(name, "split");
    real.reference = set_of(open_dataset(trained.config.data, split), split);
  } else {
    real.reference = read_image_set(name, features);
  }
  return real;
}

/// The run's latent model, if there is one that fits. One that does not fit is an error only if generation
/// was requested by name.
std::optional<LatentModel> latent_model(const TrainedModel& trained, const EvaluateOptions& options) {
  if (!trained.model.unet->is_conditional()) return std::nullopt;
  const bool there = RunDirectory(latent_folder(trained)).last_checkpoint().has_value();
  if (there && is_requested(options, EvaluationPart::kGeneration))
    return load_latent_model(trained, options.latent);
  return try_load_latent_model(trained, options.latent);
}

Comparison prepare_comparison(const TrainedModel& trained, const EvaluateOptions& options,
                              const Splits& splits, const fs::path& folder) {
  const fs::path sets = folder / "generation";
  const auto latent = latent_model(trained, options);
  const ImageFeatures features = image_features(options.features, options.dimensions, trained.device);
  const Split split = default_reference(splits.test.size(), splits.train.size(), options.generation);
  const std::string name = options.real.empty() ? to_string(split) : options.real;
  return {features, real_images(trained, splits, name, features, sets),
          options.real.empty() && split != Split::kTest, latent, sets};
}

GenerationEvaluation evaluate_generation(TrainedModel& trained, const Dataset& test,
                                         const Comparison& comparison, const EvaluateOptions& options) {
  const RealImages& real = comparison.real;
  GenerationEvaluation g{.features = comparison.features.protocol,
                         .is_fid = comparison.features.is_fid,
                         .real = real.reference.name,
                         .kind = real.kind,
                         .is_fallback = comparison.is_fallback,
                         .test_images = test.size(),
                         .counts = real_counts(real, options.generation),
                         .counts_of_real = {},
                         .training_images = real.train ? real.train->features.size(0) : 0,
                         .options = options.generation,
                         .reports = {},
                         .latent = comparison.latent};
  g.options.seed = trained.config.seed;
  const RealComparison of_real = comparison_of_real(real, g.options);
  g.counts_of_real = real_counts(of_real.real, of_real.options);
  for (const auto& remark : comparison_remarks(g)) log_info("generation: " + remark);
  const auto add = [&](const ImageGenerator& generator, const RealImages& compared,
                       const GenerationOptions& sets) {
    g.reports.push_back(
        {generator.name, generator.protocol,
         evaluate_generation(generator, compared, comparison.features, sets, comparison.folder)});
    if (g.reports.back().sets.front().too_few) warn_of_too_few(comparison.features);
  };
  add(real_generator(trained, test, g.counts_of_real.conditions), of_real.real, of_real.options);
  if (!trained.model.unet->is_conditional()) {
    add(unconditional_generator(trained), real, g.options);
    return g;
  }
  add(conditional_generator(trained, test, g.options.set_images, g.counts.conditions), real, g.options);
  if (comparison.latent) add(unconditional_generator(trained, *comparison.latent), real, g.options);
  return g;
}

/// Loads the twin on the model's device; throws ConfigError if the two are incompatible.
std::optional<TrainedModel> open_twin(const TrainedModel& trained, const EvaluateOptions& options) {
  if (options.twin.empty()) return std::nullopt;
  TrainedModel twin = load_another_model(options.twin, trained.weights, trained.device);
  require_twin(trained, twin);
  return twin;
}

/// Throws ConfigError for step counts with which a part would fail.
void check_steps(const TrainedModel& trained, const EvaluateOptions& options) {
  if (is_wanted(options, EvaluationPart::kGeneration))
    checked_steps(trained.config.sampling, trained.schedule);
  if (is_wanted(options, EvaluationPart::kControl) || is_wanted(options, EvaluationPart::kReconstruction))
    check_inversion(options.regenerate.inversion, trained.schedule);
  if (is_wanted(options, EvaluationPart::kLikelihood)) {
    with_context("--bound-steps", [&] {
      check_step_count(trained.schedule, bound_steps(options.likelihood, trained.schedule));
    });
  }
}

/// Inputs of the parts.
struct Opened {
  Splits splits;
  Dataset probed;
  std::optional<TrainedModel> twin;
  std::optional<Comparison> comparison;  // if images are generated
  std::set<EvaluationPart> parts;        // to be made
};

/// Why a part cannot be made; empty if it can.
std::string reason_impossible(EvaluationPart part, const TrainedModel& trained, const Opened& opened,
                              const EvaluateOptions& options) {
  const bool is_of_prototypes = part == EvaluationPart::kRepresentation ||
                                part == EvaluationPart::kSimilarity ||
                                part == EvaluationPart::kLocalisation || part == EvaluationPart::kControl;
  const int64_t test_images = opened.splits.test.size();
  if (is_of_prototypes && !trained.model.unet->is_conditional())
    return "the model has no condition (model.unet.condition: off)";
  if (part == EvaluationPart::kSimilarity || part == EvaluationPart::kRepresentation) {
    if (opened.probed.size() == 0) return "the split that is probed has no images (--probe-split)";
  }
  if (part == EvaluationPart::kSimilarity) return "";
  if (is_of_prototypes && opened.splits.train.size() == 0) return "there are no training images";
  if (part == EvaluationPart::kRepresentation) return reason_unprobeable(opened.probed);
  if (part == EvaluationPart::kLocalisation && options.masks.empty() &&
      trained.config.data.kind != DataKind::kFaces)
    return "give --masks DIR, with a folder of masks for each attribute";
  if (part == EvaluationPart::kLocalisation) {
    const auto reason = reason_unprobeable(opened.splits.train);
    if (!reason.empty()) return reason;
  }
  if (part == EvaluationPart::kGeneration && options.features.empty())
    return "give --features inception:FILE, encoder:CHECKPOINT or random";
  if (part == EvaluationPart::kLikelihood && test_images == 1)
    return "there is one test image; intervals need at least two";
  if (part == EvaluationPart::kGeneration && test_images > 0 && test_images < 4)
    return "there are fewer than four test images: two to start from and two to compare with";
  return test_images == 0 ? "there are no test images (data.test_fraction)" : "";
}

/// Whether a part is made. If it cannot be but was requested by name, throws ConfigError.
bool is_made(EvaluationPart part, const TrainedModel& trained, const Opened& opened,
             const EvaluateOptions& options) {
  if (!is_wanted(options, part)) return false;
  const std::string reason = reason_impossible(part, trained, opened, options);
  if (reason.empty()) return true;
  if (is_requested(options, part)) throw ConfigError(to_string(part) + ": " + reason);
  log_info(to_string(part) + " is left out: " + reason);
  return false;
}

/// Opens the images that the parts need.
Opened open_images(const TrainedModel& trained, const EvaluateOptions& options, DataListing& data) {
  Opened opened;
  auto& [test, train, are_other_data] = opened.splits;
  are_other_data = warn_of_other_data(RunDirectory(run_of_checkpoint(trained.checkpoint)),
                                      trained.config.data, data.report());
  if (data.size(Split::kTest) > 0) test = data.open(Split::kTest);
  const bool probes =
      is_wanted(options, EvaluationPart::kRepresentation) || is_wanted(options, EvaluationPart::kSimilarity);
  const bool generates = is_wanted(options, EvaluationPart::kGeneration) && !options.features.empty();
  const bool trains = probes || generates || is_wanted(options, EvaluationPart::kLocalisation) ||
                      is_wanted(options, EvaluationPart::kControl);
  if (trains && data.size(Split::kTrain) > 0) train = data.open(Split::kTrain);
  if (probes && data.size(options.probe_split) > 0) {
    opened.probed = options.probe_split == Split::kTest    ? test
                    : options.probe_split == Split::kTrain ? train
                                                           : data.open(options.probe_split);
  }
  return opened;
}

/// Chooses the parts and opens their other inputs before the long work, so that mistakes show at once.
void open_others(Opened& opened, const TrainedModel& trained, const EvaluateOptions& options,
                 const fs::path& folder) {
  for (const auto& name : enum_names(EvaluationPart{})) {
    const auto part = parse_enum<EvaluationPart>(name, "part");
    if (is_made(part, trained, opened, options)) opened.parts.insert(part);
  }
  if (const auto& train = opened.splits.train; !options.masks.empty() && train.size() > 0)
    masked_attributes(options.masks, binary_attributes(train.attributes()).names);
  opened.twin = open_twin(trained, options);
  if (opened.parts.contains(EvaluationPart::kGeneration))
    opened.comparison = prepare_comparison(trained, options, opened.splits, folder);
}

}  // namespace

Evaluation evaluate(TrainedModel& trained, const EvaluateOptions& options, const fs::path& folder) {
  check_options(options);
  check_steps(trained, options);
  DataListing data(trained.config.data);
  Opened opened = open_images(trained, options, data);
  const Json header = evaluation_header(trained, data, opened.splits.test);
  require_no_parts_of_others(folder, header);
  open_others(opened, trained, options, folder);
  const auto makes = [&](EvaluationPart part) { return opened.parts.contains(part); };
  Evaluation e;
  const auto write = [&] {
    if (trained.ranks.is_first()) write_evaluation(folder, header, trained, e, options.command);
  };
  if (makes(EvaluationPart::kRepresentation))
    e.representation = evaluate_representation(trained, opened.splits.train, opened.probed,
                                               options.probe_split, options.probe_images);
  if (makes(EvaluationPart::kSimilarity))
    e.similarity = evaluate_similarity(trained, opened.probed, options.probe_split);
  if (e.representation || e.similarity) write();
  if (makes(EvaluationPart::kLocalisation)) {
    e.localisation =
        evaluate_localisation(trained, opened.splits.train, opened.splits.test, Split::kTest, options.masks);
    write();
  }
  if (makes(EvaluationPart::kControl)) {
    e.control = evaluate_control(
        trained, opened.splits.test, Split::kTest, opened.splits.train,
        {.images = options.control_images, .range = options.range, .regenerate = options.regenerate}, folder);
    write();
  }
  if (makes(EvaluationPart::kReconstruction)) {
    e.reconstruction = evaluate_reconstruction(trained, opened.splits.test, options);
    write();
  }
  if (makes(EvaluationPart::kLikelihood)) {
    e.likelihood = evaluate_likelihood(trained, opened.twin ? &*opened.twin : nullptr, opened.splits.test,
                                       options.likelihood);
    write();
  }
  if (opened.comparison) {
    e.generation = evaluate_generation(trained, opened.splits.test, *opened.comparison, options);
    write();
  }
  return e;
}

}  // namespace patronus
