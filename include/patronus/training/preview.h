#pragma once
#include <string>
#include <utility>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/figures/canvas.h"
#include "patronus/training/metrics_log.h"
#include "patronus/training/trainer.h"

namespace patronus {

/// How a model in training is doing, on fixed test images, drawn at random, with fixed seeds. Where these are
/// too few for the health of prototypes (kFewestHealthImages), that is of training images.
struct Preview {
  Metrics metrics;  // prototype health and conditional gain; without a condition the test loss alone
  std::vector<std::pair<std::string, Canvas>> figures;
};

/// Figures: `samples`, images drawn from the activations of test images with random x_T; `reconstruction`,
/// the same test images regenerated from their own x_T. Uses the EMA weights.
Preview make_preview(Trainer& trainer, const Dataset& test, const Dataset& train, const RunConfig& config);

}  // namespace patronus
