#include "analysis/round_trip_table.h"

#include "patronus/core/text.h"
#include "patronus/io/table.h"
#include "patronus/metrics/image_similarity.h"

namespace patronus {

Table round_trip_table(const InvertedImages& images) {
  const auto errors = mse(images.image, images.original);
  const auto ratios = psnr(images.image, images.original);
  const auto similarities = ssim(images.image, images.original);
  Table table{{"file", "mse", "psnr_db", "ssim", "residual"}, {}};
  for (size_t i = 0; i < images.files.size(); ++i) {
    const auto number = [row = static_cast<int64_t>(i)](const at::Tensor& values) {
      return values[row].item<double>();
    };
    table.rows.push_back({images.files[i], format_fixed(number(errors), 8), format_fixed(number(ratios), 2),
                          format_fixed(number(similarities), 5), number_cell(number(images.residual))});
  }
  return table;
}

}  // namespace patronus
