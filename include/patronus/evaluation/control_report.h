#pragma once
#include <string>

#include "patronus/evaluation/control_evaluation.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"

namespace patronus {

Json control_json(const ControlEvaluation& evaluation, const PrototypeNames& names);

/// Section of the report: the summary, and one line per attribute.
std::string control_markdown(const ControlEvaluation& evaluation, const PrototypeNames& names);

/// Table with one row per raised prototype: gain, effect on itself, drift, share inside the patch, and how
/// often each attribute appears and vanishes.
Table control_table(const ControlEvaluation& evaluation, const PrototypeNames& names);

/// Causal effect matrix with one row per raised prototype and one column per prototype.
Table effect_matrix_table(const Control& control);

}  // namespace patronus
