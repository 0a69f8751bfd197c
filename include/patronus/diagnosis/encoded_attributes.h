#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/diagnosis/attribute_images.h"
#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// An attribute and the single prototype that predicts it best (paper 4.4), chosen on one half of the images
/// and measured on the other.
struct EncodedAttribute {
  std::string name{};
  int64_t with = 0;                 // images of the reported half with it
  int64_t without = 0;              // images of the reported half without it
  int64_t prototype = -1;           // the one with the largest sign-free AUROC on the choosing half
  bool rises = true;                // whether the attribute raises the activation on the choosing half
  Estimate auroc{};                 // in that direction, reported half: above 0.5 if the halves agree
  double delta = 0;                 // Cliff's delta of the activation: negative if the attribute lowers it
  Estimate spearman{};              // correlation of activation and attribute
  double untrained_auroc = 0.5;     // `auroc` for the encoder before training
  std::string reason_untestable{};  // why no edit of it can be tested; empty: it can
};

/// Activations of the trained encoder, and of its state before training: float32 [N, P] each; NaN in rows of
/// images in neither half.
struct ComparedActivations {
  at::Tensor trained;
  at::Tensor untrained;
};

/// `activation` [n, P] of the images `sample` (int64 [n]) in the rows of these images among all `count`:
/// float32 [count, P], NaN in the rows of the others.
at::Tensor at_rows_of(const at::Tensor& sample, const at::Tensor& activation, int64_t count);

struct EncodedOptions {
  double least_auroc = 0.6;   // an encoded attribute's AUROC interval must lie above this
  int64_t least_images = 20;  // smallest number of images with and without it, in each half
  int64_t resamples = 500;    // bootstrap resamples
  uint64_t seed = 0;
};

/// Measures all attributes of `images`. Those too rare in either half, or not predicted well enough by any
/// prototype, get a `reason_untestable`.
std::vector<EncodedAttribute> encoded_attributes(const AttributeImages& images, const SplitHalves& halves,
                                                 const ComparedActivations& activations,
                                                 const EncodedOptions& options);

}  // namespace patronus
