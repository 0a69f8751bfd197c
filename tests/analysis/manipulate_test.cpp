#include "patronus/analysis/manipulate.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "figures/plot_style.h"
#include "patronus/analysis/disable_prototypes.h"
#include "patronus/analysis/encode.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/io/table.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class Manipulate : public testing::Test {
 protected:
  Manipulate() { options.regenerate.inversion.steps = 5; }

  Manipulation made() { return manipulate(trained, faces, at::tensor({4, 1, 7}, at::kLong), faces, options); }
  Manipulation made(const std::vector<std::string>& edits) {
    for (const auto& text : edits) options.edits.push_back(parse_edit(text));
    return made();
  }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTrain);
  ManipulateOptions options;
};

TEST_F(Manipulate, AnEditThatChangesNothingGivesTheRoundTrip) {
  options.regenerate.inversion.steps = 40;
  const auto same = made({"2+0"});
  EXPECT_TRUE(test::close(same.image[0], same.original.image, 1e-5));
  EXPECT_LT((same.image[0] - same.original.original).square().mean().item<double>(), 1e-4)
      << "which is the input, as exactly as the inversion";
  const EditEffect effect = edit_effect(same, 0, 0);
  EXPECT_TRUE(std::isnan(effect.gain));
  EXPECT_LT(effect.change, 1e-5);
  EXPECT_LT(effect.drift, 1e-5);
  EXPECT_TRUE(std::isnan(effect.inside) && std::isnan(effect.area)) << "of no prototype's boxes";
}

TEST_F(Manipulate, EditsAreAppliedOneAfterTheOther) {
  const auto m = made({"2=0.5", "2x3", "0=max"});
  EXPECT_EQ(m.variants, (std::vector<std::string>{"2=0.5, 2x3, 0=max"}));
  const auto all = encode_activations(trained.model.encoder, faces);
  EXPECT_TRUE(test::close(m.target[0].select(1, 2), at::full({3}, 1.5), 1e-6));
  EXPECT_TRUE(test::close(m.target[0].select(1, 0), all.select(1, 0).max().expand(3), 1e-6));
  EXPECT_TRUE(at::equal(m.target[0].slice(1, 3), m.original.activation.slice(1, 3)));
}

TEST_F(Manipulate, ASweepComesOnTopOfEditsAndExamples) {
  options.direction = at::tensor({0.1f, 0.0f, 0.0f, 0.0f, 0.0f, 0.2f});
  options.amount = 2;
  options.sweeps = {parse_sweep("1=0:1:3")};
  const auto m = made({"3+0.5"});
  EXPECT_EQ(m.variants, (std::vector<std::string>{"0", "0.5", "1"}));
  const auto expected = m.original.activation + at::tensor({0.2f, 0.0f, 0.0f, 0.5f, 0.0f, 0.4f});
  for (int64_t v = 0; v < 3; ++v) {
    EXPECT_TRUE(test::close(m.target[v].select(1, 1), at::full({3}, 0.5 * static_cast<double>(v)), 1e-6));
    EXPECT_TRUE(test::close(m.target[v].slice(1, 2), expected.slice(1, 2), 1e-6));
  }
}

TEST_F(Manipulate, ASweepOverThePlausibleRangeIsNamedByItsValues) {
  options.sweeps = {parse_sweep("1=min:max:3")};
  const auto m = made();
  const auto all = encode_activations(trained.model.encoder, faces).select(1, 1);
  EXPECT_EQ(m.variants.front(), format_fixed(all.min().item<double>(), 3));
  EXPECT_EQ(m.variants.back(), format_fixed(all.max().item<double>(), 3));
  options.sweeps = {parse_sweep("1,2=min:max:3")};
  EXPECT_EQ(made().variants, (std::vector<std::string>{"0 %", "50 %", "100 %"}));
}

TEST_F(Manipulate, TheAmountOfAnExampleCanBeSwept) {
  options.direction = at::tensor({0.1f, 0.0f, 0.0f, 0.0f, 0.0f, 0.2f});
  options.sweeps = {parse_sweep("example=-1:1:3")};
  const auto m = made();
  EXPECT_TRUE(test::close(m.target[0], m.original.activation - options.direction, 1e-6));
  EXPECT_TRUE(test::close(m.target[1], m.original.activation, 1e-6));
  EXPECT_TRUE(test::close(m.target[2], m.original.activation + options.direction, 1e-6));
}

