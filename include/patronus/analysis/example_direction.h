#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Two sets of example images. Each source is a folder of images or a condition on real images
/// (data/attribute_table.h); empty: all real images.
struct Examples {
  std::string towards{};
  std::string away{};
  int64_t at_most = 1000;  // largest number of images per set, drawn with the configuration's seed
  int64_t strongest = 0;   // number of prototypes that the direction keeps; 0: all
};

/// Describes the examples: "towards hat=1, away from hat=0".
std::string examples_text(const Examples& examples);

/// Direction of an edit by example: difference of the mean activations of two sets of images, `towards` [N,
/// P] minus `away` [M, P]. Returns [P]. `strongest` > 0 keeps only that many prototypes, those with the
/// largest difference in standard deviations over both sets.
at::Tensor example_direction(const at::Tensor& towards, const at::Tensor& away, int64_t strongest = 0);

/// Encodes two groups of example images and computes the direction between them. Throws ConfigError for an
/// attribute that `real` does not have.
at::Tensor example_direction(TrainedModel& trained, const Dataset& real, const Examples& examples);

}  // namespace patronus
