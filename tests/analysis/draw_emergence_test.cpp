#include "analysis/draw_emergence.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "figures/plot_style.h"
#include "support/inked_columns.h"

namespace patronus {
namespace {

Estimates known(const at::Tensor& value) {
  return {value, value - 0.1, value + 0.1};
}

/// Prototypes over three steps and one later start, all in `state`.
Emergence emergence_in(EmergenceState state, int64_t count) {
  const auto rising = at::tensor({0.0, 0.5, 1.0}, at::kDouble).expand({count, 3});
  const auto places = at::arange(1, count + 1, at::kDouble);
  Emergence e;
  e.timesteps = {900, 450, 0};
  e.starts = {900, 600, -1};
  for (int64_t k = 0; k < count; ++k) {
    e.prototypes.push_back(k);
    e.order.push_back(k);
    e.states.push_back(state);
  }
  e.difference = e.share = known(rising);
  e.late = known(rising.flip(1));
  e.deviation = 0 * rising;
  e.time = known(100 * places.unsqueeze(1).expand({count, 3}));
  e.decided = known(100 * places);
  e.centroid = known(places);
  e.decision = {{std::nan(""), std::nan(""), std::nan("")}, count};
  return e;
}

/// Width of the ink of the figure's title.
int64_t title_width(const Canvas& figure) {
  const auto title = figure.pixels().slice(1, 0, kGap + line_height(kTitleSize));
  const auto ink = test::inked_columns(title, figure.width());
  return ink.empty() ? 0 : ink.front().second - ink.front().first + 1;
}

TEST(DrawFrequency, SaysNoNumberThatIsNotKnown) {
  const Canvas few = draw_frequency(emergence_in(EmergenceState::kEmerges, 2), {});
  EXPECT_NEAR(title_width(few),
              text_width("Too few, or all alike, for a rank correlation, 2 prototypes", kTitleSize), 1)
      << "and no nan";
}

TEST(DrawFrequency, TellsTheCorrelationWithItsInterval) {
  Emergence e = emergence_in(EmergenceState::kEmerges, 8);
  e.decision = {{-0.5, -0.875, 0.125}, 8};
  EXPECT_NEAR(title_width(draw_frequency(e, {})),
              text_width("Spearman -0.50 (-0.88 to 0.12), 8 prototypes", kTitleSize), 2);
}

TEST(EmergenceFigures, AreDrawnWhereNothingEmerges) {
  const Emergence none = emergence_in(EmergenceState::kNoDifference, 3);
  const Emergence some = emergence_in(EmergenceState::kEmerges, 3);
  for (const auto& draw : {draw_difference, draw_emergence, draw_decided}) {
    const auto empty = draw(none, {}).pixels();
    EXPECT_FALSE(at::equal(empty, draw(some, {}).pixels()));
    EXPECT_FALSE((empty == 255).all().item<bool>()) << "what is not there is said";
  }
}

/// Whether `text` stands in the middle of a figure.
bool says(const Canvas& figure, const std::string& text) {
  const auto middle = figure.pixels().slice(1, figure.height() / 3, 2 * figure.height() / 3);
  return std::ranges::any_of(test::inked_columns(middle, 12), [&](const auto& run) {
    return std::abs(run.second - run.first + 1 - text_width(text, TextStyle{}.size)) <= 2;
  });
}

TEST(EmergenceFigures, SayWhenTheImagesAreTooFew) {
  using enum EmergenceState;
  const auto in_states = [](const std::vector<EmergenceState>& states) {
    Emergence e = emergence_in(kNoDifference, std::ssize(states));
    e.states = states;
    return e;
  };
  const Emergence few = in_states({kCannotBeRaised, kTooFewImages, kTooFewImages});
  for (const auto& e : {in_states({kTooFewImages, kNoDifference}), in_states({kTooFewImages, kTooLittle}),
                        in_states({kCannotBeRaised, kCannotBeRaised})}) {
    for (const auto& draw : {draw_difference, draw_emergence, draw_decided}) {
      EXPECT_TRUE(says(draw(few, {}), "too few images"));
      EXPECT_TRUE(says(draw(e, {}), "no prototype emerges"));
    }
    EXPECT_TRUE(says(draw_frequency(few, {}), "too few images"));
    EXPECT_TRUE(says(draw_frequency(e, {}), "no prototype emerges"));
  }
}

/// Pixels of a figure in exactly this colour: bool [H, W].
at::Tensor pixels_of(const Canvas& figure, const Color& color) {
  const auto rgb = at::tensor({color.red, color.green, color.blue}, at::kByte).view({3, 1, 1});
  return (figure.pixels() == rgb).all(0);
}

int64_t pixels_of_curve(const Canvas& figure, size_t number) {
  return pixels_of(figure, kPalette.at(number)).sum().item<int64_t>();
}

/// Nine prototypes with curves apart from each other, so that each shows; they are decided in the reverse
/// order.
Emergence nine_that_emerge() {
  Emergence e = emergence_in(EmergenceState::kEmerges, 9);
  const auto apart = at::linspace(2, 1, 9, at::kDouble).unsqueeze(1);
  e.difference = e.share = known(e.share.value * apart);
  e.late = known(e.late.value * apart);
  e.decided = known(e.decided.value.flip(0));
  return e;
}

TEST(EmergenceFigures, GiveSixPrototypesTheirColorsAndTheOthersNone) {
  const Emergence e = nine_that_emerge();
  for (const auto& draw : {draw_difference, draw_emergence, draw_decided, draw_frequency}) {
    const Canvas figure = draw(e, {});
    int64_t least = figure.width() * figure.height();
    for (size_t number = 0; number < 6; ++number) least = std::min(least, pixels_of_curve(figure, number));
    EXPECT_GT(least, 15);
    EXPECT_LT(pixels_of_curve(figure, 6), least) << "but for the edges of letters";
  }
}

TEST(EmergenceFigures, ShowAPrototypeInOneColor) {
  const Emergence e = nine_that_emerge();
  for (const auto& draw : {draw_difference, draw_emergence, draw_decided}) {
    const Canvas figure = draw(e, {});
    double above = 0;
    for (const size_t number : {0, 3, 5}) {  // the first one has the highest curve
      const auto rows = pixels_of(figure, kPalette.at(number)).any(1).nonzero();
      EXPECT_GT(rows.min().item<double>(), above) << number;
      above = rows.min().item<double>();
    }
  }
}

TEST(EmergenceFigures, DrawThreeDeviationsAndSayThatTheyAre) {
  Emergence e = nine_that_emerge();
  constexpr Color kKey{210, 210, 210};
  EXPECT_GT(pixels_of(draw_difference(e, {}), kKey).sum().item<int64_t>(), 150);
  e.deviation = at::full_like(e.difference.value, 0.01);
  const auto ink = [&] { return (draw_difference(e, {}).pixels() < 255).any(0).sum().item<int64_t>(); };
  const int64_t thin = ink();
  for (const int64_t row : {1, 2, 4, 5, 6, 7}) e.deviation[row] = 1;
  EXPECT_EQ(ink(), thin) << "too wide to be seen through";
  e.deviation[0] = 1;
  EXPECT_GT(ink(), thin);
}

}  // namespace
}  // namespace patronus
