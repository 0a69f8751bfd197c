#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/diffusion/samplers.h"
#include "patronus/run/trained_model.h"

namespace patronus {

struct RegenerateOptions {
  InversionOptions inversion = {};
  double strength = 1.5;                   // w of the guidance along an edit; 1 is none, as in the paper
  std::optional<int64_t> batch_size = {};  // images worked on at once; by default what suits the device
};

/// Images, what the prototypes say about them, and the noise that they come from; float32 on the CPU.
struct InvertedImages {
  std::vector<std::string> files;  // [N]
  at::Tensor original;             // [N, C, S, S]
  at::Tensor activation;           // [N, P]
  at::Tensor patch;                // int64 [N, P], most activated cell
  at::Tensor x_T;                  // [N, C, S, S]
  at::Tensor residual;             // [N], of the inversion (diffusion/samplers.h)
  at::Tensor image;                // [N, C, S, S], regenerated from x_T under `activation`
  at::Tensor reached;              // [N, P], activation of `image` as it is shown, clamped
  double evaluations = 0;          // of the network that an image needed there and back, on average
};

/// What the prototypes say about generated images [B, C, S, S], on the model's device, as they are shown:
/// without what lies beyond black and white.
Match match_shown(const TrainedModel& trained, const at::Tensor& images);

/// Encodes, inverts and regenerates the images at `indices` (int64 [N]) in batches, in the model's
/// `inversion_precision`.
InvertedImages invert_images(TrainedModel& trained, const Dataset& dataset, const at::Tensor& indices,
                             const RegenerateOptions& options);

/// What images are regenerated from: their noise, and activations s' in place of those that it belongs to, s.
struct ActivationEdit {
  at::Tensor x_T;         // [R, C, S, S]; with `source` [N, C, S, S]
  at::Tensor activation;  // [R, P], s
  at::Tensor edited;      // [R, P], s'
  at::Tensor strength =
      {};  // float32 [R], of the guidance of each image; undefined: the options' one for all
  // int64 [R], the row of x_T that each image comes from, so that noise of many edits is held once;
  // undefined: its own.
  at::Tensor source = {};
};

/// The noise model of an edit, eps(s) + strength (eps(s') - eps(s)), on the device of `model`, the
/// conditional denoiser of `trained`, and in its `inversion_precision`.
Denoiser edited_denoiser(const TrainedModel& trained, const ConditionalDenoiser& model,
                         const ActivationEdit& edit, const RegenerateOptions& options);

/// Images regenerated under edited activations, and what the prototypes say about them as they are shown:
/// clamped to [-1, 1]. On the CPU.
struct RegeneratedImages {
  at::Tensor image;       // float32 [R, C, S, S]
  at::Tensor activation;  // float32 [R, P], encoded again
  at::Tensor patch;       // int64 [R, P], most activated cell
};

/// Regenerates images under an edit in batches, in the model's `inversion_precision`, and encodes them.
RegeneratedImages regenerate(TrainedModel& trained, const ActivationEdit& edit,
                             const RegenerateOptions& options);

/// Logs PSNR and SSIM of regenerated images, on average and the worst, and what they cost.
void log_round_trip(const InvertedImages& images);

}  // namespace patronus
