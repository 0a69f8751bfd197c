#include "patronus/analysis/control.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/analysis/encode.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

/// The median, the mean of the middle two where there are as many.
double middle(const at::Tensor& values) {
  const auto sorted = std::get<0>(values.to(at::kDouble).sort());
  const int64_t n = sorted.size(0);
  return ((sorted[(n - 1) / 2] + sorted[n / 2]) / 2).item<double>();
}

class ControlOfASmallModel : public testing::Test {
 protected:
  ControlOfASmallModel() {
    options.images = 64;  // all of the test split, in its order
    options.regenerate.inversion.steps = 3;
    options.regenerate.strength = 2;
  }

  Control measure(const AttributeJudge* judge = nullptr) {
    return measure_control(trained, test_faces, faces, options, judge);
  }

  /// What raising prototype `k` does, step by step.
  struct Expected {
    at::Tensor target_change, change;  // [R], [R, P], in standard deviations
    at::Tensor change_elsewhere;       // [R, P], with the patch's pixels as they were before
    at::Tensor before, after;          // images of the R that can be raised
    at::Tensor rows;                   // which of the images they are
    at::Tensor patch;                  // of the prototype in the raised images
  };
  Expected raise(int64_t k) {
    const auto real = encode_images(trained.model.encoder, faces, 0, faces.size()).activation;
    const auto deviation = real.to(at::kDouble).std(0, /*unbiased=*/false);
    const auto inverted =
        invert_images(trained, test_faces, at::arange(test_faces.size()), options.regenerate);
    const auto maximum = real.select(1, k).max();
    const auto before = inverted.activation;
    auto edited = before.clone();
    edited.select(1, k).copy_(at::maximum(before.select(1, k), maximum));
    const auto unedited = regenerate(trained, {inverted.x_T, before, before}, options.regenerate);
    const auto raised = regenerate(trained, {inverted.x_T, before, edited}, options.regenerate);
    const auto target_change = (maximum - before.select(1, k)).to(at::kDouble) / deviation[k];
    const auto rows = (target_change >= 0.5).nonzero().squeeze(1);
    const auto of = [&](const at::Tensor& all) { return all.index_select(0, rows); };
    const auto change = [&](const at::Tensor& activation) {
      return of((activation - unedited.activation).to(at::kDouble) / deviation);
    };
    const auto patch = raised.patch.select(1, k);
    return {of(target_change),
            change(raised.activation),
            change(encode_with_patch_of(unedited.image, raised.image, patch)),
            of(inverted.image),
            of(raised.image),
            rows,
            of(patch)};
  }

  /// Activations [N, P] of `edited` with the pixels of every image's `patch` taken from `unedited`.
  at::Tensor encode_with_patch_of(const at::Tensor& unedited, const at::Tensor& edited,
                                  const at::Tensor& patch) {
    const c10::NoGradGuard no_grad;
    const auto boxes = patch_boxes(trained.model.encoder->receptive_field(), patch);
    const auto edge = [&](int64_t n) { return boxes.select(1, n).view({-1, 1, 1, 1}); };
    const auto place = at::arange(edited.size(-1));
    const auto row = place.view({1, 1, -1, 1}), column = place.view({1, 1, 1, -1});
    const auto is_inside = (row >= edge(0)) & (row < edge(1)) & (column >= edge(2)) & (column < edge(3));
    return trained.model.encoder->forward(at::where(is_inside, unedited, edited).clamp(-1, 1)).activation;
  }

  /// Means over the images: the share of the squared change in the patch, pixel by pixel, and of the image
  /// that it covers.
  std::pair<double, double> inside_and_area(const Expected& e) {
    const auto change = (e.after - e.before).to(at::kDouble).square().sum(1);  // [R, S, S]
    const auto boxes = patch_boxes(trained.model.encoder->receptive_field(), e.patch);
    double inside = 0, area = 0;
    for (int64_t i = 0; i < change.size(0); ++i) {
      const auto edge = [&](int64_t n) { return boxes[i][n].item<int64_t>(); };
      const auto patch = change[i].slice(0, edge(0), edge(1)).slice(1, edge(2), edge(3));
      inside += (patch.sum() / change[i].sum()).item<double>();
      area += static_cast<double>(patch.numel()) / static_cast<double>(change[i].numel());
    }
    const auto count = static_cast<double>(change.size(0));
    return {inside / count, area / count};
  }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTrain);
  Dataset test_faces = open_dataset(trained.config.data, Split::kTest);
  ControlOptions options;
};

