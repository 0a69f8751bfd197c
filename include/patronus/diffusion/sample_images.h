#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "patronus/diffusion/samplers.h"

namespace patronus {

/// The samplers of samplers.h; DPM-Solver++ of second and of third order.
enum class Sampler { kDdim, kDdpm, kDpmSolver, kDpmSolver3 };
inline std::vector<std::string> enum_names(Sampler) {
  return {"ddim", "ddpm", "dpm-solver", "dpm-solver-3"};
}

/// A sampler as a user chooses it.
struct SamplerOptions {
  Sampler sampler = Sampler::kDdim;
  std::optional<int64_t> steps = {};  // unset: 50 for ddim, 20 for dpm-solver(-3), all T for ddpm
  double eta = 0;                     // ddim only, 0 .. 1
  NoiseSource noise = {};             // for ddpm, and for ddim with eta > 0
};

/// The number of steps that `options` stand for, after checking all of them: ConfigError for steps outside 1
/// .. T, steps other than T with ddpm, eta outside 0 .. 1 or with a sampler that has none.
int64_t checked_steps(const SamplerOptions& options, const Schedule& schedule);

/// Runs the chosen sampler from `x_t`, noise [B, C, H, W] at level T-1.
at::Tensor sample_images(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                         const SamplerOptions& options, const StepHook& hook = {});

}  // namespace patronus
