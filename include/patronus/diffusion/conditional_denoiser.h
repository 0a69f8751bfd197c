#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/core/device.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/noise_schedule.h"
#include "patronus/models/unet.h"

namespace patronus {

/// Noise model of the UNet for any activations [B, P], one row per image, on the network's device. Keeps a
/// reference to the network, which must be in evaluation mode and whose weights must not change afterwards.
/// Evaluates it without gradients, channels last, at the given precision. Takes x_t [B, C, S, S] on the same
/// device; predictions are float32. Each returned denoiser embeds its activations once; all of them share one
/// embedding of the timesteps.
ConditionalDenoiser conditional_denoiser(UNet unet, const NoiseSchedule& schedule, PredictionKind kind);

/// Guidance along an edit of activations `from` to `to`, [B, P] each: eps = eps_from + strength (eps_to -
/// eps_from), and likewise for x0, from one evaluation of a batch of 2 B. Strength 0 gives `from`, 1 gives
/// `to`, larger values extrapolate. `strength`: float32 [B], one per image. All tensors are on the network's
/// device.
Denoiser guided_denoiser(const ConditionalDenoiser& model, const at::Tensor& from, const at::Tensor& to,
                         const at::Tensor& strength, Precision precision);

}  // namespace patronus
