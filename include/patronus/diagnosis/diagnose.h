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
#include "patronus/diagnosis/suspects.h"
#include "patronus/run/latent_checkpoint.h"

namespace patronus {

struct DiagnoseOptions {
  std::vector<EditKind> kinds = {EditKind::kSingle, EditKind::kUnguided, EditKind::kCorrelated,
                                 EditKind::kExample};
  int64_t sample = 2000;        // test images whose halves choose prototypes and report on them
  int64_t generated = 500;      // images drawn for the associations from each source
  int64_t control_images = 16;  // that each prototype is raised and lowered in; 0: no effect matrices
  std::string csv{};            // table of attributes in place of the data set's
  std::string dependent{};      // file of pairs that depend by construction; empty: the shipped one, if any
  std::string balance{};        // attribute that the images beside the suspects alternate in; empty: none
  std::optional<LatentModel> latent{};  // that images are drawn from, too, for the associations
  JudgeOptions judge = {};
  EncodedOptions encoded = {};
  ExperimentOptions experiment = {};
  FindingOptions finding = {};
};

/// What a model ties together that need not go together (paper 4.4), in three parts that each alone would
/// mislead: what its activations encode, what edits of them do, and what its images exaggerate.
struct Diagnosis {
  DiagnoseOptions options{};
  EncodedImages encoded{};
  at::Tensor auroc{};  // float64 [A, P], of every activation for every attribute in the reported half
  std::vector<int64_t> order{};  // prototypes, those that correlate next to each other
  at::Tensor spearman{};         // float64 [P, P], of activations in the reported half
  // Effects of raising, and of lowering, every prototype: on all prototypes, and on what is judged.
  std::optional<Control> raised{};
  std::optional<Control> lowered{};
  std::optional<DiagnosisJudge> judge{};  // none where no attribute is encoded
  InvertedImages images{};                // that were edited
  at::Tensor judged_original{};           // float64 [n, A], of the real images
  at::Tensor judged_identity{};           // of the same regenerated unedited
  std::vector<EditTrial> trials{};
  std::vector<KindEffect> own{};      // of each trial
  std::vector<PairEffect> pairs{};    // ranked
  int64_t repeat_steps = 0;           // denoising steps that findings were measured with again; 0: not at all
  std::vector<PairEffect> placebo{};  // the same tests where random directions take the place of edits
  std::vector<Association> associations{};  // first of images drawn from test images' activations
  std::optional<Suspects> suspects{};       // of the first finding that does not depend by construction
};

/// Diagnoses a model on the test images of its data set. DataError for fewer than 50 of them, and for images
/// without attributes; ConfigError for settings of the judge that are none of `data.*`, and for an attribute
/// to balance by that the images do not have.
Diagnosis diagnose(TrainedModel& trained, const DiagnoseOptions& options);

/// Writes `diagnose.json` (everything), `diagnose.md` (the findings in words), `encoded.csv`, `findings.csv`
/// (a row a pair and kind of edit), `associations.csv`, `prototype-attributes.csv` (a row a prototype and
/// attribute), `spearman.csv` and `.png`, `attribute-effects.png`, `effects.csv` and `.png` and
/// `raised-attributes.png` (what raising prototypes does to prototypes and attributes), `effects-lowered.csv`
/// and `.png` and `lowered-attributes.png`, `findings/01-A-B.png` ... of all findings and `suspects.png`
/// (Fig. 8) of the first that does not depend by construction, into `folder`.
void write_diagnosis(const std::filesystem::path& folder, const TrainedModel& trained,
                     const Diagnosis& diagnosis);

}  // namespace patronus
