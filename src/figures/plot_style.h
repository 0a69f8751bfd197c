#pragma once
#include <array>
#include <cstdint>

#include "patronus/figures/canvas.h"

namespace patronus {

// Common style of all figures; sizes in pixels, of text in pixels per em.

inline constexpr double kTitleSize = 18;
inline constexpr double kLabelSize = 14;  // names of axes, rows and columns
inline constexpr double kSmallSize = 12;  // ticks, legends, captions
inline constexpr int64_t kGap = 8;        // between neighbouring parts of a figure
inline constexpr Color kAxisColor{85, 85, 85};
inline constexpr Color kGridColor{226, 226, 226};

// Distinguishable with any kind of colour vision (Okabe and Ito, 2008), without their yellow, which is faint
// on white, and with gray instead of black.
inline constexpr std::array<Color, kColors> kPalette{{{0, 114, 178},
                                                      {213, 94, 0},
                                                      {0, 158, 115},
                                                      {204, 121, 167},
                                                      {230, 159, 0},
                                                      {86, 180, 233},
                                                      {90, 90, 90}}};

}  // namespace patronus
