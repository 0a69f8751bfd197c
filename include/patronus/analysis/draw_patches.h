#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/figures/canvas.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Draws how the most activated patch of each of `prototypes` is located in the images at `indices` (paper
/// A.1, Fig. 11): the image; the activation map with the best cell marked; that cell's receptive field in the
/// image; and the patch. Goes image by image and returns pages of at most 16 of these drawings. Needs at
/// least one image and one prototype.
std::vector<Canvas> draw_most_activated_patches(TrainedModel& trained, const Dataset& images,
                                                const at::Tensor& indices,
                                                const std::vector<int64_t>& prototypes);

}  // namespace patronus
