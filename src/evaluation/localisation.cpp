#include "patronus/evaluation/localisation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "patronus/analysis/encode.h"
#include "patronus/analysis/grid_rows.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/pixels.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/core/unknown.h"
#include "patronus/data/attribute_masks.h"
#include "patronus/data/faces.h"
#include "patronus/evaluation/representation.h"
#include "patronus/figures/grid.h"
#include "patronus/io/file_kind.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/wilson_interval.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

int64_t position(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) - names.begin();
}

/// An encoding of images with their 0/1 attributes.
struct LabelledEncoding {
  Encoding encoding;
  BinaryAttributes attributes;  // of all images of the data set
  at::Tensor indices;           // int64 [N], those encoded

  /// Values of an attribute in the encoded images.
  at::Tensor values(const std::string& name) const {
    return attributes.values.select(1, position(attributes.names, name)).index_select(0, indices);
  }
};

LabelledEncoding encode_drawn(TrainedModel& trained, const Dataset& images, int64_t count,
                              const std::string& purpose, BinaryAttributes attributes) {
  const auto indices = draw_common_indices(images.size(), count, purpose);
  return {encode_images(trained.model.encoder, images, indices, trained.ranks), std::move(attributes),
          indices};
}

/// Masks of all attributes that may have them: pictures in `folder` or, if it is empty, drawn.
class MaskSource {
 public:
  /// `indices`: of the images that masks are looked for.
  MaskSource(const TrainedModel& trained, const Dataset& images, Split split, const at::Tensor& indices,
             const fs::path& folder)
      : data_(trained.config.data), images_(images), split_(split), indices_(indices), folder_(folder) {}

  /// Of `attribute`, in those of the images that `rows` (int64, positions in `indices`) tells.
  AttributeMasks of(const std::string& attribute, const at::Tensor& rows) const {
    const auto indices = indices_.index_select(0, rows);
    if (!folder_.empty()) return read_attribute_masks(folder_ / attribute, images_, indices, data_);
    std::vector<int64_t> numbers;
    for (const int64_t index : to_vector<int64_t>(indices))
      numbers.push_back(face_number(images_.file(index)));
    const auto drawn = static_cast<FaceAttribute>(position(face_attribute_names(), attribute));
    const auto masks = face_masks(data_.faces, split_, data_.size, at::tensor(numbers, at::kLong), drawn);
    const auto visible = masks.flatten(1).any(1).nonzero().squeeze(1);
    return {visible, masks.index_select(0, visible), rows.size(0) - visible.size(0)};
  }

 private:
  const DataConfig& data_;
  const Dataset& images_;
  Split split_;
  at::Tensor indices_;
  fs::path folder_;
};

void log_unmasked(const std::string& attribute, int64_t images, const AttributeMasks& masks) {
  const int64_t missing = images - masks.rows.size(0) - masks.dark;
  if (missing + masks.dark == 0) return;
  log_info("localisation of " + attribute + ": of " + pluralize(images, "image") + " with it, " +
           std::to_string(missing) + " have no mask, and " + std::to_string(masks.dark) +
           " one without a light pixel; they do not count");
}

double mean_share(const at::Tensor& values) {
  return values.to(at::kDouble).mean().item<double>();
}

/// Mean of each row of [n, n] without its element on the diagonal: float64 [n]; NaN for n = 1.
at::Tensor means_of_others(const at::Tensor& pairs) {
  const auto all = pairs.to(at::kDouble);
  return (all.sum(1) - all.diagonal()) / static_cast<double>(all.size(0) - 1);
}

/// How much more often each image's own patch hits its mask than those of the others, on average over images.
/// `hits`: bool [n, n].
Estimate above_others(const at::Tensor& hits) {
  const auto more = hits.diagonal().to(at::kDouble) - means_of_others(hits);
  return mean_intervals(more.unsqueeze(1))[0];
}

/// bool [B, size * size], true inside each box.
at::Tensor pixels_inside(const at::Tensor& boxes, int64_t size) {
  return (rows_inside(boxes, size).unsqueeze(2) & columns_inside(boxes, size).unsqueeze(1)).flatten(1);
}

