#include "patronus/models/receptive_field.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "patronus/core/error.h"

namespace patronus {
namespace {

/// Pixels [begin, end) along one side.
struct Interval {
  int64_t begin, end;
};

int64_t output_size(const ConvGeometry& layer, int64_t input) {
  return (input + 2 * layer.padding - layer.kernel) / layer.stride + 1;
}

/// Walks from the cell back to the image. Clipping at every layer excludes what only padding reaches.
Interval exact_interval(const ReceptiveField& field, int64_t cell) {
  std::vector<int64_t> sizes{field.image_size};
  for (const auto& layer : field.stack) sizes.push_back(output_size(layer, sizes.back()));
  Interval seen{cell, cell + 1};
  for (size_t i = field.stack.size(); i-- > 0;) {
    const auto& layer = field.stack[i];
    seen = {std::max<int64_t>(seen.begin * layer.stride - layer.padding, 0),
            std::min((seen.end - 1) * layer.stride - layer.padding + layer.kernel, sizes[i])};
  }
  return seen;
}

Interval interval(const ReceptiveField& field, int64_t cell, PatchRule rule) {
  if (rule == PatchRule::kExact) return exact_interval(field, cell);
  // At least one pixel, even for a field of one pixel or a cell that padding puts beyond the image.
  const int64_t begin = std::min(field.jump * cell, field.image_size - 1);
  return {begin, std::clamp(begin + field.size - 1, begin + 1, field.image_size)};
}

/// Whether each of `size` lines of pixels lies between the edges `first` and `first` + 1 of each box.
at::Tensor lines_between(const at::Tensor& boxes, int64_t first, int64_t size) {
  const auto line = at::arange(size);
  return (line >= boxes.select(1, first).unsqueeze(1)) & (line < boxes.select(1, first + 1).unsqueeze(1));
}

}  // namespace

ReceptiveField receptive_field(const std::vector<ConvGeometry>& stack, int64_t image_size) {
  ReceptiveField field{
      .cells = image_size, .jump = 1, .size = 1, .start = 0.5, .image_size = image_size, .stack = stack};
  for (size_t i = 0; i < stack.size(); ++i) {
    const auto& layer = stack[i];
    if (field.cells + 2 * layer.padding < layer.kernel) {
      throw ConfigError("model.encoder.kernels: convolution " + std::to_string(i + 1) + " of " +
                        std::to_string(stack.size()) + " has kernel " + std::to_string(layer.kernel) +
                        ", but images of " + std::to_string(image_size) + " pixels leave it " +
                        std::to_string(field.cells) + " with padding " + std::to_string(layer.padding) +
                        "; use larger images or fewer, smaller or less strided convolutions");
    }
    field.start += (static_cast<double>(layer.kernel - 1) / 2 - static_cast<double>(layer.padding)) *
                   static_cast<double>(field.jump);
    field.size += (layer.kernel - 1) * field.jump;
    field.jump *= layer.stride;
    field.cells = output_size(layer, field.cells);
  }
  return field;
}

Box patch_box(const ReceptiveField& field, int64_t cell, PatchRule rule) {
  const auto rows = interval(field, cell / field.cells, rule);
  const auto columns = interval(field, cell % field.cells, rule);
  return {rows.begin, rows.end, columns.begin, columns.end};
}

at::Tensor patch_boxes(const ReceptiveField& field, const at::Tensor& cells, PatchRule rule) {
  auto table = at::empty({field.cells * field.cells, 4}, at::kLong);  // one box per cell
  auto rows = table.accessor<int64_t, 2>();
  for (int64_t cell = 0; cell < table.size(0); ++cell) {
    const Box box = patch_box(field, cell, rule);
    rows[cell][0] = box.row0;
    rows[cell][1] = box.row1;
    rows[cell][2] = box.col0;
    rows[cell][3] = box.col1;
  }
  auto shape = cells.sizes().vec();
  shape.push_back(4);
  return table.index_select(0, cells.cpu().flatten()).view(shape);
}

Box to_box(const at::Tensor& row) {
  const auto edges = row.accessor<int64_t, 1>();
  return {edges[0], edges[1], edges[2], edges[3]};
}

at::Tensor box_areas(const at::Tensor& boxes) {
  const auto side = [&](int64_t first) { return boxes.select(-1, first + 1) - boxes.select(-1, first); };
  return side(0) * side(2);
}

at::Tensor rows_inside(const at::Tensor& boxes, int64_t size) {
  return lines_between(boxes, 0, size);
}

at::Tensor columns_inside(const at::Tensor& boxes, int64_t size) {
  return lines_between(boxes, 2, size);
}

at::Tensor overlap_by_half(const at::Tensor& a, const at::Tensor& b) {
  const auto edge = [](const at::Tensor& boxes, int64_t i) { return boxes.select(-1, i); };
  const auto shared = [&](int64_t start, int64_t end) {
    return (at::minimum(edge(a, end), edge(b, end)) - at::maximum(edge(a, start), edge(b, start)))
        .clamp_min(0);
  };
  return 2 * shared(0, 1) * shared(2, 3) >= at::minimum(box_areas(a), box_areas(b));
}

at::Tensor crop(const at::Tensor& images, const Box& box) {
  return images.slice(-2, box.row0, box.row1).slice(-1, box.col0, box.col1);
}

}  // namespace patronus
