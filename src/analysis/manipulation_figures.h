#pragma once
#include "patronus/analysis/manipulate.h"

namespace patronus {

/// A row an image (paper, Fig. 1 and 7): original, regenerated, and its variants, with the boxes of the most
/// changed prototypes and what was reached; for a single variant also the difference that it makes.
Canvas draw_manipulation(const Manipulation& manipulation, const PrototypeNames& names);

}  // namespace patronus