std::vector<LocalisedImage> first_images(const Dataset& images, const at::Tensor& indices,
                                         const at::Tensor& masks, const at::Tensor& boxes,
                                         const at::Tensor& hits) {
  constexpr int64_t kShown = 8;
  std::vector<LocalisedImage> shown;
  const auto pictures = images.images(indices.slice(0, 0, kShown));
  for (int64_t i = 0; i < pictures.size(0); ++i)
    shown.push_back({pictures[i], masks[i], to_box(boxes[i]), hits[i].item<bool>()});
  return shown;
}

/// Nothing, with a message, if the attribute is not told by training images, or has no masks.
std::optional<AttributeLocalisation> localise(const std::string& name, const LabelledEncoding& known,
                                              const LabelledEncoding& seen, const Dataset& images,
                                              const MaskSource& masks) {
  const auto labels = known.values(name), values = seen.values(name);
  if (!has_several_classes(labels).item<bool>()) {
    log_info("localisation of " + name + " is left out: all training images have it, or none");
    return std::nullopt;
  }
  const auto told = auroc_of_columns(known.encoding.activation, labels.unsqueeze(1))[0];
  AttributeLocalisation a{.name = name, .prototype = told.argmax().item<int64_t>()};
  a.auroc = auroc(seen.encoding.activation.select(1, a.prototype).contiguous(), values);
  const auto with = (values == 1).nonzero().squeeze(1);
  const AttributeMasks masked = masks.of(name, with);
  log_unmasked(name, with.size(0), masked);
  a.images = masked.rows.size(0);
  a.unmasked = with.size(0) - a.images;
  if (a.images == 0) {
    log_info("localisation of " + name + " is left out: no image with it has a mask");
    return std::nullopt;
  }
  const auto rows = with.index_select(0, masked.rows);
  const auto boxes = seen.encoding.boxes.select(1, a.prototype).index_select(0, rows);
  const auto hits = centred_in(masked.masks, boxes), covered = covered_by(masked.masks, boxes);
  a.hits = wilson_interval(hits.diagonal().sum().item<int64_t>(), a.images);
  a.hits_of_others = mean_share(means_of_others(hits));
  a.above_others = above_others(hits);
  a.covered = mean_share(covered.diagonal());
  a.covered_of_others = mean_share(means_of_others(covered));
  a.mask_area = mean_share(masked.masks);
  a.patch_area = mean_share(box_areas(boxes)) / static_cast<double>(masked.masks[0].numel());
  a.shown = first_images(images, seen.indices.index_select(0, rows), masked.masks, boxes, hits.diagonal());
  return a;
}

Record localisation_record(const AttributeLocalisation& a, const PrototypeNames& names) {
  return {{"attribute", a.name, "attribute"},
          {"prototype", a.prototype},
          {"name", names.name(a.prototype)},
          shown("prototype", names.label(a.prototype)),
          {"auroc", a.auroc, "its AUROC"},
          {"images", a.images, "images"},
          {"unmasked", a.unmasked},
          {"hits", a.hits, "centred in the mask", 2},
          {"hits_of_others", a.hits_of_others, "patches of others", 2},
          {"above_others", a.above_others, "more than others", 2, kSigned},
          {"covered", a.covered, "mask covered", 2},
          {"covered_of_others", a.covered_of_others, "by those of others", 2},
          {"mask_area", a.mask_area, "mask's area", 2},
          {"patch_area", a.patch_area, "patch's area", 2}};
}

std::vector<Record> localisation_records(const Localisation& l, const PrototypeNames& names) {
  return records_of(l.attributes, [&](const auto& a) { return localisation_record(a, names); });
}

}  // namespace

at::Tensor centred_in(const at::Tensor& masks, const at::Tensor& boxes) {
  const auto near =
      at::max_pool2d(masks.unsqueeze(1).to(at::kFloat), 2 * kHitTolerance + 1, 1, kHitTolerance);
  const auto centre = [&](int64_t side) {
    return (boxes.select(1, side) + boxes.select(1, side + 1)).floor_divide(2);
  };
  return near.flatten(1).index_select(1, centre(0) * masks.size(2) + centre(2)) > 0;
}

