#include "patronus/figures/grid.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "figures/legend.h"
#include "figures/plot_style.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

constexpr int64_t kGridMargin = 10;  // around everything
constexpr int64_t kCellGap = 4;
constexpr int64_t kLabelGap = 10;  // between row labels and pictures
constexpr int64_t kMostRowLabelWidth = 240;
constexpr double kGridTitleSize = 18;
constexpr double kGridLabelSize = 14;
constexpr double kCaptionSize = 12;
constexpr int64_t kCaptionGap = 2;  // half of it above the captions, half below
constexpr Color kCaptionColor{85, 85, 85};
constexpr Color kBoxColor{255, 140, 0};

double middle(int64_t start, int64_t length) {
  return static_cast<double>(start) + static_cast<double>(length) / 2;
}

/// Where the parts of a grid lie, in pixels.
struct GridLayout {
  int64_t columns = 0;
  int64_t cell_width = 0;
  int64_t cell_height = 0;
  int64_t key_top = 0;
  int64_t left = 0;             // of the first picture
  std::vector<int64_t> tops{};  // of the rows of pictures, and of the one that would come next
  int64_t width = 0;            // of the whole
  int64_t height = 0;

  int64_t x(int64_t column) const { return left + column * (cell_width + kCellGap); }
  double x_center(size_t column) const { return middle(x(static_cast<int64_t>(column)), cell_width); }
};

/// How large a picture is drawn, and by which whole factor it is enlarged; no size for an empty cell.
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

/// A cell is as large as the largest picture.
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

/// The parts of a text between which it may be broken: behind blanks, and folders of a path.
std::vector<std::string> unbroken_parts(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(" /"), text.size() - 1) + 1;
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return parts;
}

/// The lines of a text, each broken where it is wider than `width`.
std::vector<std::string> lines_of(const std::string& text, double size, int64_t width) {
  constexpr int kMostBreaks = 2;
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n')) {
    int breaks = 0;
    lines.emplace_back();
    for (const auto& part : unbroken_parts(line)) {
      const std::string longer = lines.back() + part;
      if (lines.back().empty() || breaks == kMostBreaks ||
          text_width(std::string(trimmed(longer)), size) <= width) {
        lines.back() = longer;
      } else {
        lines.push_back(part);
        ++breaks;
      }
    }
  }
  for (auto& line : lines) line = fit_text(std::string(trimmed(line)), size, width);
  return lines;
}

/// How high the highest of some texts is in cells of this width; 0 where none says anything.
int64_t text_height(const std::vector<std::string>& texts, double size, int64_t width) {
  if (!any_text(texts)) return 0;
  std::ptrdiff_t most = 0;
  for (const auto& text : texts) most = std::max(most, std::ssize(lines_of(text, size, width)));
  return most * line_height(size);
}

GridLayout lay_out(const Grid& grid) {
  GridLayout layout;
  set_cell_size(layout, grid);
  const int64_t labels = std::min(widest_text(grid.row_labels, kGridLabelSize), kMostRowLabelWidth);
  layout.left = kGridMargin + (labels > 0 ? labels + kLabelGap : 0);
  layout.key_top = kGridMargin + (grid.title.empty() ? 0 : line_height(kGridTitleSize) + kCellGap);
  const int64_t heads = text_height(grid.column_labels, kGridLabelSize, layout.cell_width);
  layout.tops = {layout.key_top + (grid.key.empty() ? 0 : line_height(kTickSize) + kCellGap) +
                 (heads > 0 ? heads + kCellGap : 0)};
  for (size_t row = 0; row < grid.rows.size(); ++row) {
    const int64_t captions =
        row < grid.captions.size() ? text_height(grid.captions[row], kCaptionSize, layout.cell_width) : 0;
    layout.tops.push_back(layout.tops.back() + layout.cell_height +
                          (captions > 0 ? captions + kCaptionGap : 0) + kCellGap);
  }
  const int64_t pictures_end = layout.x(layout.columns) - (layout.columns > 0 ? kCellGap : 0);
  layout.height = layout.tops.back() - (grid.rows.empty() ? 0 : kCellGap) + kGridMargin;
  // A title that is wider than the pictures widens the whole; the pictures stay in its middle.
  const int64_t text = std::max(text_width(grid.title, kGridTitleSize), key_width(grid.key));
  layout.width = std::max(pictures_end + kGridMargin, 2 * kGridMargin + text);
  layout.left += (layout.width - pictures_end - kGridMargin) / 2;
  return layout;
}

