#pragma once
#include <string>

#include "patronus/evaluation/image_features.h"

namespace patronus {

/// Two sets of pictures, each a folder or an .npz file of pytorch-fid statistics.
struct PictureComparison {
  std::string images;      // generated
  std::string reference;   // real; may be empty to compute only statistics
  std::string statistics;  // output file for the statistics of `images`; may be empty
};

/// Compares two sets and returns the distances with their protocol as JSON text: `fid` and `kid` if the
/// features make them that, else `frechet_distance` and `kernel_distance`. Warns of too few pictures.
std::string compare_pictures(const PictureComparison& comparison, const ImageFeatures& features);

}  // namespace patronus
