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

/// Effect of the prototype that best predicts an attribute: of raising it, or of lowering it if its
/// activation falls with the attribute. It is chosen on at most 2,000 real images, and its AUROC is measured
/// on as many others; if two are about equally good, analyses on other images may choose the other one.
struct AttributeControl {
  std::string name;
  double judge_accuracy;  // balanced accuracy of the judge on real images (is_reliable)
  int64_t prototype;
  bool lowered;      // lowered to its plausible minimum instead of raised
  double auroc;      // of high activations for the attribute: below 0.5 if lowered, unless chosen by chance
  int64_t without;   // images without the attribute in which the prototype could be moved
  Estimate appears;  // share of them in which it appears; NaN without such images or a reliable judge
  double others;     // share of the other attributes (others_than) with a reliable judge that change
};

/// Effects of individual prototypes (paper 3.3), for all or the chosen ones.
struct ControlEvaluation {
  std::string split;  // split of the edited images
  Json protocol;      // everything that the measurement depends on
  Control control;
  ControlSummary summary;
  ControlIntervals intervals;
  std::vector<AttributeControl> attributes{};  // empty if the images have no attributes
};

/// Measures control in images of `edited`; plausible ranges, deviations and the judge of attributes
/// (attribute_classifier.h) come from `real`. Saves the measurement in `folder` as control.pt and, for
/// lowered prototypes, control-lowered.pt, and reuses them while nothing they depend on changes. The judge is
/// saved as judge.pt (train_judge.h) and also reused with other options.
ControlEvaluation evaluate_control(TrainedModel& trained, const Dataset& edited, Split split,
                                   const Dataset& real, const ControlOptions& options,
                                   const std::filesystem::path& folder);

}  // namespace patronus
