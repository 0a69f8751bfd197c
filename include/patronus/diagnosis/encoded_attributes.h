#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/diagnosis/attribute_images.h"
#include "patronus/distributed/process_group.h"
#include "patronus/metrics/bootstrap.h"
#include "patronus/models/prototype_encoder.h"

namespace patronus {

/// An attribute and the prototype that tells it best by itself (paper 4.4), chosen on one half of the images
/// and measured on the other.
struct EncodedAttribute {
  std::string name{};
  int64_t with = 0;              // images of the reported half that have it
  int64_t without = 0;           // that have it not
  int64_t prototype = -1;        // with the largest sign-free AUROC on the choosing half
  bool rises = true;             // whether the activation is higher with the attribute, there
  Estimate auroc{};              // of the activation in that direction: above 0.5 where the halves agree
  double delta = 0;              // Cliff's, of the activation: negative where it falls
  Estimate spearman{};           // of activation and attribute
  double untrained_auroc = 0.5;  // the same as `auroc` of the encoder that training began with
  std::string obstacle{};        // why no edit of it can be tested; empty: it can
};

/// Activations of the images, and of the encoder that training began with: float32 [N, P] each, NaN in the
/// rows of images that are in neither half.
struct ComparedActivations {
  at::Tensor trained;
  at::Tensor untrained;
};

/// Encodes the images of both halves, which the `ranks` share, into their rows of float32 [N, P], of all
/// images; NaN in the others.
at::Tensor encode_halves(PrototypeEncoder encoder, const Dataset& images, const Halves& halves,
                         const ProcessGroup& ranks = {});

struct EncodedOptions {
  double least_auroc = 0.6;   // that the interval must be above for an attribute to count as encoded
  int64_t least_images = 20;  // with and without it, in either half, for an attribute to be measured
  int64_t resamples = 500;    // of the bootstrap
  uint64_t seed = 0;
};

/// Every attribute of `images`. One that is too rare in either half, or that no prototype tells well enough,
/// has an obstacle that says so.
std::vector<EncodedAttribute> encoded_attributes(const AttributeImages& images, const Halves& halves,
                                                 const ComparedActivations& activations,
                                                 const EncodedOptions& options);

}  // namespace patronus
