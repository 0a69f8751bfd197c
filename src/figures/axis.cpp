#include "figures/axis.h"

#include <algorithm>
#include <cmath>

#include "figures/plot_style.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

constexpr int kMaxTicks = 10;

std::string with_decimals(double value, int decimals) {
  return with_minus(format_fixed(value == 0 ? 0.0 : value, decimals));  // never "-0"
}

std::string power_of_ten(int exponent) {
  static const char* const kSuperscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "10⁻" : "10";
  for (const char digit : std::to_string(std::abs(exponent))) text += kSuperscripts[digit - '0'];
  return text;
}

/// Label of a multiple of 10^exponent on an axis whose largest absolute value is `largest`: plain, in
/// thousands ("20k") or with a power of ten.
std::string linear_label(double value, int exponent, double largest) {
  if (largest >= 1e7 || largest < 1e-3) {
    const int shown = static_cast<int>(std::floor(std::log10(largest) + 1e-9));
    if (value == 0) return "0";
    return with_decimals(value / std::pow(10, shown), std::max(0, shown - exponent)) + "×" +
           power_of_ten(shown);
  }
  if (largest >= 1e4 && exponent >= 2) {
    return value == 0 ? "0" : with_decimals(value / 1000, std::max(0, 3 - exponent)) + "k";
  }
  return with_decimals(value, std::max(0, -exponent));
}

/// Ticks at multiples of a step, which is the smallest one of 1, 2 or 5 times a power of ten with at most
/// `most` ticks.
std::vector<Tick> linear_ticks(double low, double high, int most) {
  const double largest = std::max(std::abs(low), std::abs(high));
  std::vector<Tick> ticks;
  for (int exponent = static_cast<int>(std::floor(std::log10((high - low) / most)));; ++exponent) {
    for (const int factor : {1, 2, 5}) {
      const double step = factor * std::pow(10, exponent);
      const double first = std::ceil(low / step - 1e-9);
      const double last = std::floor(high / step + 1e-9);
      if (last - first + 1 > most) continue;
      for (double multiple = first; multiple <= last; ++multiple) {
        ticks.push_back({multiple * step, linear_label(multiple * step, exponent, largest)});
      }
      return ticks;
    }
  }
}

/// Ticks at `factors` times each power of ten whose exponent is a multiple of `stride`.
std::vector<Tick> decade_ticks(const Axis& axis, const std::vector<int>& factors, int stride) {
  std::vector<Tick> ticks;
  const bool plain = factors.size() > 1 && axis.low >= 1e-3 && axis.high < 1e4;
  const int first = static_cast<int>(std::floor(std::log10(axis.low)));
  for (int exponent = first; std::pow(10, exponent) <= axis.high; ++exponent) {
    if (exponent % stride != 0) continue;
    for (const int factor : factors) {
      const double value = factor * std::pow(10, exponent);
      if (value < axis.low * (1 - 1e-9) || value > axis.high * (1 + 1e-9)) continue;
      const std::string power = power_of_ten(exponent);
      ticks.push_back({value, plain         ? with_decimals(value, std::max(0, -exponent))
                              : factor == 1 ? power
                                            : std::to_string(factor) + "×" + power});
    }
  }
  return ticks;
}

std::vector<double> values_of(const std::vector<Tick>& ticks) {
  std::vector<double> values;
  for (const auto& tick : ticks) values.push_back(tick.value);
  return values;
}

/// Alternative sets of ticks, in order of preference, with fewer and fewer ticks.
std::vector<std::vector<Tick>> tick_choices(const Axis& axis) {
  std::vector<std::vector<Tick>> choices;
  if (axis.logarithmic) {
    constexpr int kMaxDecades = 640;  // more than a double spans
    if (decade_ticks(axis, {1}, 1).size() < 3) choices.push_back(decade_ticks(axis, {1, 2, 5}, 1));
    for (int stride = 1; stride < kMaxDecades; ++stride) choices.push_back(decade_ticks(axis, {1}, stride));
    std::erase_if(choices, [](const auto& ticks) { return ticks.size() < 2 || ticks.size() > kMaxTicks; });
    if (!choices.empty() && choices.front().size() >= 3) return choices;
    choices.clear();  // about one decade or less: evenly spaced values are more readable
  }
  for (int most = kMaxTicks; most >= 2; --most) choices.push_back(linear_ticks(axis.low, axis.high, most));
  return choices;
}

}  // namespace

std::string with_minus(std::string number) {
  return number.starts_with('-') ? number.replace(0, 1, "−") : number;
}

double Axis::position(double value) const {
  if (logarithmic) return std::log(value / low) / std::log(high / low);
  return (value - low) / (high - low);
}

Axis make_axis(double low, double high, bool logarithmic, double margin, const TicksFit& fit) {
  Axis axis{.low = low, .high = high, .logarithmic = logarithmic, .ticks = {}, .minor_values = {}};
  if (logarithmic) {
    const double ratio = high > low * (1 + 1e-9) ? std::pow(high / low, margin) : 2;
    axis.low /= ratio;
    axis.high *= ratio;
  } else {
    const double magnitude = std::max(std::abs(low), std::abs(high));
    const bool has_span = high - low > 1e-9 * magnitude;
    const double room = has_span ? margin * (high - low) : magnitude > 0 ? magnitude / 2 : 1;
    axis.low -= room;
    axis.high += room;
  }
  for (auto& ticks : tick_choices(axis)) {
    axis.ticks = std::move(ticks);
    if (fit(axis)) break;
  }
  if (logarithmic && axis.high / axis.low < 1e6) {
    axis.minor_values = values_of(decade_ticks(axis, {2, 3, 4, 5, 6, 7, 8, 9}, 1));
  }
  return axis;
}

int64_t widest_label(const Axis& axis) {
  int64_t widest = 0;
  for (const auto& tick : axis.ticks) widest = std::max(widest, text_width(tick.label, kSmallSize));
  return widest;
}

bool labels_fit(const Axis& axis, int64_t size, int64_t distance, int64_t length) {
  for (size_t i = 1; i < axis.ticks.size(); ++i) {
    const double apart = axis.position(axis.ticks[i].value) - axis.position(axis.ticks[i - 1].value);
    if (apart * static_cast<double>(length) < static_cast<double>(size + distance)) return false;
  }
  return true;
}

}  // namespace patronus
