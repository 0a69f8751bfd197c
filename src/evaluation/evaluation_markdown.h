#pragma once
#include <string>

#include "patronus/evaluation/evaluate.h"

namespace patronus {

/// The whole evaluation as tables, in Markdown.
std::string evaluation_markdown(const TrainedModel& trained, const Evaluation& evaluation);

}  // namespace patronus