TEST_F(ControlOfASmallModel, IsTheChangeOfAllActivationsForOneAsked) {
  const Control control = measure();
  ASSERT_EQ(control.prototypes.size(), 6u);
  for (const int64_t k : {0, 4}) {
    const Expected expected = raise(k);
    EXPECT_EQ(control.images[k].item<int64_t>(), expected.target_change.size(0));
    EXPECT_TRUE(
        test::close(control.effect[k], expected.change.mean(0) / expected.target_change.mean(), 1e-3));
    const auto moved = [&](const at::Tensor& all) { return all[k].index_select(0, expected.rows); };
    EXPECT_TRUE(test::close(moved(control.target_change), expected.target_change, 1e-4));
    EXPECT_TRUE(test::close(moved(control.change), expected.change, 1e-3));
    EXPECT_TRUE(test::close(moved(control.change_elsewhere), expected.change_elsewhere, 1e-3));
    EXPECT_EQ(control.target_change[k].isfinite().sum().item<int64_t>(), expected.rows.size(0));
    const auto own = expected.change.select(1, k);
    EXPECT_NEAR(control.gain[k].item<double>(), middle(own / expected.target_change), 1e-3);
    const auto others = (expected.change.abs().sum(1) - own.abs()) / 5;
    EXPECT_NEAR(control.drift[k].item<double>(), others.mean().item<double>(), 1e-3);
    const auto [inside, area] = inside_and_area(expected);
    EXPECT_NEAR(control.inside[k].item<double>(), inside, 1e-4);
    const auto squared = (expected.after - expected.before).to(at::kDouble).square();
    EXPECT_TRUE(test::close(control.change_map[k], squared.mean(at::IntArrayRef{0, 1}), 1e-3));
    EXPECT_NEAR(control.area[k].item<double>(), area, 1e-9);
  }
  const ControlSummary summary = summarize(control);
  const auto real = encode_images(trained.model.encoder, faces, 0, faces.size()).activation.to(at::kDouble);
  const auto centred = real - real.mean(0);
  const auto covariance = centred.t().mm(centred);
  const auto scale = covariance.diag().sqrt();
  const auto squares = (covariance / scale / scale.unsqueeze(1)).square();
  const auto powers = at::linalg_eigvalsh(covariance / scale / scale.unsqueeze(1)).pow(4).sum();
  EXPECT_NEAR(summary.real_directions, (squares.sum().square() / powers).item<double>(), 1e-6);
  EXPECT_NEAR(summary.own_effect, middle(control.effect.diag()), 1e-9);
  EXPECT_NEAR(summary.gain, middle(control.gain), 1e-9);
  const ControlIntervals intervals = control_intervals(control);
  EXPECT_TRUE(test::close(intervals.gain.value, control.gain, 1e-9));
  EXPECT_TRUE(test::close(intervals.own_effect.value, control.effect.diag(), 1e-9));
  EXPECT_NEAR(intervals.median_own_effect.value, summary.own_effect, 1e-9);
  EXPECT_NEAR(summary.area, control.area.mean().item<double>(), 1e-9);
}

TEST(ControlIntervals, AreOverImagesAndAroundTheMeasuredValues) {
  const auto number = at::TensorOptions(at::kDouble);
  Control control;
  control.prototypes = {2, 0};
  control.target_change = at::tensor({1., 1., 1., 1., 1., 1., 2., 2., 2., 2., 2., 2.}, number).view({2, 6});
  control.change = at::zeros({2, 6, 3}, number);
  control.change.select(2, 2)[0].copy_(at::tensor({0.2, 0.4, 0.5, 0.6, 0.8, 0.5}, number));
  control.change.select(2, 0)[1].fill_(1);
  const ControlIntervals intervals = control_intervals(control);
  EXPECT_NEAR(intervals.gain[0].value, 0.5, 1e-12);
  EXPECT_EQ(intervals.gain[0].low, 0.2) << "of six values the extremes";
  EXPECT_EQ(intervals.gain[0].high, 0.8);
  EXPECT_NEAR(intervals.own_effect[0].value, 0.5, 1e-12);
  EXPECT_GT(intervals.own_effect[0].low, 0.25);
  EXPECT_LT(intervals.own_effect[0].low, 0.45);
  EXPECT_GT(intervals.own_effect[0].high, 0.55);
  EXPECT_LT(intervals.own_effect[0].high, 0.75);
  EXPECT_EQ(intervals.own_effect[1].low, 0.5) << "the same in all images";
  EXPECT_EQ(intervals.own_effect[1].high, 0.5);
  EXPECT_NEAR(intervals.median_own_effect.value, 0.5, 1e-12);
  EXPECT_LT(intervals.median_own_effect.low, 0.5);
  control.target_change[1][3].fill_(std::nan(""));
  EXPECT_TRUE(std::isnan(control_intervals(control).own_effect[1].low)) << "moved in five images";
  EXPECT_TRUE(std::isnan(control_intervals(control).gain[1].low));
  control.target_change[1].fill_(std::nan(""));
  EXPECT_NEAR(control_intervals(control).median_gain.value, 0.5, 1e-12) << "of the other one";
}

