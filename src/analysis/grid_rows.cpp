#include "patronus/analysis/grid_rows.h"

#include <algorithm>
#include <cmath>

#include "patronus/core/text.h"

namespace patronus {

void RowWriter::begin_row(const std::string& label) {
  grid_.row_labels.push_back(label);
  grid_.rows.emplace_back();
  grid_.captions.emplace_back();
  grid_.boxes.emplace_back();
}

void RowWriter::add(const at::Tensor& picture, const std::string& caption,
                    const std::vector<Outline>& boxes) {
  grid_.rows.back().push_back(picture);
  grid_.captions.back().push_back(caption);
  grid_.boxes.back().push_back(boxes);
}

Canvas draw_blocks(const std::vector<Canvas>& blocks, const std::string& title) {
  const double shape = static_cast<double>(blocks[0].height()) / static_cast<double>(blocks[0].width());
  const auto columns =
      static_cast<int64_t>(std::max(1.0, std::round(std::sqrt(static_cast<double>(blocks.size()) * shape))));
  Grid grid = make_grid(std::vector<Picture>(blocks.begin(), blocks.end()), columns);
  grid.title = title;
  return draw_grid(grid);
}

Outline outline_of(const Box& box, int64_t key) {
  return {{box.col0, box.row0, box.col1 - box.col0, box.row1 - box.row0}, key};
}

std::string activation_text(const at::Tensor& activation) {
  const auto value = activation.item<double>();
  return format_fixed(value, std::abs(value) < 1 ? 3 : 2);
}

}  // namespace patronus
