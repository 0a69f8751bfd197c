#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "patronus/io/plot.h"

namespace patronus {

/// The density of `values` over bins between `low` and `high`, drawn as a curve through the bins' middles.
Series density(const std::string& name, const at::Tensor& values, double low, double high);

}  // namespace patronus
