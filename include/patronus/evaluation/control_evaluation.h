#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "patronus/analysis/control.h"
#include "patronus/io/json_text.h"
#include "patronus/metrics/bootstrap.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// An attribute, the prototype whose activation tells it best (in at most 2,000 of the real images: where two
/// are about as good, other analyses, which choose on other images, may name the other), and what raising
/// that prototype does, or lowering it where its activation falls with the attribute.
struct AttributeControl {
  std::string name;
  double judge_accuracy;  // balanced, of the judge on real images (is_believed)
  int64_t prototype;
  bool lowered;      // to its plausible minimum, not raised
  double auroc;      // of high activations against the attribute: below 0.5 where it is lowered
  int64_t without;   // images without the attribute, of those that the prototype could be raised in
  Estimate appears;  // share of them in which it appears; NaN where there are none, or no believed judge
  double others;     // share of the other attributes that change, of those that the judge can tell
};

/// What one prototype can do (paper 3.3), measured over all prototypes or those chosen.
struct ControlEvaluation {
  std::string split;  // of the images that are edited
  Json protocol;      // of everything it was measured with
  Control control;
  ControlSummary summary;
  std::vector<AttributeControl> attributes{};  // empty for images without attributes
};

/// Measures control in images of `edited`, with plausible maxima, deviations and the judge of attributes
/// (attribute_classifier.h) from `real`. The measurement is kept in `folder`, as control.pt and, of the
/// prototypes that are lowered, control-lowered.pt, and read from there when nothing that it rests on has
/// changed; so is the judge, as judge.pt (train_judge.h), which serves measurements with other options, too.
ControlEvaluation evaluate_control(TrainedModel& trained, const Dataset& edited, Split split,
                                   const Dataset& real, const ControlOptions& options,
                                   const std::filesystem::path& folder);

}  // namespace patronus
