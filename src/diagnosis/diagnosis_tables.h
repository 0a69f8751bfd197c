#pragma once
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "patronus/diagnosis/diagnose.h"
#include "patronus/io/table.h"
#include "patronus/run/prototype_names.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// The names of a diagnosis's attributes.
const std::vector<std::string>& attribute_names(const Diagnosis& diagnosis);

/// A row an attribute.
Table encoded_table(const Diagnosis& diagnosis, const PrototypeNames& names);
/// A row a pair of attributes and kind of edit, placebos too.
Table findings_table(const Diagnosis& diagnosis);
/// A row a pair of attributes.
Table associations_table(const Diagnosis& diagnosis);
/// A matrix with its prototypes as heads.
Table spearman_table(const Diagnosis& diagnosis);

/// Everything that a diagnosis found, with its protocol: model, images, settings and judge.
nlohmann::ordered_json diagnosis_json(const Diagnosis& diagnosis, const TrainedModel& trained);

}  // namespace patronus