TEST_F(Manipulate, TwoSweepsGiveEveryPairOfTheirValues) {
  options.direction = at::tensor({0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.2f});
  options.sweeps = {parse_sweep("1=0:1:2"), parse_sweep("example=0:2:3")};
  const auto m = made();
  EXPECT_EQ(m.variants, (std::vector<std::string>{"0, 0", "0, 1", "0, 2", "1, 0", "1, 1", "1, 2"}));
  for (int64_t v = 0; v < 6; ++v) {
    const auto amount = static_cast<double>(v % 3);
    EXPECT_TRUE(test::close(m.target[v].select(1, 1), at::full({3}, static_cast<double>(v / 3)), 1e-6)) << v;
    EXPECT_TRUE(test::close(m.target[v].slice(1, 2),
                            (m.original.activation + amount * options.direction).slice(1, 2), 1e-6))
        << v;
  }
}

TEST_F(Manipulate, ContrastsSuppressAndEnhanceOnePrototypeEach) {
  options.contrasts = {{"hat", 2}, {"no smile", 4}};
  const auto m = made();
  EXPECT_EQ(m.variants,
            (std::vector<std::string>{"hat: 2=min", "hat: 2=max", "no smile: 4=min", "no smile: 4=max"}));
  const auto [smallest, largest] = encode_activations(trained.model.encoder, faces).aminmax(0);
  for (int64_t v = 0; v < 4; ++v) {
    const int64_t k = v < 2 ? 2 : 4;
    auto expected = m.original.activation.clone();
    expected.select(1, k).copy_((v % 2 == 0 ? smallest : largest)[k]);
    EXPECT_TRUE(test::close(m.target[v], expected, 1e-6)) << v;
  }
}

TEST_F(Manipulate, ResultsDoNotDependOnTheBatchSize) {
  options.sweeps = {parse_sweep("1=0:2:3")};
  options.regenerate.strength = 2;
  const auto whole = made();
  options.regenerate.batch_size = 2;
  const auto parts = made();
  EXPECT_GT((whole.image[0] - whole.image[2]).abs().max().item<double>(), 0.01) << "the sweep shows";
  EXPECT_TRUE(test::close(parts.image, whole.image, 1e-4));
  EXPECT_TRUE(test::close(parts.activation, whole.activation, 1e-3));
}

TEST_F(Manipulate, BoxesAreWhereThePrototypeIsStrongerOfBeforeAndAfter) {
  const auto m = made({"2=9", "4=off"});
  const auto& field = trained.model.encoder->receptive_field();
  const auto after = trained.model.encoder->forward(m.image[0].clamp(-1, 1)).patch;
  EXPECT_TRUE(at::equal(m.boxes[0].select(1, 2), patch_boxes(field, after.select(1, 2))));
  EXPECT_TRUE(at::equal(m.boxes[0].select(1, 4), patch_boxes(field, m.original.patch.select(1, 4))));
}

/// One gray image of 4 x 4 pixels and three prototypes, of which the first two are asked to change.
Manipulation by_hand() {
  Manipulation m;
  m.variants = {"edit"};
  m.original.files = {"a.png"};
  m.original.image = m.original.original = at::zeros({1, 1, 4, 4});
  m.original.activation = at::tensor({1.0f, 1.0f, 1.0f}).view({1, 3});
  m.original.reached = at::tensor({1.0f, 1.0f, 0.9f}).view({1, 3});
  m.target = at::tensor({3.0f, 2.0f, 1.0f}).view({1, 1, 3});
  m.deviation = at::ones({3}, at::kDouble);
  m.activation = at::tensor({2.0f, 1.5f, 0.7f}).view({1, 1, 3});
  m.image = at::zeros({1, 1, 1, 4, 4});
  m.image[0][0][0][0][0] = 2;  // inside the first box
  m.image[0][0][0][3][3] = 1;  // outside of both
  m.boxes = at::tensor({0, 2, 0, 2, 0, 2, 1, 3, 0, 4, 0, 4}, at::kLong).view({1, 1, 3, 4});
  return m;
}

