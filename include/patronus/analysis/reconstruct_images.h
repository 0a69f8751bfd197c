#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/diffusion/reconstruct.h"
#include "patronus/run/trained_model.h"

namespace patronus {

struct ReconstructImagesOptions {
  int64_t first = 0;
  int64_t count = 8;
  int64_t steps = 50;      // of DDIM, each way; at most T
  int64_t variations = 3;  // images from random x_T for every original
  int64_t batch_size = 32;
};

struct ReconstructedImages {
  std::vector<std::string> files;  // [N]
  at::Tensor original;             // float32 [N, C, S, S] on the CPU, as all of these
  at::Tensor activation;           // [N, P]
  Reconstruction result;           // x_T, image, variations
};

/// Inverts and regenerates images of a data set, and draws variations from random x_T (paper 4.1, Fig. 3).
/// Image i's variations depend on the configuration's seed and i alone.
ReconstructedImages reconstruct_images(TrainedModel& trained, const Dataset& dataset,
                                       const ReconstructImagesOptions& options);

/// Writes `reconstruct.png` (the first 16 images), `reconstruct.csv` (MSE, PSNR in dB and SSIM of every round
/// trip) and `reconstruct.pt` ({"files", "original", "activation", "x_T", "reconstruction", "variations"})
/// into `folder`.
void write_reconstruction(const std::filesystem::path& folder, const ReconstructedImages& images);

}  // namespace patronus
