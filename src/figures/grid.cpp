#include "patronus/figures/grid.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "figures/legend.h"
#include "figures/plot_style.h"
#include "figures/text_lines.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

constexpr int64_t kGridMargin = 10;  // on all sides
constexpr int64_t kCellGap = 4;
constexpr int64_t kLabelGap = 10;  // between row labels and pictures
constexpr int64_t kMaxRowLabelWidth = 240;
constexpr int64_t kCaptionGap = 2;  // half of it above the captions, half below
constexpr Color kCaptionColor{85, 85, 85};
constexpr Color kBoxColor{255, 140, 0};

double middle(int64_t start, int64_t length) {
  return static_cast<double>(start) + static_cast<double>(length) / 2;
}

/// Positions and sizes of the parts of a grid, in pixels.
struct GridLayout {
  int64_t columns = 0;
  int64_t cell_width = 0;
  int64_t cell_height = 0;
  std::vector<std::string> title{};
  int64_t key_top = 0;
  int64_t left = 0;             // of the first column of pictures
  std::vector<int64_t> tops{};  // of each row of pictures, and of the row that would follow
  int64_t width = 0;            // of the whole figure
  int64_t height = 0;

  int64_t x(int64_t column) const { return left + column * (cell_width + kCellGap); }
  double x_center(size_t column) const { return middle(x(static_cast<int64_t>(column)), cell_width); }
};

/// Size of a picture as drawn, and the whole factor by which it is enlarged; 0 x 0 for an empty cell.
struct DrawnSize {
  int64_t width = 0;
  int64_t height = 0;
  int64_t factor = 1;
};

DrawnSize drawn_size(const Picture& picture, int64_t cell_size) {
  if (const auto* canvas = std::get_if<Canvas>(&picture)) return {canvas->width(), canvas->height()};
  const auto& pixels = std::get<at::Tensor>(picture);
  if (!pixels.defined()) return {};
  const int64_t factor = std::max<int64_t>(1, cell_size / std::max(pixels.size(1), pixels.size(2)));
  return {factor * pixels.size(2), factor * pixels.size(1), factor};
}

bool any_text(const std::vector<std::string>& texts) {
  return std::any_of(texts.begin(), texts.end(), [](const auto& text) { return !text.empty(); });
}

/// Counts the columns and makes the cells as large as the largest picture.
void set_cell_size(GridLayout& layout, const Grid& grid) {
  for (const auto& row : grid.rows) {
    layout.columns = std::max(layout.columns, std::ssize(row));
    for (const auto& picture : row) {
      const DrawnSize size = drawn_size(picture, grid.cell_size);
      layout.cell_height = std::max(layout.cell_height, size.height);
      layout.cell_width = std::max(layout.cell_width, size.width);
    }
  }
}

/// Height of the tallest of `texts`, split into lines of `width` pixels; 0 if all are empty.
int64_t text_height(const std::vector<std::string>& texts, double size, int64_t width) {
  if (!any_text(texts)) return 0;
  int64_t highest = 0;
  for (const auto& text : texts)
    highest = std::max(highest, lines_height(wrap_text(text, size, width), size));
  return highest;
}

GridLayout lay_out(const Grid& grid) {
  GridLayout layout;
  set_cell_size(layout, grid);
  int64_t labels = 0;
  for (const auto& label : grid.row_labels)
    labels = std::max(labels, widest_text(wrap_text(label, kLabelSize, kMaxRowLabelWidth), kLabelSize));
  layout.left = kGridMargin + (labels > 0 ? labels + kLabelGap : 0);
  const int64_t pictures = layout.x(layout.columns) - kCellGap - layout.left;
  layout.title = title_lines(grid.title, std::max(pictures, kMinTitleWidth));
  layout.key_top = kGridMargin + (grid.title.empty() ? 0 : lines_height(layout.title, kTitleSize) + kCellGap);
  const int64_t heads = text_height(grid.column_labels, kLabelSize, layout.cell_width);
  layout.tops = {layout.key_top + (grid.key.empty() ? 0 : line_height(kSmallSize) + kCellGap) +
                 (heads > 0 ? heads + kCellGap : 0)};
  for (size_t row = 0; row < grid.rows.size(); ++row) {
    const int64_t captions =
        row < grid.captions.size() ? text_height(grid.captions[row], kSmallSize, layout.cell_width) : 0;
    layout.tops.push_back(layout.tops.back() + layout.cell_height +
                          (captions > 0 ? captions + kCaptionGap : 0) + kCellGap);
  }
  const int64_t pictures_end = layout.x(layout.columns) - (layout.columns > 0 ? kCellGap : 0);
  layout.height = layout.tops.back() - (grid.rows.empty() ? 0 : kCellGap) + kGridMargin;
  // A title or key wider than the pictures widens the figure; the pictures remain centred.
  const int64_t text = std::max(widest_text(layout.title, kTitleSize), legend_row_width(grid.key));
  layout.width = std::max(pictures_end + kGridMargin, 2 * kGridMargin + text);
  layout.left += (layout.width - pictures_end - kGridMargin) / 2;
  return layout;
}

