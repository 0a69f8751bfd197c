#pragma once
#include <string>

#include "patronus/run/trained_model.h"

namespace patronus {

/// A page about a model: checkpoint, step, weights, parameter counts, receptive field, schedule, data
/// preprocessing and, where the data set can be opened, the health of its prototypes over 512 test images.
std::string describe_model(TrainedModel& trained);

}  // namespace patronus