TEST(ControlSummary, CountsDirectionsOfThePrototypesRaisedInEveryQuarter) {
  const auto number = at::TensorOptions(at::kDouble);
  Control control;
  control.prototypes = {0, 1, 2};
  control.images = at::full({3}, 8, at::kLong);
  control.effect = at::eye(3, number);
  // Of eight images, the first four and the last four are one in each quarter.
  control.target_change = at::ones({3, 8}, number);
  control.change = at::eye(3, number).unsqueeze(1).repeat({1, 8, 1});
  control.gain = control.inside = control.area = at::ones({3}, number);
  EXPECT_NEAR(summarize(control).directions, 3, 1e-9);
  for (const int64_t image : {2, 6}) {
    control.target_change[1][image].fill_(std::nan(""));
    control.change[1][image].fill_(std::nan(""));
  }
  EXPECT_NEAR(summarize(control).directions, 2, 1e-9);
  control.change.select(2, 0).fill_(std::nan(""));
  EXPECT_NEAR(summarize(control).directions, 1, 1e-9) << "prototype 0 does not vary";
}

TEST_F(ControlOfASmallModel, APrototypeThatDoesNotVaryIsNotRaisedAndCountsNowhere) {
  const Control usual = measure();
  {
    const c10::NoGradGuard no_grad;
    trained.model.encoder->prototypes()[3].fill_(1e6);  // far from everything, always
  }
  const Control control = measure();
  EXPECT_GT(usual.images[3].item<int64_t>(), 0);
  EXPECT_EQ(control.images[3].item<int64_t>(), 0);
  EXPECT_TRUE(control.deviation.isnan().equal(at::arange(6) == 3));
  EXPECT_TRUE(control.effect.isnan().equal((at::arange(6) == 3).unsqueeze(1) | (at::arange(6) == 3)));
  const auto others = at::tensor({0, 1, 2, 4, 5});
  const auto effect = control.effect.index_select(0, others).index_select(1, others);
  const ControlSummary summary = summarize(control);
  const auto spill = (effect.abs().sum(1) - effect.diag().abs()) / 4;
  EXPECT_NEAR(summary.spill, spill.mean().item<double>(), 1e-9);
  EXPECT_TRUE(control.drift.index_select(0, others).isfinite().all().item<bool>());
}

TEST_F(ControlOfASmallModel, AttributesAppearAndVanishAsTheJudgeSays) {
  const Expected expected = raise(4);
  const double middle = expected.before.clamp(-1, 1).mean({1, 2, 3}).median().item<double>();
  // Says that an image is bright, and that it is an image.
  const AttributeJudge judge{.names = {"bright", "image"},
                             .accuracy = at::ones({2}, at::kDouble),
                             .judge = [=](const at::Tensor& images) {
                               const auto bright = images.mean({1, 2, 3}) > middle;
                               return at::stack({bright, at::ones_like(bright)}, 1).to(at::kFloat);
                             }};
  options.prototypes = {4};
  const Control control = measure(&judge);
  const auto before = judge.predict_attributes(expected.before).select(1, 0);
  const auto after = judge.predict_attributes(expected.after).select(1, 0);
  const auto share = [](const at::Tensor& happens, const at::Tensor& among) {
    return (happens & among).sum().item<double>() / among.sum().item<double>();
  };
  ASSERT_TRUE(before.any().item<bool>());
  ASSERT_FALSE(before.all().item<bool>());
  EXPECT_NEAR(control.appears[0][0].item<double>(), share(after, ~before), 1e-9);
  EXPECT_NEAR(control.vanishes[0][0].item<double>(), share(~after, before), 1e-9);
  EXPECT_NEAR(control.changes[0][0].item<double>(), (after != before).to(at::kDouble).mean().item<double>(),
              1e-9);
  EXPECT_EQ(control.without[0][0].item<int64_t>(), (~before).sum().item<int64_t>());
  EXPECT_TRUE(std::isnan(control.appears[0][1].item<double>())) << "all images have it already";
  EXPECT_EQ(control.vanishes[0][1].item<double>(), 0);
  EXPECT_EQ(control.attributes, judge.names);
}

