#pragma once
#include <string>
#include <vector>

#include "patronus/diagnosis/diagnose.h"
#include "patronus/io/json_text.h"
#include "patronus/run/prototype_names.h"
#include "patronus/run/record.h"
#include "patronus/run/trained_model.h"

namespace patronus {

const std::vector<std::string>& attribute_names(const Diagnosis& diagnosis);

/// For example "blond_hair brings smile", "hat removes glasses".
std::string finding_text(const Diagnosis& diagnosis, const PairEffect& pair);

/// Reasons to doubt a finding, in sentences; empty for other pairs.
std::vector<std::string> finding_remarks(const Diagnosis& diagnosis, const PairEffect& pair);

/// One record per attribute, with the prototype that predicts it best.
std::vector<Record> encoded_records(const Diagnosis& diagnosis, const PrototypeNames& names);
/// One record per tie of prototypes.
std::vector<Record> tie_records(const Diagnosis& diagnosis, const PrototypeNames& names);
Record effect_record(const KindEffect& effect);
/// Effects of trials on their own attributes.
std::vector<Record> own_effect_records(const Diagnosis& diagnosis);
std::vector<Record> association_records(const Diagnosis& diagnosis);

/// One row per pair of attributes and kind of edit, including placebos.
Table findings_table(const Diagnosis& diagnosis);
/// One row per pair of attributes and source of generated images.
Table associations_table(const Diagnosis& diagnosis);
/// One row per prototype and attribute: AUROC, and the change of the judged probability when the prototype is
/// raised and lowered; empty if not measured or if the judge is not accurate enough (is_reliable).
Table prototype_attribute_table(const Diagnosis& diagnosis, const PrototypeNames& names);
/// One row per tie of prototypes.
Table ties_table(const Diagnosis& diagnosis, const PrototypeNames& names);
/// One row per prototype: where it looks and acts.
Table reach_table(const Diagnosis& diagnosis, const PrototypeNames& names);
/// Matrix with prototype numbers as row and column heads, in clustered order.
Table spearman_table(const Diagnosis& diagnosis);

/// All results of a diagnosis with its protocol: model, images, settings and judge.
Json diagnosis_json(const Diagnosis& diagnosis, const TrainedModel& trained);

}  // namespace patronus
