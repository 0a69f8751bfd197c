#include "analysis/shared_tables.h"

#include "patronus/metrics/image_similarity.h"

namespace patronus {

void append_box(std::vector<std::string>& row, const Box& box) {
  for (const int64_t edge : {box.row0, box.row1, box.col0, box.col1}) row.push_back(std::to_string(edge));
}

nlohmann::ordered_json box_json(const Box& box) {
  return nlohmann::ordered_json::array({box.row0, box.row1, box.col0, box.col1});
}

Table round_trip_table(const InvertedImages& images) {
  const auto errors = mse(images.image, images.original);
  const auto ratios = psnr(images.image, images.original);
  const auto similarities = ssim(images.image, images.original);
  Table table{{"file", "mse", "psnr_db", "ssim", "residual"}, {}};
  for (size_t i = 0; i < images.files.size(); ++i) {
    const auto number = [row = static_cast<int64_t>(i)](const at::Tensor& values) {
      return values[row].item<double>();
    };
    table.rows.push_back({images.files[i], fixed(number(errors), 8), fixed(number(ratios), 2),
                          fixed(number(similarities), 5), decimal(number(images.residual))});
  }
  return table;
}

}  // namespace patronus
