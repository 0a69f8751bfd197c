#include "patronus/analysis/result_numbers.h"

#include <ATen/TensorOperators.h>

namespace patronus {

Table matrix_table(const std::string& corner, const std::vector<int64_t>& rows,
                   const std::vector<int64_t>& columns, const at::Tensor& numbers) {
  Table table{{corner}, {}};
  for (const int64_t column : columns) table.columns.push_back(std::to_string(column));
  for (int64_t i = 0; i < numbers.size(0); ++i) {
    table.rows.push_back({std::to_string(rows[static_cast<size_t>(i)])});
    for (int64_t j = 0; j < numbers.size(1); ++j)
      table.rows.back().push_back(number_cell(numbers[i][j].item<double>()));
  }
  return table;
}

}  // namespace patronus
