#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/core/device.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/schedule.h"
#include "patronus/models/unet.h"

namespace patronus {

/// The UNet as a noise model for any activations [B, P], one row an image, on the network's device. Holds on
/// to the network, which must be in evaluation mode, with weights that do not change from here on, and is
/// evaluated without gradients, channels last, in the given precision. Takes x_t [B, C, S, S] on
/// the same device; predictions are float32. The activations are embedded once, and the timesteps once for
/// all denoisers that it gives.
ConditionalDenoiser conditional_denoiser(UNet unet, const Schedule& schedule, PredictionKind kind);

/// Guidance along an edit of activations `from` into `to`, [B, P] each: eps = eps_from + strength (eps_to -
/// eps_from), and x0 alike, from one evaluation of a batch of 2 B. 0 gives `from`, 1 gives `to`, more goes
/// further in the same direction. `strength`: float32 [B], one an image. All on the network's device.
Denoiser guided_denoiser(const ConditionalDenoiser& model, const at::Tensor& from, const at::Tensor& to,
                         const at::Tensor& strength, Precision precision);

}  // namespace patronus
