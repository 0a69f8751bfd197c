#include "patronus/io/image_rows.h"

#include "patronus/core/pixels.h"

namespace patronus {

Grid grid_of_rows(const std::vector<ImageRow>& rows) {
  Grid grid;
  for (const auto& row : rows) {
    grid.row_labels.push_back(row.label);
    const auto pictures = to_pixels(row.images.cpu()).unbind(0);
    grid.rows.emplace_back(pictures.begin(), pictures.end());
  }
  return grid;
}

}  // namespace patronus
