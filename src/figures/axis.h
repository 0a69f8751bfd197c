#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace patronus {

struct Tick {
  double value = 0;
  std::string label;
};

/// One axis of a plot: its range of values and its ticks.
struct Axis {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
  std::vector<Tick> ticks;           // within [low, high], ascending
  std::vector<double> minor_values;  // grid lines without labels

  /// Relative position of a value: 0 at `low`, 1 at `high`.
  double position(double value) const;
};

/// Whether the tick labels of an axis have enough room.
using TicksFit = std::function<bool(const Axis&)>;

/// Creates an axis for values from `low` to `high` (both positive if `logarithmic`). Chooses as many ticks as
/// `fit` accepts, at most ten (the fewest possible if it accepts none), at 1, 2 or 5 times powers of ten, or
/// at powers of ten. `margin`: share of the range added at each end. A range of length 0 is widened.
Axis make_axis(double low, double high, bool logarithmic, double margin, const TicksFit& fit);

/// Replaces a hyphen at the beginning by a minus sign.
std::string with_minus(std::string number);

/// Width in pixels of the widest tick label.
int64_t widest_label(const Axis& axis);

/// Whether labels that take `size` pixels along an axis of `length` pixels are at least `distance` pixels
/// apart.
bool labels_fit(const Axis& axis, int64_t size, int64_t distance, int64_t length);

}  // namespace patronus