TEST(EditEffect, IsWhatItSays) {
  const auto m = by_hand();
  const EditEffect effect = edit_effect(m, 0, 0);
  EXPECT_NEAR(effect.gain, (1.0 * 2 + 0.5 * 1) / (4 + 1), 1e-6);
  EXPECT_NEAR(effect.drift, 0.2, 1e-6) << "from the image regenerated without an edit";
  EXPECT_NEAR(effect.change, std::sqrt(5.0 / 16), 1e-6);
  EXPECT_NEAR(effect.inside, 4.0 / 5, 1e-6);
  EXPECT_NEAR(effect.area, 6.0 / 16, 1e-6);
  EXPECT_EQ(most_changed(m, 0, 0), (std::vector<int64_t>{0, 1}));
}

TEST(EditEffect, HasNoDriftWhereEveryActivationWasToChange) {
  auto m = by_hand();
  m.target = m.target + 1;
  EXPECT_TRUE(std::isnan(edit_effect(m, 0, 0).drift));
}

TEST_F(Manipulate, FilesAgreeWithEachOther) {
  const test::TemporaryFolder folder;
  options.sweeps = {parse_sweep("1=0:2:3")};
  const auto m = made({"4x2"});
  write_manipulation(folder.path(), trained, m);
  const Table prototypes = read_csv(folder / "manipulate.csv"), effects = read_csv(folder / "effects.csv");
  EXPECT_EQ(prototypes.rows.size(), 3u * 3u * 2u);
  ASSERT_EQ(effects.rows.size(), 3u * 3u);
  const auto& row = prototypes.rows[2];  // first image, second value, prototype 1
  EXPECT_EQ(row[0], faces.file(4));
  EXPECT_EQ(row[1], "1");
  EXPECT_EQ(row[2], "1");
  EXPECT_NEAR(std::stod(row[prototypes.column("asked")]), 1, 1e-6);
  EXPECT_NEAR(std::stod(row[prototypes.column("after")]), m.activation[1][0][1].item<double>(), 1e-5);
  const std::string picture = effects.rows[5][effects.column("picture")];
  EXPECT_EQ(picture, "00001-2.png");
  EXPECT_TRUE(at::equal(read_image(folder / ("images/" + picture)), to_pixels(m.image[2][1])));
  EXPECT_TRUE(at::equal(read_tensor_file(folder / "manipulate.pt").at("asked").tensor(), m.target));
  const auto index = nlohmann::json::parse(read_file(folder / "index.json"));
  EXPECT_EQ(index["edits"], nlohmann::json::array({"4x2"}));
  EXPECT_EQ(index["sweeps"], nlohmann::json::array({"1=0:2:3"}));
  EXPECT_EQ(index["steps"], 5);
}

TEST_F(Manipulate, APictureHasAColumnForEachVariantAndTheDifferenceOfASingleOne) {
  const auto width = [](const Manipulation& m) { return draw_manipulation(m, {}).width(); };
  options.sweeps = {parse_sweep("1=0:2:2")};
  const auto sweep = made();
  options.sweeps.clear();
  EXPECT_EQ(width(made({"1=2"})), width(sweep)) << "variant and difference, or two variants";
}

bool has_color(const Manipulation& m, const Color& color) {
  const auto rgb = at::tensor({color.red, color.green, color.blue}, at::kByte).view({3, 1, 1});
  return (draw_manipulation(m, {}).pixels() == rgb).all(0).any().item<bool>();
}

TEST(DrawManipulation, BoxesOfSeveralPrototypesHaveAColorEach) {
  auto m = by_hand();
  const Color orange{255, 140, 0};
  EXPECT_TRUE(has_color(m, kPalette[0]));
  EXPECT_TRUE(has_color(m, kPalette[1]));
  EXPECT_FALSE(has_color(m, orange));
  m.target[0][0][1] = m.original.activation[0][1];
  EXPECT_TRUE(has_color(m, orange));
  EXPECT_FALSE(has_color(m, kPalette[0]));
}

