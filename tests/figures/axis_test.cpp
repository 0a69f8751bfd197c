#include "figures/axis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

namespace patronus {
namespace {

const TicksFit kAlwaysFits = [](const Axis&) { return true; };

std::vector<std::string> tick_labels(double low, double high, bool logarithmic = false, double margin = 0) {
  std::vector<std::string> labels;
  for (const auto& tick : make_axis(low, high, logarithmic, margin, kAlwaysFits).ticks)
    labels.push_back(tick.label);
  return labels;
}

using Labels = std::vector<std::string>;

TEST(Axis, TicksAreRoundNumbersWithAsManyDecimalsAsTheyNeed) {
  EXPECT_EQ(tick_labels(0, 1), (Labels{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}));
  EXPECT_EQ(tick_labels(-3, 5), (Labels{"−3", "−2", "−1", "0", "1", "2", "3", "4", "5"}));
  EXPECT_EQ(tick_labels(0, 100), (Labels{"0", "20", "40", "60", "80", "100"}));
  EXPECT_EQ(tick_labels(0.13, 0.41), (Labels{"0.15", "0.20", "0.25", "0.30", "0.35", "0.40"}));
  EXPECT_EQ(tick_labels(0, 300'000), (Labels{"0", "50k", "100k", "150k", "200k", "250k", "300k"}));
  EXPECT_EQ(tick_labels(10'000, 12'000), (Labels{"10.0k", "10.5k", "11.0k", "11.5k", "12.0k"}));
  EXPECT_EQ(tick_labels(0, 2e-5), (Labels{"0", "0.5×10⁻⁵", "1.0×10⁻⁵", "1.5×10⁻⁵", "2.0×10⁻⁵"}));
  EXPECT_EQ(tick_labels(0, 3e8),
            (Labels{"0", "0.5×10⁸", "1.0×10⁸", "1.5×10⁸", "2.0×10⁸", "2.5×10⁸", "3.0×10⁸"}));
}

TEST(Axis, LogarithmicTicksAreDecadesOrTheirParts) {
  EXPECT_EQ(tick_labels(1e-4, 1e0, true), (Labels{"10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"}));
  EXPECT_EQ(tick_labels(0.02, 1, true), (Labels{"0.02", "0.05", "0.1", "0.2", "0.5", "1"}));
  EXPECT_EQ(tick_labels(0.014, 1.5, true), (Labels{"0.02", "0.05", "0.1", "0.2", "0.5", "1"}))
      << "two decades alone";
  EXPECT_EQ(tick_labels(2e-6, 5e-5, true), (Labels{"2×10⁻⁶", "5×10⁻⁶", "10⁻⁵", "2×10⁻⁵", "5×10⁻⁵"}));
  EXPECT_EQ(tick_labels(0.2, 0.6, true),
            (Labels{"0.20", "0.25", "0.30", "0.35", "0.40", "0.45", "0.50", "0.55", "0.60"}));
  EXPECT_EQ(tick_labels(1e-20, 1, true), (Labels{"10⁻¹⁸", "10⁻¹⁵", "10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"}));
}

TEST(Axis, ValuesLieWhereTheyBelong) {
  const Axis linear = make_axis(10, 20, false, 0.1, kAlwaysFits);
  EXPECT_DOUBLE_EQ(linear.low, 9);
  EXPECT_DOUBLE_EQ(linear.high, 21);
  EXPECT_DOUBLE_EQ(linear.position(15), 0.5);
  const Axis logarithmic = make_axis(1e-3, 1e3, true, 0, kAlwaysFits);
  EXPECT_NEAR(logarithmic.position(1), 0.5, 1e-12);
  EXPECT_NEAR(logarithmic.position(1e3), 1, 1e-12);
}

TEST(Axis, ASpanOfNoLengthIsWidened) {
  for (const double value : {-2.0, 0.0, 1e-8, 3.0, 1e9}) {
    const Axis axis = make_axis(value, value, false, 0.05, kAlwaysFits);
    EXPECT_LT(axis.low, value);
    EXPECT_GT(axis.high, value);
    EXPECT_GE(axis.ticks.size(), 2u);
  }
  EXPECT_GE(make_axis(3, 3, true, 0.05, kAlwaysFits).ticks.size(), 2u);
}

TEST(Axis, TicksAreRoundInsideAscendingAndFewForAnySpan) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(-12, 12);
  for (int i = 0; i < 2000; ++i) {
    const double low = (i % 2 ? 1 : -1) * std::pow(10, exponent(random));
    const double high = low + std::pow(10, exponent(random));
    if (high - low < 1e-6 * std::max(std::abs(low), std::abs(high))) continue;
    const Axis axis = make_axis(low, high, i % 4 == 1, 0.05, kAlwaysFits);
    ASSERT_LE(axis.ticks.size(), 10u);
    ASSERT_GE(axis.ticks.size(), 2u) << low << " " << high;
    double previous = -1e-6;
    std::set<std::string> labels;
    for (const auto& tick : axis.ticks) {
      ASSERT_GT(axis.position(tick.value), previous);
      ASSERT_LT(axis.position(tick.value), 1 + 1e-6);
      ASSERT_TRUE(labels.insert(tick.label).second) << tick.label << " twice from " << low << " to " << high;
      previous = axis.position(tick.value);
    }
  }
}

TEST(Axis, FewerTicksAreTakenUntilTheyFit) {
  const auto few = [](const Axis& axis) { return axis.ticks.size() <= 3; };
  EXPECT_EQ(make_axis(0, 1, false, 0, few).ticks.size(), 3u);
  EXPECT_LE(make_axis(1e-9, 1, true, 0, few).ticks.size(), 3u);
}

}  // namespace
}  // namespace patronus
