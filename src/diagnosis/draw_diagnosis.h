#pragma once
#include "patronus/diagnosis/diagnose.h"
#include "patronus/figures/canvas.h"
#include "patronus/run/prototype_names.h"

namespace patronus {

/// Draws the Spearman correlation of every pair of prototypes, with correlated ones next to each other.
Canvas draw_spearman(const Diagnosis& diagnosis, const PrototypeNames& names);

/// Draws the effect of one kind of edit of each attribute on every attribute, including itself.
Canvas draw_attribute_effects(const Diagnosis& diagnosis, EditKind kind);

/// Draws the effect of raising or lowering each prototype on the attributes that the judge recognises
/// accurately enough (is_reliable).
Canvas draw_prototype_attributes(const Control& control, const PrototypeNames& names);

/// Draws images in which a finding was made, one per row: original, regenerated, each kind of edit, and the
/// control of the strongest kind; below each the judged probabilities of both attributes.
Canvas draw_finding(const Diagnosis& diagnosis, const PairEffect& pair);

}  // namespace patronus
