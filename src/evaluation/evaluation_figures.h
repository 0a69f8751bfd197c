#pragma once
#include "patronus/evaluation/representation.h"

namespace patronus {

/// AUROC of the linear probe for every attribute, of all representations.
Canvas draw_attribute_bars(const Representation& representation);

/// For every attribute (up to twelve) the distribution of the activation that tells it best, with it and
/// without.
Canvas draw_score_distributions(const Representation& representation);

/// Activations on their two principal components, with each attribute (up to twelve) and without it.
Canvas draw_components(const Representation& representation);

}  // namespace patronus
