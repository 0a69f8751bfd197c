#pragma once
#include "patronus/run/run_directory.h"

namespace patronus {

/// Draws the run's losses over its steps, as far as metrics.jsonl goes, to `loss.png`: the mean training
/// loss, and the losses on test images with their own activations, another image's, and the mean vector.
void draw_loss_curve(const RunDirectory& run);

}  // namespace patronus