TEST(DrawManipulation, AnEditThatASearchCannotReachIsMarked) {
  auto m = by_hand();
  m.strength = at::full({1, 1}, 1.5);
  m.arrived = at::ones({1, 1}, at::kBool);
  const int64_t height = draw_manipulation(m, {}).height();
  m.arrived[0][0] = false;
  EXPECT_EQ(draw_manipulation(m, {}).height(), height + line_height(12)) << "in a line of its own";
}

TEST_F(Manipulate, AnEditThatAsksForTooLittleHasNoGainAndIsNotSearched) {
  const test::TemporaryFolder folder;
  options.strength_search = StrengthSearchOptions{.rounds = 1};
  testing::internal::CaptureStderr();
  const auto m = made({"2+0.0003"});
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(
      said.find("less than half a standard deviation is asked in 3 of 3 edits, too little for a share of "
                "it to mean anything; left out of the search and of the median gain"),
      std::string::npos)
      << said;
  EXPECT_EQ(said.find("do not get there"), std::string::npos) << said;
  EXPECT_TRUE(std::isnan(median_gain(m)));
  EXPECT_TRUE(std::isnan(edit_effect(m, 0, 0).gain));
  EXPECT_FALSE(std::isnan(edit_effect(m, 0, 0).inside)) << "of which the rest is known";
  write_manipulation(folder.path(), trained, m);
  const Table effects = read_csv(folder / "effects.csv");
  for (const char* column : {"gain", "arrived"})
    EXPECT_EQ(effects.rows[0][effects.column(column)], "") << column;
}

TEST_F(Manipulate, TheMedianGainIsOfAllImagesAndVariantsInWhichSomethingWasAsked) {
  options.sweeps = {parse_sweep("1=0:2:3")};
  const auto m = made();
  std::vector<double> gains;
  for (int64_t v = 0; v < 3; ++v) {
    for (int64_t i = 0; i < m.image.size(1); ++i) gains.push_back(edit_effect(m, v, i).gain);
  }
  std::erase_if(gains, [](double gain) { return std::isnan(gain); });
  std::ranges::sort(gains);
  const size_t n = gains.size();
  EXPECT_NEAR(median_gain(m), (gains[(n - 1) / 2] + gains[n / 2]) / 2, 1e-9);
  auto two = m;
  two.target = m.target.slice(0, 0, 1).slice(1, 0, 2).clone();
  two.original.activation = at::zeros_like(two.target[0]);
  two.target.fill_(1);
  two.activation = at::tensor({0.2F, 0.8F}).view({1, 2, 1}).expand_as(two.target);
  EXPECT_NEAR(median_gain(two), 0.5, 1e-6) << "between the two";
  auto unasked = m;
  unasked.target = m.original.activation.expand_as(m.target);
  EXPECT_TRUE(std::isnan(median_gain(unasked)));
}

TEST_F(Manipulate, APictureOfTwoSweepsIsAGridOfEachImage) {
  const auto picture = [&](const std::string& down, const std::string& across) {
    options.sweeps = {parse_sweep(down), parse_sweep(across)};
    auto m = manipulate(trained, faces, at::tensor({4}, at::kLong), faces, options);
    return draw_manipulation(m, {});
  };
  const Canvas small = picture("1=0:2:2", "3=0:2:8"), tall = picture("1=0:2:3", "3=0:2:8"),
               wide = picture("1=0:2:2", "3=0:2:9");
  EXPECT_EQ(tall.width(), small.width());
  EXPECT_GT(tall.height(), small.height() + 96) << "a row more";
  EXPECT_EQ(wide.height(), small.height());
  EXPECT_EQ(wide.width(), small.width() + 100) << "a column more, and its gap";
  const auto in_last_row = [&](int64_t from_right) {
    const auto row = tall.pixels().slice(1, tall.height() - 110, tall.height() - 60);
    return row.slice(2, tall.width() - from_right - 50, tall.width() - from_right);
  };
  EXPECT_TRUE((in_last_row(40) == 255).all().item<bool>()) << "two rows have the image itself behind them";
  EXPECT_FALSE((in_last_row(140) == 255).all().item<bool>());
}

