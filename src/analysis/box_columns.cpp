#include "analysis/box_columns.h"

namespace patronus {

void append_box(std::vector<std::string>& row, const Box& box) {
  for (const int64_t edge : {box.row0, box.row1, box.col0, box.col1}) row.push_back(std::to_string(edge));
}

nlohmann::ordered_json box_json(const Box& box) {
  return nlohmann::ordered_json::array({box.row0, box.row1, box.col0, box.col1});
}

}  // namespace patronus
