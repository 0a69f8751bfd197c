#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "patronus/analysis/control.h"
#include "patronus/diagnosis/association.h"
#include "patronus/diagnosis/diagnosis_judge.h"
#include "patronus/diagnosis/edit_experiment.h"
#include "patronus/diagnosis/encoded_attributes.h"
#include "patronus/diagnosis/findings.h"
#include "patronus/diagnosis/prototype_reach.h"
#include "patronus/diagnosis/prototype_ties.h"
#include "patronus/diagnosis/suspects.h"
#include "patronus/diagnosis/tie_pictures.h"
#include "patronus/run/latent_checkpoint.h"

namespace patronus {

struct DiagnoseOptions {
  std::vector<EditKind> kinds = {EditKind::kSingle, EditKind::kUnguided, EditKind::kCorrelated,
                                 EditKind::kExample};
  int64_t sample = 2000;        // test images, halved to choose prototypes and to report on them
  int64_t generated = 500;      // images generated from each source, for associations
  int64_t control_images = 16;  // images in which each prototype is raised and lowered; 0: neither effect
                                // matrices nor ties of prototypes
  std::string csv{};            // attribute table to use instead of the data set's
  std::string dependent{};      // file of pairs that depend by definition; empty: the shipped one, if any
  // Folder in which the effects of raising and of lowering prototypes are saved, and reused while nothing
  // they depend on changes; empty: not saved.
  std::filesystem::path control_folder{};
  std::string balance{};  // attribute that alternates among the images shown with the suspects; empty: none
  std::optional<LatentModel> latent{};  // second source of generated images, for associations
  JudgeOptions judge = {};
  EncodedOptions encoded = {};
  ExperimentOptions experiment = {};
  FindingOptions finding = {};
  TieOptions tie = {};
};

/// Unwanted correlations in a model (paper 4.4): between its prototypes, for which nothing has to be
/// labelled; and between attributes, in three parts that are misleading individually: what its activations
/// encode, what edits of them do, and which associations its images amplify. Of images without attributes the
/// first alone.
struct Diagnosis {
  DiagnoseOptions options{};
  EncodedImages encoded{};
  at::Tensor auroc{};            // float64 [A, P], AUROC of each activation for each attribute, reported half
  std::vector<int64_t> order{};  // prototypes, correlated ones next to each other
  at::Tensor spearman{};         // float64 [P, P], correlation of activations, reported half
  // Effects of raising, and of lowering, each prototype on all prototypes and on judged attributes.
  std::optional<Control> raised{};
  std::optional<Control> lowered{};
  PrototypeTies ties{};                   // of prototypes, if these were measured
  std::vector<PrototypeReach> reach{};    // where prototypes act, if that was measured
  TiePictures tie_pictures{};             // of the first of them
  std::optional<DiagnosisJudge> judge{};  // nothing if no attribute is encoded
  InvertedImages images{};                // edited images
  at::Tensor judged_original{};           // float64 [n, A], judged probabilities of the real images
  at::Tensor judged_identity{};           // float64 [n, A], of the same images regenerated unedited
  std::vector<EditTrial> trials{};
  std::vector<KindEffect> own{};      // effect of each trial on its own attribute
  std::vector<PairEffect> pairs{};    // ranked
  int64_t repeat_steps = 0;           // denoising steps of the repeated measurement of findings; 0: none
  std::vector<PairEffect> placebo{};  // the same tests with random directions instead of edits
  std::vector<Association> associations{};  // images from test images' activations first
  std::optional<Suspects> suspects{};       // for the first finding that does not depend by definition
};

/// Diagnoses a model on the test images of its data set. Throws DataError for fewer than 50 of them;
/// ConfigError for judge settings other than `data.*`, or if the images lack the attribute to balance.
Diagnosis diagnose(TrainedModel& trained, const DiagnoseOptions& options);

/// Writes to `folder`: `diagnose.json` (everything), `diagnose.md` (findings in words), `encoded.csv`,
/// `ties.csv` and `ties.png` (prototypes that go together), `reach.csv` and `reach.png` (where prototypes
/// look and act), `findings.csv` (one row per pair and kind of edit), `associations.csv`,
/// `prototype-attributes.csv` (one row per prototype and attribute), `spearman.csv` and `.png`,
/// `attribute-effects.png`, `effects.csv` and
/// `.png` and `raised-attributes.png` (effects of raising prototypes on prototypes and attributes),
/// `effects-lowered.csv` and `.png` and `lowered-attributes.png`, `findings/01-A-B.png` ... (all findings)
/// and `suspects.png` (Fig. 8, of the first).
void write_diagnosis(const std::filesystem::path& folder, const TrainedModel& trained,
                     const Diagnosis& diagnosis);

}  // namespace patronus
