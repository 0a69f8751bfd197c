#pragma once
#include <nlohmann/json.hpp>

#include "patronus/analysis/emergence.h"
#include "patronus/io/table.h"

namespace patronus {

/// A row a prototype and step: mean difference with its interval, standard deviation, share of the final one.
Table curve_table(const Emergence& emergence, const PrototypeNames& names);
/// A row a prototype and late start: the share of the final difference that is still brought about.
Table late_table(const Emergence& emergence, const PrototypeNames& names);
/// A row a prototype, the first ones first.
Table emergence_table(const Emergence& emergence, const PrototypeNames& names);
/// A row a step: losses with own, another image's and mean activations, and how much larger the latter are.
Table condition_table(const Emergence& emergence);

/// All of it but the curves.
nlohmann::ordered_json emergence_json(const Emergence& emergence, const PrototypeNames& names);
/// All of it in words and tables to read.
std::string emergence_markdown(const Emergence& emergence, const PrototypeNames& names);

}  // namespace patronus
