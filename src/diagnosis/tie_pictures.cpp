#include "patronus/diagnosis/tie_pictures.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <array>

#include "patronus/analysis/grid_rows.h"
#include "patronus/core/pixels.h"
#include "patronus/models/receptive_field.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

constexpr int64_t kStrongest = 3;  // images shown of each prototype

std::array<int64_t, 2> prototypes_of(const PrototypeTie& tie) {
  return {tie.first, tie.second};
}

/// The row of the encoding in which moving either prototype has most to change.
int64_t row_to_edit(const Encoding& encoding, const at::Tensor& deviation, const PrototypeTie& tie) {
  const auto standardized = [&](int64_t k) {
    const auto activation = encoding.activation.select(1, k).to(at::kDouble);
    return (activation - activation.mean()) / deviation[k];
  };
  const double sign = tie.is_opposed() ? -1 : 1;
  return (standardized(tie.first) + sign * standardized(tie.second)).argmin().item<int64_t>();
}

/// The images that activate each prototype of the pictures' ties most, and their patches.
void add_strongest(TiePictures& pictures, const Dataset& images, const Encoding& encoding) {
  std::vector<at::Tensor> strongest, boxes;
  for (const auto& tie : pictures.ties) {
    for (const int64_t k : prototypes_of(tie)) {
      const auto best = strongest_images(encoding, k, kStrongest);
      strongest.push_back(images.images(best));
      boxes.push_back(encoding.boxes.index_select(0, best).select(1, k));
    }
  }
  const auto by_tie = [](const std::vector<at::Tensor>& all) {
    return at::stack(all).unflatten(0, {-1, 2}).cpu();
  };
  pictures.strongest = by_tie(strongest);
  pictures.boxes = by_tie(boxes);
}

}  // namespace

TiePictures picture_ties(TrainedModel& trained, const Dataset& images, const Encoding& encoding,
                         const RealActivations& known, const std::vector<PrototypeTie>& ties,
                         const RegenerateOptions& options) {
  constexpr size_t kMax = 8;
  TiePictures pictures{.ties = {ties.begin(), ties.begin() + std::min(kMax, ties.size())}};
  if (pictures.ties.empty()) return pictures;
  add_strongest(pictures, images, encoding);
  std::vector<int64_t> chosen;
  for (const auto& tie : pictures.ties) chosen.push_back(row_to_edit(encoding, known.deviation, tie));
  const auto inverted = invert_images(trained, images, at::tensor(chosen), options);
  // Rows 2 t and 2 t + 1 are the edits of tie t.
  auto edited = inverted.activation.repeat_interleave(2, 0);
  for (size_t t = 0; t < pictures.ties.size(); ++t) {
    const auto row = static_cast<int64_t>(2 * t);
    const PrototypeTie& tie = pictures.ties[t];
    edited[row][tie.first] = at::maximum(edited[row][tie.first], known.range.maximum[tie.first]);
    auto second = edited[row + 1][tie.second];
    second.copy_(tie.is_opposed() ? at::minimum(second, known.range.minimum[tie.second])
                                  : at::maximum(second, known.range.maximum[tie.second]));
  }
  const auto source = at::arange(std::ssize(pictures.ties)).repeat_interleave(2);
  const auto result = regenerate(trained,
                                 {.x_T = inverted.x_T,
                                  .activation = inverted.activation.index_select(0, source),
                                  .edited = edited,
                                  .source = source},
                                 options);
  pictures.regenerated = inverted.image;
  pictures.moved = result.image.unflatten(0, {-1, 2});
  const auto change =
      (result.activation - inverted.reached.index_select(0, source)).to(at::kDouble) / known.deviation;
  std::vector<at::Tensor> of_both;
  for (const auto& tie : pictures.ties) {
    const auto row = static_cast<int64_t>(2 * of_both.size());
    of_both.push_back(change.slice(0, row, row + 2).index_select(1, at::tensor({tie.first, tie.second})));
  }
  pictures.change = at::stack(of_both);
  return pictures;
}

Canvas draw_ties(const TiePictures& pictures, const PrototypeNames& names) {
  const auto signed_text = [](const at::Tensor& number) {
    return number_text(number.item<double>(), 1, kSigned);
  };
  Grid grid;
  grid.title =
      "Prototypes that go together though they look at different places. Below edited images: change of the "
      "first and second activation, in standard deviations";
  grid.column_labels = {"first prototype",
                        "",
                        "",
                        "second prototype",
                        "",
                        "",
                        "regenerated",
                        "first raised",
                        "second raised,\nor lowered if opposed"};
  grid.cell_size = std::max<int64_t>(96, pictures.ties.empty() ? 0 : pictures.regenerated.size(-1));
  RowWriter rows(grid);
  for (size_t t = 0; t < pictures.ties.size(); ++t) {
    const PrototypeTie& tie = pictures.ties[t];
    const auto row = static_cast<int64_t>(t);
    rows.begin_row(names.label(tie.first) + ", " + names.label(tie.second) + "\n" + to_string(tie.verdict) +
                   "\nSpearman " + number_text(tie.spearman.value, 2, kSigned));
    for (const int64_t side : {0, 1}) {
      const auto strongest = pictures.strongest[row][side], boxes = pictures.boxes[row][side];
      for (int64_t i = 0; i < strongest.size(0); ++i)
        rows.add(to_pixels(strongest[i]), {}, {outline_of(to_box(boxes[i]))});
    }
    rows.add(to_pixels(pictures.regenerated[row]));
    for (const int64_t side : {0, 1}) {
      const auto change = pictures.change[row][side];
      rows.add(to_pixels(pictures.moved[row][side]), signed_text(change[0]) + ", " + signed_text(change[1]));
    }
  }
  return draw_grid(grid);
}

}  // namespace patronus