at::Tensor covered_by(const at::Tensor& masks, const at::Tensor& boxes) {
  const auto mask = masks.flatten(1).to(at::kFloat);
  const auto inside = at::mm(mask, pixels_inside(boxes, masks.size(2)).to(at::kFloat).t());
  return inside.to(at::kDouble) / mask.sum(1, /*keepdim=*/true).to(at::kDouble);
}

std::vector<std::string> masked_attributes(const fs::path& folder,
                                           const std::vector<std::string>& attributes) {
  std::vector<std::string> masked, others;
  bool has_pictures = false;
  for (const auto& entry : fs::directory_iterator(folder)) {
    has_pictures |= lower_extension(entry.path()) == ".png";
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    (contains(attributes, name) ? masked : others).push_back(name);
  }
  std::ranges::sort(others);
  if (masked.empty()) {
    throw ConfigError(folder.string() + ": has no folder called like an attribute (" + join(attributes) +
                      ")" + (has_pictures ? "; it holds pictures: give the folder above it" : ""));
  }
  if (!others.empty())
    log_info_once(folder.string() + ": left out, not called like an attribute: " + join(others));
  std::ranges::sort(masked, {}, [&](const auto& name) { return position(attributes, name); });
  return masked;
}

Localisation evaluate_localisation(TrainedModel& trained, const Dataset& train, const Dataset& images,
                                   Split split, const fs::path& folder) {
  constexpr int64_t kTrainingImages = 10000, kImages = 2000;
  const c10::NoGradGuard no_grad;
  const LabelledEncoding known =
      encode_drawn(trained, train, kTrainingImages, "localisation", binary_attributes(train.attributes()));
  const LabelledEncoding seen = encode_drawn(trained, images, kImages, "localised",
                                             binary_attributes_like(known.attributes, images.attributes()));
  auto masked = folder.empty() ? known.attributes.names : masked_attributes(folder, known.attributes.names);
  if (folder.empty())
    std::erase_if(masked, [](const auto& name) { return !contains(face_attribute_names(), name); });
  const MaskSource masks(trained, images, split, seen.indices, folder);
  Localisation all{.split = to_string(split),
                   .images = seen.indices.size(0),
                   .training_images = known.indices.size(0),
                   .masks = folder.empty() ? "drawn" : folder.string()};
  for (const auto& name : masked) {
    auto localised = localise(name, known, seen, images, masks);
    if (localised) all.attributes.push_back(std::move(*localised));
  }
  if (all.attributes.empty()) throw DataError(all.masks + ": no mask of an attribute can be used");
  return all;
}

Json localisation_json(const Localisation& l, const PrototypeNames& names) {
  return {{"protocol",
           {{"split", l.split},
            {"images", l.images},
            {"training_images", l.training_images},
            {"masks", l.masks},
            {"tolerance", kHitTolerance}}},
          {"attributes", records_json(localisation_records(l, names))}};
}

std::string localisation_markdown(const Localisation& l, const PrototypeNames& names) {
  return "## Localisation\n\nOf each attribute, the prototype that tells it best in " +
         pluralize(l.training_images, "training image") + ", and its most activated patch in images of the " +
         l.split + " split that have the attribute and a mask of it (" + l.masks +
         "). Beside it, the patches of the other images, which show what the place alone gives.\n\n" +
         record_markdown(localisation_records(l, names)) + "\n";
}

Table localisation_table(const Localisation& l, const PrototypeNames& names) {
  return record_table(localisation_records(l, names));
}

Canvas draw_localisation(const Localisation& l, const PrototypeNames& names) {
  constexpr double kOutside = 0.35;  // brightness outside the mask
  Grid grid{.title = "Most activated patch; bright: the attribute's mask"};
  RowWriter rows(grid);
  for (const auto& a : l.attributes) {
    rows.begin_row(a.name + "\n" + names.label(a.prototype));
    for (const auto& [image, mask, patch, is_hit] : a.shown) {
      const auto light = at::where(mask, 1., kOutside);
      rows.add((to_pixels(image) * light).to(at::kByte), is_hit ? "hit" : "beside", {outline_of(patch)});
    }
  }
  return draw_grid(grid);
}

}  // namespace patronus
