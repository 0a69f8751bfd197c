#pragma once
#include <string>
#include <utility>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/figures/canvas.h"
#include "patronus/training/metrics_log.h"
#include "patronus/training/trainer.h"

namespace patronus {

/// Evaluation of a model in training on fixed, randomly drawn test images with fixed seeds. If these are too
/// few for prototype health (kMinHealthImages), that is measured on training images.
struct Preview {
  Metrics metrics;  // prototype health and conditional gain; without a condition only the test loss
  std::vector<std::pair<std::string, Canvas>> figures;
};

/// Evaluates the EMA weights. Figures: `samples`, images from the activations of test images and random x_T;
/// `reconstruction`, the same test images regenerated from their own x_T.
Preview make_preview(Trainer& trainer, const Dataset& test, const Dataset& train, const RunConfig& config);

}  // namespace patronus
