#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

struct RegenerateOptions {
  int64_t steps = 20;   // of DDIM, each way; at most T
  double strength = 1;  // w of the guidance along an edit; 1 is none
  int64_t batch_size = 64;
};

/// Images, what the prototypes say about them, and the noise that they come from; float32 on the CPU.
struct InvertedImages {
  std::vector<std::string> files;  // [N]
  at::Tensor original;             // [N, C, S, S]
  at::Tensor activation;           // [N, P]
  at::Tensor x_T;                  // [N, C, S, S]
  at::Tensor image;                // [N, C, S, S], regenerated from x_T under `activation`
};

/// Encodes, inverts and regenerates the images at `indices` (int64 [N]) in batches, in fp32, and logs how
/// good the round trip is.
InvertedImages invert_images(TrainedModel& trained, const Dataset& dataset, const at::Tensor& indices,
                             const RegenerateOptions& options);

/// Images [N, C, S, S] from noise `x_T` under `edited` activations [N, P], in batches, in fp32; on the CPU.
/// With s the `activation` that the noise belongs to and s' the edited one, the noise estimate is
/// eps(s) + strength (eps(s') - eps(s)).
at::Tensor regenerate(TrainedModel& trained, const at::Tensor& x_T, const at::Tensor& activation,
                      const at::Tensor& edited, const RegenerateOptions& options);

/// Logs PSNR and SSIM of regenerated images, on average and the worst.
void log_round_trip(const at::Tensor& original, const at::Tensor& image);

}  // namespace patronus
