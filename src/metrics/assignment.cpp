#include "patronus/metrics/assignment.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <limits>
#include <utility>

namespace patronus {
namespace {

/// Assigns one row after the other at the least cost of all rows so far, along shortest augmenting paths
/// (Crouse 2016). There are at least as many columns as rows.
class RowAssigner {
 public:
  explicit RowAssigner(const at::Tensor& cost)
      : cost_(cost.to(at::kDouble).contiguous()),
        columns_(cost.size(1)),
        row_price_(cost.size(0)),
        column_price_(cost.size(1)),
        row_of_(cost.size(1), kUnassigned),
        column_of_(cost.size(0), kUnassigned) {}

  std::vector<int64_t> assign_all() {
    for (int64_t row = 0; row < std::ssize(column_of_); ++row) assign(row);
    return std::move(column_of_);
  }

 private:
  /// The cheapest ways from a new row to columns, by Dijkstra's algorithm on costs less prices.
  struct Paths {
    std::vector<double> length;
    std::vector<int64_t> row_before;
    std::vector<bool> is_settled;
  };

  void assign(int64_t start) {
    Paths paths{std::vector<double>(columns_, std::numeric_limits<double>::infinity()),
                std::vector<int64_t>(columns_, start), std::vector<bool>(columns_)};
    double length = 0;
    int64_t end = kUnassigned;
    for (int64_t row = start; row != kUnassigned; row = row_of_[end]) {
      end = settle_nearest(paths, row, length);
      length = paths.length[end];
    }
    row_price_[start] += length;
    for (int64_t column = 0; column < columns_; ++column) {
      if (!paths.is_settled[column] || column == end) continue;
      const double rise = length - paths.length[column];
      row_price_[row_of_[column]] += rise;
      column_price_[column] -= rise;
    }
    for (int64_t column = end; column != kUnassigned;) {
      const int64_t row = paths.row_before[column];
      row_of_[column] = row;
      std::swap(column, column_of_[row]);
      if (row == start) break;
    }
  }

  /// Continues the paths from `row`, which is `length` away, and settles the nearest column.
  int64_t settle_nearest(Paths& paths, int64_t row, double length) const {
    const double* cost = cost_.const_data_ptr<double>() + row * columns_;
    int64_t nearest = kUnassigned;
    for (int64_t column = 0; column < columns_; ++column) {
      if (paths.is_settled[column]) continue;
      const double through_row = length + cost[column] - row_price_[row] - column_price_[column];
      if (through_row < paths.length[column]) {
        paths.length[column] = through_row;
        paths.row_before[column] = row;
      }
      if (nearest == kUnassigned || paths.length[column] < paths.length[nearest]) nearest = column;
    }
    paths.is_settled[nearest] = true;
    return nearest;
  }

  at::Tensor cost_;
  int64_t columns_;
  // No cost is less than the sum of its row's and its column's price; those of assigned pairs are equal.
  std::vector<double> row_price_;
  std::vector<double> column_price_;
  std::vector<int64_t> row_of_;
  std::vector<int64_t> column_of_;
};

}  // namespace

std::vector<int64_t> best_assignment(const at::Tensor& gain) {
  TORCH_CHECK(gain.dim() == 2 && gain.isfinite().all().item<bool>(), "an assignment of gains ", gain.sizes(),
              ", or of some that are not finite");
  if (gain.size(0) <= gain.size(1)) return RowAssigner(-gain).assign_all();
  const auto row_of = RowAssigner(-gain.t()).assign_all();
  std::vector<int64_t> column_of(gain.size(0), kUnassigned);
  for (int64_t column = 0; column < std::ssize(row_of); ++column) column_of[row_of[column]] = column;
  return column_of;
}

}  // namespace patronus
