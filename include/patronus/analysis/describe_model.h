#pragma once
#include <string>

#include "patronus/run/trained_model.h"

namespace patronus {

/// Describes a model on one page: checkpoint, step, weights, parameter counts, receptive field, schedule,
/// preprocessing and, if the data set can be opened, the health of its prototypes over 512 test images.
std::string describe_model(TrainedModel& trained);

}  // namespace patronus
