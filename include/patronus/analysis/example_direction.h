#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Two sets of example images. A source is a folder of images, or a condition on real ones
/// (data/attribute_table.h); empty: all real images.
struct Examples {
  std::string towards{};
  std::string away{};
  int64_t at_most = 1000;  // images of each set, drawn by the configuration's seed
  int64_t strongest = 0;   // prototypes that the direction keeps; 0: all
};

/// "towards hat=1, away from hat=0".
std::string examples_text(const Examples& examples);

/// Edit by example: the difference of the mean activations of two sets of images, `towards` [N, P] minus
/// `away` [M, P]: [P]. `strongest` above 0 keeps only that many prototypes, those whose difference is largest
/// in units of their standard deviation over both sets.
at::Tensor example_direction(const at::Tensor& towards, const at::Tensor& away, int64_t strongest = 0);

/// The direction between two groups of example images, which are encoded first. ConfigError for an attribute
/// that `real` does not have.
at::Tensor example_direction(TrainedModel& trained, const Dataset& real, const Examples& examples);

}  // namespace patronus