void draw_heads(Canvas& canvas, const Grid& grid, const GridLayout& layout) {
  const double center = middle(layout.left, layout.x(layout.columns) - kCellGap - layout.left);
  const int64_t title = widest_text(layout.title, kTitleSize), key = legend_row_width(grid.key);
  draw_lines(canvas, layout.title, center_within(center, title, layout.width), kGridMargin,
             {.size = kTitleSize, .align = Align::kCenter});
  draw_legend_row(canvas, grid.key, std::lround(center_within(center, key, layout.width)) - key / 2,
                  layout.key_top);
}

void draw_labels(Canvas& canvas, const Grid& grid, const GridLayout& layout) {
  for (size_t i = 0; i < grid.row_labels.size(); ++i) {
    const auto lines = wrap_text(grid.row_labels[i], kLabelSize, kMaxRowLabelWidth);
    const int64_t above = (layout.cell_height - lines_height(lines, kLabelSize)) / 2;
    draw_lines(canvas, lines, static_cast<double>(layout.left - kLabelGap), layout.tops[i] + above,
               {.size = kLabelSize, .align = Align::kEnd});
  }
  for (size_t i = 0; i < grid.column_labels.size(); ++i) {
    const auto lines = wrap_text(grid.column_labels[i], kLabelSize, layout.cell_width);
    draw_lines(canvas, lines, layout.x_center(i),
               layout.tops.front() - kCellGap - lines_height(lines, kLabelSize),
               {.size = kLabelSize, .align = Align::kCenter});
  }
}

/// Draws a bright line between two dark ones, which is visible on any picture.
void draw_box(Canvas& canvas, const Rect& box, Color bright) {
  constexpr Color kDark{40, 20, 0};
  const std::array kLines{kDark, bright, bright, kDark};
  Rect line = box;
  for (const Color color : kLines) {
    if (line.width < 1 || line.height < 1) return;
    canvas.outline_rect(line, color);
    line = {line.x + 1, line.y + 1, line.width - 2, line.height - 2};
  }
}

void draw_cell(Canvas& canvas, const Grid& grid, size_t row, size_t column, const Rect& cell) {
  const auto& picture = grid.rows[row][column];
  const auto [width, height, factor] = drawn_size(picture, grid.cell_size);
  if (width == 0) return;
  const int64_t x = cell.x + (cell.width - width) / 2;
  const int64_t y = cell.y + (cell.height - height) / 2;
  if (const auto* drawing = std::get_if<Canvas>(&picture)) {
    canvas.draw_canvas(*drawing, x, y);
  } else {
    canvas.draw_image(std::get<at::Tensor>(picture), x, y, factor);
  }
  if (row >= grid.boxes.size() || column >= grid.boxes[row].size()) return;
  for (const auto& [box, key] : grid.boxes[row][column]) {
    draw_box(canvas, {x + factor * box.x, y + factor * box.y, factor * box.width, factor * box.height},
             key == Outline::kNoKey ? kBoxColor : kPalette[static_cast<size_t>(key) % kPalette.size()]);
  }
}

void draw_captions(Canvas& canvas, const Grid& grid, const GridLayout& layout) {
  for (size_t row = 0; row < grid.captions.size(); ++row) {
    for (size_t column = 0; column < grid.captions[row].size(); ++column) {
      draw_lines(canvas, wrap_text(grid.captions[row][column], kSmallSize, layout.cell_width),
                 layout.x_center(column), layout.tops[row] + layout.cell_height + kCaptionGap / 2,
                 {.size = kSmallSize, .color = kCaptionColor, .align = Align::kCenter});
    }
  }
}

}  // namespace

Canvas draw_grid(const Grid& grid) {
  const GridLayout layout = lay_out(grid);
  Canvas canvas(layout.width, layout.height);
  for (size_t row = 0; row < grid.rows.size(); ++row) {
    for (size_t column = 0; column < grid.rows[row].size(); ++column) {
      const Rect cell{layout.x(static_cast<int64_t>(column)), layout.tops[row], layout.cell_width,
                      layout.cell_height};
      draw_cell(canvas, grid, row, column, cell);
    }
  }
  draw_heads(canvas, grid, layout);
  draw_labels(canvas, grid, layout);
  draw_captions(canvas, grid, layout);
  return canvas;
}

Grid make_grid(const std::vector<Picture>& pictures, int64_t columns) {
  TORCH_CHECK(columns > 0, "make_grid: expected at least one column, got ", columns);
  Grid grid;
  for (const auto& picture : pictures) {
    if (grid.rows.empty() || std::ssize(grid.rows.back()) == columns) grid.rows.emplace_back();
    grid.rows.back().push_back(picture);
  }
  return grid;
}

Grid make_grid(const at::Tensor& pixels, int64_t columns) {
  TORCH_CHECK(pixels.dim() == 4, "make_grid: expected pictures [B, C, H, W], got ", pixels.sizes());
  const auto pictures = pixels.unbind(0);
  return make_grid(std::vector<Picture>(pictures.begin(), pictures.end()), columns);
}

Grid make_grid_of_rows(const std::vector<ImageRow>& rows) {
  Grid grid;
  for (const auto& row : rows) {
    grid.row_labels.push_back(row.label);
    const auto pictures = to_pixels(row.images.cpu()).unbind(0);
    grid.rows.emplace_back(pictures.begin(), pictures.end());
  }
  return grid;
}

}  // namespace patronus
