#pragma once
#include <string>

#include "patronus/evaluation/control_evaluation.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"

namespace patronus {

Json control_json(const ControlEvaluation& evaluation, const PrototypeNames& names);

/// A section of the report: the summary, and a line an attribute.
std::string control_markdown(const ControlEvaluation& evaluation, const PrototypeNames& names);

/// A row a raised prototype: gain, effect on itself, drift, share inside the patch, and for every attribute
/// how often it appears and vanishes.
Table control_table(const ControlEvaluation& evaluation, const PrototypeNames& names);

/// The causal effect matrix: a row a raised prototype, a column a prototype.
Table effect_matrix_table(const Control& control);

}  // namespace patronus