/// The middle of a text of this width above the middle of the pictures, as far as it fits there.
double head_center(const GridLayout& layout, int64_t width) {
  const double half = static_cast<double>(width) / 2 + kGridMargin;
  const double center = middle(layout.left, layout.x(layout.columns) - kCellGap - layout.left);
  return std::min(std::max(center, half), static_cast<double>(layout.width) - half);
}

void draw_heads(Canvas& canvas, const Grid& grid, const GridLayout& layout) {
  const double title_x = head_center(layout, text_width(grid.title, kGridTitleSize));
  canvas.draw_text(grid.title, {title_x, middle(kGridMargin, line_height(kGridTitleSize))},
                   {.size = kGridTitleSize, .align = Align::kCenter});
  const int64_t width = key_width(grid.key);
  draw_key(canvas, grid.key, std::lround(head_center(layout, width)) - width / 2, layout.key_top);
}

/// Lines below one another around the middle of a cell.
void draw_lines(Canvas& canvas, const std::vector<std::string>& lines, double x, int64_t top,
                TextStyle style) {
  style.align = Align::kCenter;
  const int64_t height = line_height(style.size);
  for (const auto& line : lines) {
    canvas.draw_text(line, {x, middle(top, height)}, style);
    top += height;
  }
}

void draw_labels(Canvas& canvas, const Grid& grid, const GridLayout& layout) {
  for (size_t i = 0; i < grid.row_labels.size(); ++i) {
    const auto label = fit_text(grid.row_labels[i], kGridLabelSize, kMostRowLabelWidth);
    canvas.draw_text(
        label, {static_cast<double>(layout.left - kLabelGap), middle(layout.tops[i], layout.cell_height)},
        {.size = kGridLabelSize, .align = Align::kEnd});
  }
  for (size_t i = 0; i < grid.column_labels.size(); ++i) {
    const auto lines = lines_of(grid.column_labels[i], kGridLabelSize, layout.cell_width);
    const int64_t height = std::ssize(lines) * line_height(kGridLabelSize);
    draw_lines(canvas, lines, layout.x_center(i), layout.tops.front() - kCellGap - height,
               {.size = kGridLabelSize});
  }
}

/// A line between dark ones: seen on any picture.
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
      draw_lines(canvas, lines_of(grid.captions[row][column], kCaptionSize, layout.cell_width),
                 layout.x_center(column), layout.tops[row] + layout.cell_height + kCaptionGap / 2,
                 {.size = kCaptionSize, .color = kCaptionColor});
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

Grid grid_of(const std::vector<Picture>& pictures, int64_t columns) {
  TORCH_CHECK(columns > 0, "grid_of: expected at least one column, got ", columns);
  Grid grid;
  for (const auto& picture : pictures) {
    if (grid.rows.empty() || std::ssize(grid.rows.back()) == columns) grid.rows.emplace_back();
    grid.rows.back().push_back(picture);
  }
  return grid;
}

Grid grid_of(const at::Tensor& pixels, int64_t columns) {
  TORCH_CHECK(pixels.dim() == 4, "grid_of: expected pictures [B, C, H, W], got ", pixels.sizes());
  const auto pictures = pixels.unbind(0);
  return grid_of(std::vector<Picture>(pictures.begin(), pictures.end()), columns);
}

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
