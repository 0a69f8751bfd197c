#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/analysis/encode.h"
#include "patronus/metrics/assignment.h"
#include "patronus/metrics/bootstrap.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// A model's prototypes, as they respond to the images on which models are compared.
struct ComparedModel {
  std::string name;                    // of its run, to be shown
  std::filesystem::path checkpoint{};  // empty of an untrained model
  Weights weights = Weights::kRaw;
  int64_t step = 0;
  int64_t training_seed = 0;
  PrototypeNames names{};
  Encoding encoding;
};

/// Encodes `images`, in which `trained.ranks` share the work.
ComparedModel compared_model(const TrainedModel& trained, const std::string& name, const Dataset& images);

/// Throws ConfigError if `other` encodes images of another size or number of channels than `reference`. Warns
/// if they were resized in another way for its training.
void require_same_images(const TrainedModel& reference, const TrainedModel& other);

struct CompareOptions {
  double at_least = 0.7;       // Spearman correlation from which a prototype counts as found again
  int64_t permutations = 100;  // of images, to see what chance gives
  BootstrapOptions bootstrap{.resamples = 1000};
};

/// What permutations of the images give, over `CompareOptions::permutations`.
struct Chance {
  double mean = 0;
  double largest = 0;
};

/// The prototypes of a reference (P) with those of another model (Q), matched one to one so that the sum of
/// the Spearman correlations of their activations over images is largest. Values of a prototype without a
/// match are NaN.
struct MatchedPrototypes {
  std::vector<int64_t> match;   // [P], kUnassigned where the other model has too few
  Estimates spearman{};         // float64 [P], 95 % intervals over images, for these matches
  at::Tensor overlap{};         // float64 [P], share of images in which both look at the same place
  at::Tensor chance_overlap{};  // the same, of the patches in different images
  at::Tensor r2{};              // float64 [P], R² from all of the other's activations (linear_r2)
  double mean_spearman = 0;     // over the matches
  Chance chance_spearman{};     // the same after the other model's images are permuted
  int64_t found = 0;            // how many have at least CompareOptions::at_least
  Chance chance_found{};
};

/// Matches the prototypes of encodings of the same images, at least five. Results depend on nothing random
/// but fixed seeds.
MatchedPrototypes match_prototypes(const Encoding& reference, const Encoding& other,
                                   const CompareOptions& options);

/// Another model with its matches.
struct MatchedModel {
  ComparedModel model;
  MatchedPrototypes matched;
};

/// Which prototypes of a model other models have, too.
struct RunComparison {
  CompareOptions options;
  ComparedModel reference;
  std::vector<MatchedModel> others{};  // in the given order
  MatchedModel untrained;              // what architecture and initialisation alone give; not among `others`
  std::vector<int64_t> found_in{};     // [P], in how many of `others` each prototype is found again
  std::vector<int64_t> order{};  // of the prototypes: most often found again first, then by mean Spearman
};

RunComparison compare_models(const ComparedModel& reference, const std::vector<ComparedModel>& others,
                             const ComparedModel& untrained, const CompareOptions& options);

/// Writes to `folder`: `compare.png` (rows of up to 16 prototypes: images that activate each and its matches
/// most), `compare.md`, `compare.csv` (one row per prototype and other model), `prototypes.csv`, `runs.csv`
/// (one row per other model) and `compare.json`. `images`: those that were encoded, of `split`.
void write_comparison(const std::filesystem::path& folder, const TrainedModel& trained,
                      const RunComparison& comparison, const Dataset& images, Split split);

}  // namespace patronus
