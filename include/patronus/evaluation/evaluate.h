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
#include "patronus/evaluation/representation.h"
#include "patronus/evaluation/similarity.h"

namespace patronus {

/// Sets of images of one kind, and how far they are from real ones.
struct GenerationReport {
  std::string name;      // "conditional" or "unconditional"
  std::string protocol;  // of the generator
  std::vector<SetDistance> sets;
};

/// What was compared, and how.
struct GenerationEvaluation {
  std::string features;     // protocol of the features
  bool is_fid = false;      // whether their Fréchet distance is the FID
  std::string real;         // where the real images come from
  int64_t real_images = 0;  // that every set is compared with; 0: not known
  GenerationOptions options;
  std::vector<GenerationReport> reports;
};

/// Round trips of a split.
struct ReconstructionEvaluation {
  std::string split;
  InversionOptions inversion;
  at::Tensor mse, psnr, ssim;  // float64 [N]; psnr in dB
  double evaluations = 0;      // of the network, an image
};

/// A part of an evaluation; they are made in this order.
enum class EvaluationPart {
  kRepresentation,
  kSimilarity,
  kControl,
  kReconstruction,
  kLikelihood,
  kGeneration
};
inline std::vector<std::string> enum_names(EvaluationPart) {
  return {"representation", "similarity", "control", "reconstruction", "likelihood", "generation"};
}

/// The parts of an evaluation that were made (paper, Tables 1, 2, 5 and 6, Fig. 10, and section 3.5).
struct Evaluation {
  std::optional<Representation> representation;
  std::optional<SimilarityEvaluation> similarity;
  std::optional<ControlEvaluation> control;
  std::optional<ReconstructionEvaluation> reconstruction;
  std::optional<LikelihoodEvaluation> likelihood;
  std::optional<GenerationEvaluation> generation;
};

struct EvaluateOptions {
  std::vector<EvaluationPart> parts = {};  // empty: all that can be made
  Split probe_split = Split::kTrain;
  int64_t probe_images = 10000;    // drawn from that split
  int64_t reconstructions = 1000;  // images drawn from the test split
  int64_t control_images = 16;     // that each prototype is raised in, drawn from the test split
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {};
  LikelihoodOptions likelihood = {};
  std::filesystem::path twin = {};         // checkpoint of the unconditional twin; empty: none
  std::string features = {};               // specification (image_features.h)
  std::optional<int64_t> dimensions = {};  // of Inception's features
  std::string real = "test";  // train, test, validation, a folder of pictures, or an .npz file of statistics
  GenerationOptions generation = {};
  std::vector<std::string> latent = {};  // words that change latent.sampling.*
};

/// Evaluates a run, and writes what is known into `folder` after every part: `evaluation.json` (everything,
/// with its protocol) and `evaluation.md` (tables as in the paper); of the representation also
/// `attributes.csv`, `attributes.png` (AUROC of the linear probes), `scores.png` (the activation that tells
/// each attribute best) and `components.png` (two principal components of the activations); of the similarity
/// `similarity.png` and its two matrices, `similar-vectors.csv` and `similar-activations.csv`; of the control
/// `control.csv` (a row a prototype), `effects.csv` and `effects.png` (the causal effect matrix); of the
/// likelihood `likelihood.png`.
/// Parts that an earlier call made with the same weights, seed, precision and data are kept unless they are
/// made again; those of another checkpoint are removed. ConfigError, at once, where there are some of the
/// same checkpoint with another seed, precision, kind of weights or data: they are as good as those asked
/// for. A run without condition has neither representation, similarity nor control, and needs no latent
/// model. Else unconditional images are left out, with a message, where there is no latent model of these
/// weights; one that does not fit is a ConfigError where generation is asked for by name. Generated sets that
/// are done are kept in `folder`/generation (generation.h), as are the features of real images, and the
/// measurement of control in `folder`/control.pt and control-lowered.pt, and its judge in `folder`/judge.pt.
/// ConfigError for a part that cannot be made although it is asked for; DataError for images that are not
/// finite.
Evaluation evaluate(TrainedModel& trained, const EvaluateOptions& options,
                    const std::filesystem::path& folder);

}  // namespace patronus
