#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "patronus/analysis/inverted_images.h"
#include "patronus/core/named_enum.h"
#include "patronus/evaluation/control_evaluation.h"
#include "patronus/evaluation/generation.h"
#include "patronus/evaluation/likelihood.h"
#include "patronus/evaluation/localisation.h"
#include "patronus/evaluation/representation.h"
#include "patronus/evaluation/similarity.h"

namespace patronus {

/// Sets of one kind of images, with their distances to real images.
struct GenerationReport {
  std::string name;      // "real", "conditional" or "unconditional"
  std::string protocol;  // protocol of the generator
  std::vector<SetDistance> sets;
};

/// Generated sets compared with real images, and the protocol.
struct GenerationEvaluation {
  std::string features;  // protocol of the features
  bool is_fid = false;   // whether their Fréchet distance is the FID
  std::string real;      // source of the real images: a split, a folder or a file
  ReferenceKind kind = ReferenceKind::kOtherTestImages;
  bool is_fallback = false;  // whether `real` was chosen since there are too few test images
  int64_t test_images = 0;
  RealCounts counts;            // of generated sets
  RealCounts counts_of_real;    // of sets of real images
  int64_t training_images = 0;  // in which copies are looked for; 0: not done
  GenerationOptions options;
  std::vector<GenerationReport> reports;
  std::optional<LatentModel> latent = {};  // of unconditional images
};

/// Quality of the round trips of a split's images.
struct ReconstructionEvaluation {
  std::string split;
  InversionOptions inversion;
  at::Tensor mse, psnr, ssim;  // float64 [N]; psnr in dB
  double evaluations = 0;      // network evaluations per image
};

/// Parts of an evaluation, in the order of computation.
enum class EvaluationPart {
  kRepresentation,
  kSimilarity,
  kLocalisation,
  kControl,
  kReconstruction,
  kLikelihood,
  kGeneration
};
inline std::vector<std::string> enum_names(EvaluationPart) {
  return {"representation", "similarity", "localisation", "control",
          "reconstruction", "likelihood", "generation"};
}

/// Computed parts of an evaluation (paper, Tables 1, 2, 5 and 6, Fig. 10, and section 3.5).
struct Evaluation {
  std::optional<Representation> representation;
  std::optional<SimilarityEvaluation> similarity;
  std::optional<Localisation> localisation;
  std::optional<ControlEvaluation> control;
  std::optional<ReconstructionEvaluation> reconstruction;
  std::optional<LikelihoodEvaluation> likelihood;
  std::optional<GenerationEvaluation> generation;
};

struct EvaluateOptions {
  std::vector<EvaluationPart> parts = {};  // empty: all possible parts
  Split probe_split = Split::kTrain;
  int64_t probe_images = 10000;  // drawn from `probe_split`
  // Masks for the part localisation (localisation.h), which is made if they are given or it is requested.
  std::filesystem::path masks = {};
  int64_t reconstructions = 1000;  // images drawn from the test split
  int64_t control_images = 16;     // images in which each prototype is raised, drawn from the test split
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {};
  LikelihoodOptions likelihood = {};
  std::filesystem::path twin = {};         // checkpoint of the unconditional twin; empty: none
  std::string features = {};               // specification (image_features.h)
  std::optional<int64_t> dimensions = {};  // dimensions of Inception's features
  // What generated images are compared with: test or conditions (ReferenceKind), train, validation, a folder
  // of pictures, or an .npz file of statistics; empty: default_reference.
  std::string real = {};
  GenerationOptions generation = {};
  std::vector<std::string> latent = {};  // key=value overrides of latent.sampling.*
  std::string command = {};              // the command line, recorded with the results
};

/// Evaluates a run and updates the results in `folder` after each part:
/// - `evaluation.json` (everything, with its protocol), `evaluation.md` (tables as in the paper) and
///   `command-evaluate.json` (the command lines, of this call and of every part);
/// - representation: `attributes.csv`, `attributes.png` (AUROC of the linear probes), `scores.png` (best
///   activation for each attribute), `components.png` (two principal components of the activations);
/// - similarity: `similarity.png` and its matrices, `similar-vectors.csv` and `similar-activations.csv`;
/// - localisation: `localisation.csv` and `localisation.png`;
/// - control: `control.csv` (one row per prototype), `effects.csv` and `effects.png` (causal effect matrix);
/// - likelihood: `likelihood.png`;
/// - generation: `generation.csv` (one row per kind of images) and `generation-sets.csv` (one per set).
/// Parts from earlier calls with the same weights, seed, precision, data and images are kept unless computed
/// again; those of another checkpoint are removed. Throws ConfigError at once if there are parts of the same
/// checkpoint with another seed, precision, kind of weights, data, or images in the same place, which are as
/// valid as the requested ones. Without condition, a run has no representation, similarity, localisation and
/// control, and needs no latent model. Otherwise, without a latent model for these weights, unconditional
/// images are skipped with a message; an incompatible one throws ConfigError if generation is requested
/// explicitly. Reuses finished generated sets (generation.h) and features of real images in
/// `folder`/generation, and `folder`/control.pt, control-lowered.pt and judge.pt. Throws ConfigError for a
/// requested part that is not possible; DataError for images that are not finite.
Evaluation evaluate(TrainedModel& trained, const EvaluateOptions& options,
                    const std::filesystem::path& folder);

}  // namespace patronus
