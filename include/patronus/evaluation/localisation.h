#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/figures/canvas.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"
#include "patronus/metrics/bootstrap.h"
#include "patronus/models/receptive_field.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// How far a patch's centre may lie from a mask and still hit it, in pixels (rows and columns each).
inline constexpr int64_t kHitTolerance = 1;

/// An image to show.
struct LocalisedImage {
  at::Tensor image;  // float32 [C, S, S]
  at::Tensor mask;   // bool [S, S]
  Box patch;
  bool is_hit;
};

/// Where the prototype that tells an attribute best looks in images that show it.
struct AttributeLocalisation {
  std::string name;
  int64_t prototype = 0;  // the one whose large activations tell it best, in training images
  double auroc = 0.5;     // of that prototype, in the images below and those without the attribute
  int64_t images = 0;     // with the attribute and a mask
  int64_t unmasked = 0;   // with the attribute, but without a mask
  // Pointing game (Zhang et al. 2018): share of the images in which the patch (of one at the border, what is
  // visible of it) is centred in the mask; and the same with the patches of the other images, which chance
  // and the place of things in all images give (NaN for a single image).
  Estimate hits{};
  double hits_of_others = 0;
  // `hits` - `hits_of_others`, bootstrapped over images; no interval for fewer than kMinIntervalRows
  Estimate above_others{};
  double covered = 0;  // share of the mask's pixels inside the patch, mean over images
  double covered_of_others = 0;
  double mask_area = 0;                 // share of the image, mean over images
  double patch_area = 0;                // the same
  std::vector<LocalisedImage> shown{};  // the first ones
};

struct Localisation {
  std::string split;
  int64_t images = 0;                               // of the split
  int64_t training_images = 0;                      // in which prototypes are chosen
  std::string masks;                                // where they come from
  std::vector<AttributeLocalisation> attributes{};  // those with masks
};

/// Compares the most activated patches of prototypes with masks of attributes, in up to 2,000 images of a
/// split drawn at random. `folder` has a folder of masks for each attribute, called like it
/// (data/attribute_masks.h); if it is empty, the masks of `faces` are drawn. Attributes are those that
/// `binary_attributes` gives; one that all or no training images have, or of which no image has a mask, is
/// left out with a message. Throws ConfigError as `masked_attributes`, DataError if no attribute is left.
Localisation evaluate_localisation(TrainedModel& trained, const Dataset& train, const Dataset& images,
                                   Split split, const std::filesystem::path& folder);

/// Those of `attributes` that have a folder in `folder`, in their order; logs which folders are left out.
/// Throws ConfigError if there are none.
std::vector<std::string> masked_attributes(const std::filesystem::path& folder,
                                           const std::vector<std::string>& attributes);

/// Whether the centre of each box [B, 4] (row0, row1, col0, col1) lies in each mask bool [N, S, S], or at
/// most `kHitTolerance` pixels beside it: bool [N, B].
at::Tensor centred_in(const at::Tensor& masks, const at::Tensor& boxes);

/// Share of the pixels of each mask bool [N, S, S] inside each box [B, 4]: float64 [N, B]; NaN for an empty
/// mask.
at::Tensor covered_by(const at::Tensor& masks, const at::Tensor& boxes);

Json localisation_json(const Localisation& localisation, const PrototypeNames& names);
std::string localisation_markdown(const Localisation& localisation, const PrototypeNames& names);
/// Table with one row per attribute.
Table localisation_table(const Localisation& localisation, const PrototypeNames& names);
/// Draws a row of images per attribute, dark outside the mask, with the patch; its caption says whether it
/// hits.
Canvas draw_localisation(const Localisation& localisation, const PrototypeNames& names);

}  // namespace patronus
