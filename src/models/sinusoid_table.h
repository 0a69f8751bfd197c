#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// [rows, width]: sin then cos of row * exp(-ln(1e4) i / (h - 1)), h = width / 2.
at::Tensor sinusoid_table(int64_t rows, int64_t width);

}  // namespace patronus
