#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace patronus {

/// How large a prototype's activation may plausibly become (paper 3.3).
struct PlausibleMaximumOptions {
  int64_t images = 1000;  // size of the subset that commands look in
  double quantile = 1.0;  // of the activations taken for the largest; 1 is the maximum
  bool global = false;    // one number for all prototypes, the largest, as the reference takes it
};

/// Of activations [N, P] of real images: float32 [P]. ConfigError for a quantile outside 0 .. 1.
at::Tensor plausible_maximum(const at::Tensor& activation, const PlausibleMaximumOptions& options);

/// Whether the name means one maximum for all prototypes: "prototype" or "global", else a ConfigError.
bool is_global_maximum(const std::string& name);

}  // namespace patronus
