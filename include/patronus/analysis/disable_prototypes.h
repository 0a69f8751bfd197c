#pragma once
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Takes prototypes out of a model: whatever the image, their activation is its mean over up to 2,000 images
/// of `real`, drawn by the configuration's seed, in what is encoded and in every condition, edited or drawn
/// ones too; of no `prototypes`, all. The weights stay as they are. ConfigError for a prototype that the
/// model does not have.
void disable_prototypes(TrainedModel& trained, const Dataset& real, const std::vector<int64_t>& prototypes);

}  // namespace patronus
