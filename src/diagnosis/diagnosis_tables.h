#pragma once
#include <string>
#include <vector>

#include "patronus/diagnosis/diagnose.h"
#include "patronus/io/json_text.h"
#include "patronus/run/prototype_names.h"
#include "patronus/run/record.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// The names of a diagnosis's attributes.
const std::vector<std::string>& attribute_names(const Diagnosis& diagnosis);

/// "blond_hair brings smile", "hat removes glasses".
std::string finding_text(const Diagnosis& diagnosis, const PairEffect& pair);

/// What speaks against a pair that was found, in sentences; none of another pair.
std::vector<std::string> finding_remarks(const Diagnosis& diagnosis, const PairEffect& pair);

/// The attributes, with the prototype that tells each best.
std::vector<Record> encoded_records(const Diagnosis& diagnosis, const PrototypeNames& names);
Record effect_record(const KindEffect& effect);
/// What the trials do to their own attribute.
std::vector<Record> own_effect_records(const Diagnosis& diagnosis);
std::vector<Record> association_records(const Diagnosis& diagnosis);

/// A row a pair of attributes and kind of edit, placebos too.
Table findings_table(const Diagnosis& diagnosis);
/// A row a pair of attributes.
Table associations_table(const Diagnosis& diagnosis);
/// A row a prototype and attribute: AUROC, and the change of the judge's probability when the prototype is
/// raised and lowered, empty where the judge is not believed.
Table prototype_attribute_table(const Diagnosis& diagnosis, const PrototypeNames& names);
/// A matrix with its prototypes as heads.
Table spearman_table(const Diagnosis& diagnosis);

/// Everything that a diagnosis found, with its protocol: model, images, settings and judge.
Json diagnosis_json(const Diagnosis& diagnosis, const TrainedModel& trained);

}  // namespace patronus
