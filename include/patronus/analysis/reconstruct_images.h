#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

#include "patronus/analysis/conditioned_samples.h"
#include "patronus/analysis/inverted_images.h"

namespace patronus {

struct ReconstructImagesOptions {
  RegenerateOptions regenerate = {};
  int64_t first = 0;
  int64_t count = 8;
  int64_t variations = 3;                    // V, images from other x_T per original
  NoiseChoice noise = NoiseChoice::kRandom;  // noise of the variations
  bool draw_noise = false;                   // show each image's own x_T, too
};

struct ReconstructedImages {
  ReconstructImagesOptions options;  // options used
  InvertedImages inverted;           // N images
  at::Tensor variations;             // float32 [N, V, C, S, S] on the CPU
};

/// Inverts and regenerates images of a data set, and samples variations of each from other noise, which show
/// what the activations alone determine (paper 4.1, Fig. 3 and 26). Variations use the configuration's
/// `sampling` settings; those of image i depend only on the configuration's seed, i (unless the noise is
/// fixed) and V.
ReconstructedImages reconstruct_images(TrainedModel& trained, const Dataset& dataset,
                                       const ReconstructImagesOptions& options);

/// Writes to `folder`: `reconstruct.png` (the first 16 images), `reconstruct.csv` (per round trip MSE, PSNR
/// in dB, SSIM and residual of the inversion) and `reconstruct.pt` ({"files", "original", "activation",
/// "x_T", "reconstruction", "variations"}).
void write_reconstruction(const std::filesystem::path& folder, const TrainedModel& trained,
                          const ReconstructedImages& images);

}  // namespace patronus
