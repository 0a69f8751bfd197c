#pragma once
#include "patronus/analysis/inverted_images.h"
#include "patronus/io/table.h"

namespace patronus {

/// One row per image: MSE, PSNR in dB and SSIM of its round trip, and the residual of its inversion.
Table round_trip_table(const InvertedImages& images);

}  // namespace patronus
