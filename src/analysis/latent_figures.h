#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/analysis/latent_report.h"

namespace patronus {

/// Distributions of the activations whose drawn vectors differ most from the training images', and of those,
/// side by side; uint8 [3, H, W].
Canvas draw_histograms(const LatentReport& report);

/// Correlations between prototypes over the training images and over the vectors drawn, and their
/// differences; uint8 [3, H, W]. Prototypes are ordered so that those that go together are neighbours.
Canvas draw_correlations(const LatentReport& report);

}  // namespace patronus
