#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/evaluation/representation.h"
#include "patronus/figures/figure.h"
#include "patronus/io/json_text.h"

namespace patronus {

/// Protocol, the scores of every representation under its name, a record per attribute under "attributes",
/// and one per attribute of several classes, with all representations' accuracies, under "class_probes".
Json representation_json(const Representation& representation, const PrototypeNames& names);

/// Section of the report: the representations' scores (paper, Tables 1 and 2), a row per attribute (Tables 5
/// and 6), and a row per attribute of several classes.
std::string representation_markdown(const Representation& representation, const PrototypeNames& names);

/// Writes `attributes.csv`; `class-probes.csv`, if there are attributes of several classes (a row each:
/// classes, images, share of the most frequent class, accuracy of every representation); and the figures
/// `attributes`, `scores` and `components` (evaluate.h).
void write_representation(const std::filesystem::path& folder, const Representation& representation,
                          const PrototypeNames& names, const std::vector<FigureFormat>& formats);

}  // namespace patronus
