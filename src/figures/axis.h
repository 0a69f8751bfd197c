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

/// One axis of a plot: the values it spans and those it is marked at.
struct Axis {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
  std::vector<Tick> ticks;           // within [low, high], ascending
  std::vector<double> minor_values;  // grid lines without a label

  /// 0 at `low`, 1 at `high`.
  double position(double value) const;
};

/// Whether the labels of these ticks have room on an axis with this range.
using TicksFit = std::function<bool(const Axis&)>;

/// An axis for values from `low` to `high` (both positive when `logarithmic`), with as many ticks, up to
/// about ten, as fit: at 1, 2 or 5 times powers of ten, or at decades. A span of no length is widened;
/// `margin` is the share of the span that is left free at both ends.
Axis make_axis(double low, double high, bool logarithmic, double margin, const TicksFit& fit);

/// The number with a minus sign in the place of a hyphen.
std::string with_minus(std::string number);

/// Pixels that the widest label of the ticks takes.
int64_t widest_label(const Axis& axis);

/// Whether labels of `size` pixels along an axis of `length` pixels keep a distance.
bool labels_fit(const Axis& axis, int64_t size, int64_t distance, int64_t length);

}  // namespace patronus
