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
  double strength = 1.5;                   // guidance strength w along an edit; 1 is none, as in the paper
  std::optional<int64_t> batch_size = {};  // images processed at once; default: chosen for the device
};

/// Images with their activations, noise x_T and regenerations, which are clamped to [-1, 1] as pictures show
/// them; float32 on the CPU.
struct InvertedImages {
  std::vector<std::string> files;  // [N]
  at::Tensor original;             // [N, C, S, S]
  at::Tensor activation;           // [N, P]
  at::Tensor patch;                // int64 [N, P], most activated cell of the feature map
  at::Tensor x_T;                  // [N, C, S, S]
  at::Tensor residual;             // [N], residual of the inversion (diffusion/samplers.h)
  at::Tensor image;                // [N, C, S, S], regenerated from x_T under `activation`
  at::Tensor reached;              // [N, P], activation of `image`
  double evaluations = 0;          // mean network evaluations per image for inversion and regeneration
};

/// Encodes, inverts and regenerates the images at `indices` (int64 [N]) in batches, at the model's
/// `inversion_precision`.
InvertedImages invert_images(TrainedModel& trained, const Dataset& dataset, const at::Tensor& indices,
                             const RegenerateOptions& options);

/// An edit for regeneration: noise x_T, the activations s that it belongs to, and the edited ones s'.
struct ActivationEdit {
  at::Tensor x_T;         // [R, C, S, S]; with `source` [N, C, S, S]
  at::Tensor activation;  // [R, P], s
  at::Tensor edited;      // [R, P], s'
  // float32 [R], guidance strength of each image; undefined: that of the options for all.
  at::Tensor strength = {};
  // int64 [R], row of x_T for each image, so that many edits share one copy of the noise; undefined: row r.
  at::Tensor source = {};
};

/// Noise prediction of an edit, eps(s) + strength (eps(s') - eps(s)), on the device of `model` (the
/// conditional denoiser of `trained`) and at its `inversion_precision`.
Denoiser edited_denoiser(const TrainedModel& trained, const ConditionalDenoiser& model,
                         const ActivationEdit& edit, const RegenerateOptions& options);

/// Images regenerated under edited activations, clamped to [-1, 1] as pictures show them, with their
/// encodings. On the CPU.
struct RegeneratedImages {
  at::Tensor image;       // float32 [R, C, S, S]
  at::Tensor activation;  // float32 [R, P], re-encoded
  at::Tensor patch;       // int64 [R, P], most activated cell of the feature map
};

/// Regenerates images under an edit in batches, at the model's `inversion_precision`, and encodes them.
RegeneratedImages regenerate(TrainedModel& trained, const ActivationEdit& edit,
                             const RegenerateOptions& options);

/// Logs mean and worst PSNR and SSIM of the regenerated images, and the network evaluations.
void log_round_trip(const InvertedImages& images);

}  // namespace patronus
