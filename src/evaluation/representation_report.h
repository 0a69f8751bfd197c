#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/evaluation/representation.h"
#include "patronus/figures/figure.h"
#include "patronus/io/json_text.h"

namespace patronus {

/// An AUROC of high activations, either way round: "0.990 (falls)" of 0.01, where a high activation says that
/// the attribute is absent.
std::string auroc_text(double positive_auroc, int digits);

/// Protocol, the scores of every representation under its name, a record an attribute under "attributes", and
/// one an attribute of several classes, with every representation's accuracy, under "class_probes".
Json representation_json(const Representation& representation, const PrototypeNames& names);

/// A section of the report: the representations' scores (paper, Tables 1 and 2), and a line an attribute
/// (Tables 5 and 6); where there are attributes of several classes, a line each.
std::string representation_markdown(const Representation& representation, const PrototypeNames& names);

/// Writes `attributes.csv`, where there are attributes of several classes `class-probes.csv` (a row each:
/// classes, images, share of the most frequent class, accuracy of every representation), and the figures
/// `attributes`, `scores` and `components` (evaluate.h).
void write_representation(const std::filesystem::path& folder, const Representation& representation,
                          const PrototypeNames& names, const std::vector<FigureFormat>& formats);

}  // namespace patronus
