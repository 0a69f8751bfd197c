#include "patronus/analysis/write_projector.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "patronus/core/pixels.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"

namespace patronus {
namespace {

constexpr int64_t kLargestSprite = 8192;  // pixels per side; the projector shows no larger ones

std::string vector_lines(const at::Tensor& activation) {
  const auto rows = activation.accessor<float, 2>();
  std::string text;
  for (int64_t i = 0; i < rows.size(0); ++i) {
    for (int64_t k = 0; k < rows.size(1); ++k) text += (k > 0 ? "\t" : "") + format_float(rows[i][k]);
    text += '\n';
  }
  return text;
}

/// Replaces tabs and line breaks, which would end a cell, by blanks.
std::string tsv_cell(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string value_text(const AttributeTable& attributes, int64_t image, size_t a) {
  const int64_t value = attributes.values[image][static_cast<int64_t>(a)].item<int64_t>();
  if (value == kUnknown) return "unknown";
  return attributes.value_name(a, value);
}

/// Has a header only with attributes: the projector reads the header of a single column as an image's label.
std::string metadata_lines(const Encoding& encoding, const AttributeTable& attributes, int64_t first) {
  std::string text;
  if (!attributes.names.empty()) {
    text = "file";
    for (const auto& name : attributes.names) text += "\t" + tsv_cell(name);
    text += '\n';
  }
  for (size_t i = 0; i < encoding.files.size(); ++i) {
    text += tsv_cell(encoding.files[i]);
    for (size_t a = 0; a < attributes.names.size(); ++a) {
      text += "\t" + tsv_cell(value_text(attributes, first + static_cast<int64_t>(i), a));
    }
    text += '\n';
  }
  return text;
}

/// Thumbnails in a square grid, row by row.
struct Sprite {
  at::Tensor pixels;  // uint8 [3, H, H]
  int64_t side;       // of one thumbnail, in pixels
};

Sprite draw_sprite(const Dataset& images, int64_t first, int64_t count) {
  constexpr int64_t kBatch = 256;
  const auto columns = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  const int64_t side =
      std::min(images.slice(first, 1).size(-1), std::max<int64_t>(1, kLargestSprite / columns));
  auto pixels = at::full({3, columns * side, columns * side}, 255, at::kByte);
  for (int64_t start = 0; start < count; start += kBatch) {
    const auto batch = images.slice(first + start, std::min(kBatch, count - start));
    const auto small =
        to_pixels(batch.size(-1) == side ? batch : at::adaptive_avg_pool2d(batch, {side, side}));
    for (int64_t i = 0; i < small.size(0); ++i) {
      const int64_t row = (start + i) / columns * side, column = (start + i) % columns * side;
      pixels.slice(1, row, row + side).slice(2, column, column + side).copy_(small[i]);
    }
  }
  return {pixels, side};
}

}  // namespace

void write_projector(const std::filesystem::path& folder, const Encoding& encoding, const Dataset& images,
                     int64_t first) {
  const Sprite sprite = draw_sprite(images, first, encoding.activation.size(0));
  const std::string side = std::to_string(sprite.side);
  write_file(folder / "vectors.tsv", vector_lines(encoding.activation));
  write_file(folder / "metadata.tsv", metadata_lines(encoding, images.attributes(), first));
  write_png(folder / "sprite.png", sprite.pixels);
  write_file(folder / "projector_config.pbtxt",
             "embeddings {\n  tensor_name: \"activations\"\n  tensor_path: \"vectors.tsv\"\n"
             "  metadata_path: \"metadata.tsv\"\n  sprite {\n    image_path: \"sprite.png\"\n"
             "    single_image_dim: " +
                 side + "\n    single_image_dim: " + side + "\n  }\n}\n");
}

}  // namespace patronus