TEST_F(Manipulate, APictureOfContrastsHasARowOfEach) {
  const auto picture = [&](const std::vector<Contrast>& contrasts) {
    options.contrasts = contrasts;
    return draw_manipulation(made(), {});
  };
  const Canvas one = picture({{"hat", 2}}), two = picture({{"hat", 2}, {"hat", 2}});
  EXPECT_EQ(two.width(), one.width());
  EXPECT_GT(two.height(), one.height() + 96);
}

TEST_F(Manipulate, APrototypeThatIsDisabledIsNotChanged) {
  disable_prototypes(trained, faces, {1, 4});
  const std::string refusal = "prototype 4 is disabled: it stays at its mean, whatever is asked";
  EXPECT_EQ(test::message_of([&] { made({"2=max", "3,4=max"}); }), refusal);
  options.edits.clear();
  options.sweeps = {parse_sweep("4=0:1:3")};
  EXPECT_EQ(test::message_of([&] { made(); }), refusal);
  options.sweeps.clear();
  options.contrasts = {{"hat", 4}};
  EXPECT_EQ(test::message_of([&] { made(); }), refusal);
  options.contrasts.clear();
  const auto m = made({"2=max"});
  EXPECT_TRUE(at::equal(m.target[0].select(1, 4), m.original.activation.select(1, 4)));
}

TEST_F(Manipulate, AnImageThatIsNotFiniteIsNoResult) {
  options.edits = {{.prototypes = {2}, .value = INFINITY}};
  EXPECT_EQ(test::message_of([&] { made(); }),
            "images are not finite after the edit: it asks for more than the model can follow");
}

TEST_F(Manipulate, MistakesAreRefused) {
  EXPECT_EQ(test::message_of([&] { made(); }),
            "nothing to change: give --edit 12=max, --sweep 12=0:3:7, --captured, or --towards and --away");
  EXPECT_EQ(test::message_of([&] { made({"6=max"}); }), "prototype 6: the model has 6, numbered from 0 to 5");
  trained.config.model.prototypes.activation = ActivationKind::kLinear;
  options.edits.clear();
  EXPECT_EQ(
      test::message_of([&] { made({"2=off"}); }),
      "edit '2=off': activations of this model are negative distances (model.prototypes.activation: linear), "
      "of which 0 is the largest; use =min");
  trained.config.model.prototypes.activation = ActivationKind::kLog;
  options.correlated = 1.5;
  EXPECT_EQ(test::message_of([&] { made(); }), "correlated 1.5: expected 0 to 1");
  options.correlated.reset();
  options.edits.clear();
  options.sweeps = {parse_sweep("example=0:1:3")};
  EXPECT_EQ(test::message_of([&] { made(); }),
            "sweep of example: there is no example; name images with --towards or --away");
  options.sweeps = {parse_sweep("9=0:1:3")};
  EXPECT_EQ(test::message_of([&] { made(); }), "prototype 9: the model has 6, numbered from 0 to 5");
  const auto refusal_of = [&](const std::vector<std::string>& sweeps) {
    options.sweeps.clear();
    for (const auto& text : sweeps) options.sweeps.push_back(parse_sweep(text));
    return test::message_of([&] { made(); });
  };
  EXPECT_EQ(refusal_of({"1=0:1:2", "2=0:1:2", "3=0:1:2"}),
            "3 sweeps: a grid has rows and columns, so at most two");
  EXPECT_EQ(refusal_of({"1,3=0:1:2", "2,3=0:1:2"}),
            "two sweeps of prototype 3: the second would undo the first");
  options.contrasts = {{"hat", 2}};
  EXPECT_EQ(refusal_of({"1=0:1:2"}),
            "--captured has variants of its own; leave out --edit, --sweep and examples");
  options.contrasts.clear();
  options.direction = at::ones({6});
  EXPECT_EQ(refusal_of({"example=0:1:2", "example=0:1:2"}),
            "two sweeps of example: the second would undo the first");
}

}  // namespace
}  // namespace patronus
