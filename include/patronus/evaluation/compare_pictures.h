#pragma once
#include <string>

#include "patronus/evaluation/image_features.h"

namespace patronus {

/// Two sets of pictures, each a folder or an .npz file of pytorch-fid's statistics.
struct PictureComparison {
  std::string images;      // generated
  std::string reference;   // real; may be empty when only statistics are wanted
  std::string statistics;  // file to write the statistics of `images` into; may be empty
};

/// Compares them and gives the numbers with their protocol as JSON text, as `fid` and `kid` where they are
/// that, else as `frechet_distance` and `kernel_distance`. Warns where there are too few pictures.
std::string compare_pictures(const PictureComparison& comparison, const ImageFeatures& features);

}  // namespace patronus
