#pragma once
#include "patronus/diagnosis/diagnose.h"
#include "patronus/figures/canvas.h"
#include "patronus/run/prototype_names.h"

namespace patronus {

/// Spearman of every two prototypes, those that correlate next to each other.
Canvas draw_spearman(const Diagnosis& diagnosis, const PrototypeNames& names);

/// What one kind of edit of each attribute does to every attribute, its own too.
Canvas draw_attribute_effects(const Diagnosis& diagnosis, EditKind kind);

/// What raising or lowering each prototype does to the attributes that the judge can tell.
Canvas draw_prototype_attributes(const Control& control, const PrototypeNames& names);

/// Images that a finding was made on, a row each: original, regenerated, every kind of edit, and the control
/// of the strongest; below each how likely both attributes are.
Canvas draw_finding(const Diagnosis& diagnosis, const PairEffect& pair);

}  // namespace patronus