TEST_F(ControlOfASmallModel, LowersToThePlausibleMinimum) {
  const int64_t k = 4;
  const auto real = encode_images(trained.model.encoder, faces, 0, faces.size()).activation;
  const auto deviation = real.to(at::kDouble).std(0, /*unbiased=*/false);
  const auto inverted = invert_images(trained, test_faces, at::arange(test_faces.size()), options.regenerate);
  const auto minimum = real.select(1, k).min();
  auto edited = inverted.activation.clone();
  edited.select(1, k).fill_(minimum.item<float>());
  const auto lowered = regenerate(trained, {inverted.x_T, inverted.activation, edited}, options.regenerate);
  const auto unedited =
      regenerate(trained, {inverted.x_T, inverted.activation, inverted.activation}, options.regenerate);
  const auto asked = (inverted.activation.select(1, k) - minimum).to(at::kDouble) / deviation[k];
  const auto rows = (asked >= 0.5).nonzero().squeeze(1);
  const auto change = (lowered.activation - unedited.activation).to(at::kDouble) / deviation;
  const AttributeJudge judge{
      .names = {"bright"}, .accuracy = at::ones({1}, at::kDouble), .judge = [](const at::Tensor& images) {
        return images.mean({1, 2, 3}).sigmoid().unsqueeze(1);
      }};
  options.prototypes = {k};
  options.lowers = true;
  const Control control = measure(&judge);
  EXPECT_TRUE(control.lowers);
  EXPECT_EQ(control.images[0].item<int64_t>(), rows.size(0));
  EXPECT_TRUE(test::close(control.effect[0],
                          -change.index_select(0, rows).mean(0) / asked.index_select(0, rows).mean(), 1e-3));
  const auto bright = [&](const at::Tensor& image) { return image.clamp(-1, 1).mean({1, 2, 3}).sigmoid(); };
  const auto judged = (bright(lowered.image) - bright(inverted.image)).index_select(0, rows).mean();
  EXPECT_NEAR(control.judged_change[0][0].item<double>(), judged.item<double>(), 1e-4);
}

TEST_F(ControlOfASmallModel, OneThatCannotBeRaisedIsNotMeasured) {
  options.prototypes = {1};
  const auto activation = [&](const Dataset& images) {
    return encode_images(trained.model.encoder, images, 0, images.size()).activation.select(1, 1);
  };
  faces = faces.subset(activation(faces).argsort().slice(0, 0, 2));
  test_faces = test_faces.subset((activation(test_faces) >= activation(faces).max()).nonzero().squeeze(1));
  ASSERT_GT(test_faces.size(), 0);
  const Control control = measure();
  EXPECT_EQ(control.images[0].item<int64_t>(), 0);
  EXPECT_TRUE(control.effect.isnan().all().item<bool>());
  EXPECT_TRUE(std::isnan(summarize(control).gain));
}

TEST_F(ControlOfASmallModel, IsOfTheSameImagesWhateverTheSeed) {
  options.images = 5;
  options.prototypes = {2};
  const Control control = measure();
  trained.config.seed = 9;
  EXPECT_TRUE(at::equal(measure().effect, control.effect));
}

TEST_F(ControlOfASmallModel, WhatIsKeptOfOtherSettingsIsMeasuredAgainWhichIsSaid) {
  const test::TemporaryFolder folder;
  const auto path = folder / "control.pt";
  options.prototypes = {2};
  const auto said = [&](const std::string& protocol) {
    testing::internal::CaptureStderr();
    load_or_measure_control(path, protocol, {}, [&] { return measure(); });
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(said("first").find("control: "), std::string::npos);
  EXPECT_NE(said("first").find("control: known from " + path.string()), std::string::npos);
  EXPECT_NE(said("second").find(path.string() + ": is of other settings"), std::string::npos);
}

TEST_F(ControlOfASmallModel, IsKeptUnderItsProtocol) {
  const test::TemporaryFolder folder;
  options.prototypes = {5, 0};
  const Control control = measure();
  save_control(folder / "control.pt", control, "first");
  EXPECT_FALSE(load_control(folder / "control.pt", "second").has_value());
  EXPECT_FALSE(load_control(folder / "none.pt", "first").has_value());
  const auto kept = load_control(folder / "control.pt", "first");
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->prototypes, control.prototypes);
  EXPECT_FALSE(kept->lowers);
  EXPECT_TRUE(at::equal(kept->effect, control.effect));
  EXPECT_TRUE(at::equal(kept->inside, control.inside));
  EXPECT_FALSE(kept->appears.defined());
}

TEST_F(ControlOfASmallModel, APrototypeThatTheModelLacksIsRefused) {
  options.prototypes = {6};
  EXPECT_EQ(test::message_of([&] { measure(); }), "prototype 6: the model has 6, numbered from 0 to 5");
}

}  // namespace
}  // namespace patronus
