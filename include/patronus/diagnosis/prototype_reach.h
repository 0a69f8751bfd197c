#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/analysis/control.h"
#include "patronus/analysis/encode.h"
#include "patronus/data/dataset.h"
#include "patronus/figures/canvas.h"
#include "patronus/models/receptive_field.h"
#include "patronus/run/prototype_names.h"

namespace patronus {

/// Where a prototype looks, and where moving it changes the image: a denoiser that has learnt to conclude one
/// thing from another changes both (paper 4.4), even if no prototype shows the other one.
struct PrototypeReach {
  int64_t prototype = 0;
  at::Tensor strongest{};     // float32 [C, S, S], the image that activates it most
  Box box{};                  // its most activated patch there
  at::Tensor looks{};         // float64 [m, m], share of images in which the patch covers the pixel
  at::Tensor acts{};          // float64 [m, m], mean squared change when it is raised and lowered (control.h)
  double largest_change = 0;  // root of the largest value of `acts`, in gray levels of 255
  // Largest change in pixels that the patch covers in at most 5 % of images, as a share of the largest of
  // all; 0 if there are no such pixels.
  double elsewhere = 0;
  double share_elsewhere = 0;   // share of the summed `acts` in these pixels
  double gain = 0;              // control.h, the larger one of raising and lowering it
  bool has_effect = true;       // a gain of at least 0.1, or a tenth of the largest change of all prototypes
  int64_t row = 0, column = 0;  // of that largest change, in pixels of the map; 0 if there is none
};

/// The prototypes that could be moved, those that act most elsewhere first, those without effect last.
/// `encoding`: of `images`; `raised` and `lowered`: of all prototypes.
std::vector<PrototypeReach> prototype_reach(const Dataset& images, const Encoding& encoding,
                                            const Control& raised, const Control& lowered);

/// Draws the first 32: the strongest image with its patch, and the change, each on its own scale with its
/// largest value and what is elsewhere; gray for those without effect.
Canvas draw_reach(const std::vector<PrototypeReach>& reach, const PrototypeNames& names);

}  // namespace patronus
