#include "patronus/analysis/explain.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "patronus/analysis/disable_prototypes.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/core/random.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/image.h"
#include "patronus/io/table.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class Explain : public testing::Test {
 protected:
  Explain() {
    options.regenerate.inversion.steps = 4;
    // Standardises activations as a trained model does; else a condition changes pixels by little more than
    // their rounding.
    const c10::NoGradGuard no_grad;
    for (auto& [name, tensor] : trained.model.state())
      if (name.ends_with("cond_norm.running_var")) tensor.fill_(1e-4);
  }

  Explanations made() { return explain(trained, faces, at::tensor({3, 1, 6}, at::kLong), real, options); }
  /// Images of `i` under activations [R, P].
  at::Tensor regenerated(const Explanations& all, int64_t i, const at::Tensor& edited) {
    const auto x_T = all.original.x_T.slice(0, i, i + 1), s = all.original.activation.slice(0, i, i + 1);
    const auto all_rows = [&](const at::Tensor& row) { return row.repeat_interleave(edited.size(0), 0); };
    return regenerate(trained, {all_rows(x_T), all_rows(s), edited}, options.regenerate).image;
  }
  /// Activations [P] of image `i` with that of prototype `k` typical.
  static at::Tensor replaced(const Explanations& all, int64_t i, int64_t k) {
    auto edited = all.original.activation[i].clone();
    edited[k] = all.typical[k];
    return edited;
  }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTest);
  Dataset real = open_dataset(trained.config.data, Split::kTrain);
  ExplainOptions options{.strongest = 2, .nearest = 2, .subset = 9};
};

TEST_F(Explain, AChangeIsThatOfTheImageWithOneActivationAtItsMedian) {
  options.prototypes = {4, 1, 2};
  const auto all = made();
  const auto known = real_activations(trained, real, {.images = 9}).activation;
  EXPECT_TRUE(at::equal(all.typical, std::get<0>(known.median(0)))) << "of an odd number of images";
  int64_t visible = 0;
  for (int64_t i = 0; i < 3; ++i) {
    std::vector<at::Tensor> edited;
    for (const int64_t k : options.prototypes) edited.push_back(replaced(all, i, k));
    const auto change = (regenerated(all, i, at::stack(edited)) - all.original.image[i]).to(at::kDouble);
    for (int64_t column = 0; column < 3; ++column) {
      const auto squared = change[column].square();
      EXPECT_NEAR(all.change[i][column].item<double>(), squared.mean().sqrt().item<double>(), 1e-9);
      const Box box = to_box(all.boxes[i][column]);
      const auto inside = crop(squared, box).sum() / squared.sum();
      const auto found = all.inside[i][column].item<double>();
      const bool is_visible = squared.mean().sqrt().item<double>() >= 1.0 / 255;
      EXPECT_TRUE(is_visible ? std::abs(found - inside.item<double>()) < 1e-6 : std::isnan(found));
      visible += is_visible;
      EXPECT_NEAR(all.area[i][column].item<double>(),
                  static_cast<double>((box.row1 - box.row0) * (box.col1 - box.col0)) / (32 * 32), 1e-9);
    }
  }
  EXPECT_GT(visible, 0);
}

TEST_F(Explain, TheStrongestAreThoseThatChangeMost) {
  const auto all = made();
  EXPECT_EQ(all.prototypes.size(), 6u);
  for (int64_t i = 0; i < 3; ++i) {
    const auto [change, column] = all.change[i].topk(2);
    EXPECT_TRUE(at::equal(all.strongest[i], column));
    for (int64_t rank = 0; rank < 2; ++rank) {
      const int64_t k = all.prototypes[column[rank].item<int64_t>()];
      EXPECT_TRUE(
          test::close(all.replaced[i][rank], regenerated(all, i, replaced(all, i, k).unsqueeze(0))[0], 1e-4));
    }
  }
}

TEST_F(Explain, WhatTheStrongestExplainIsTheDifferenceFromTheTypicalImageThatTheyTakeAway) {
  const auto all = made();
  for (int64_t i = 0; i < 3; ++i) {
    auto kept = all.typical.clone();
    for (int64_t rank = 0; rank < 2; ++rank) {
      const auto k = all.strongest[i][rank].item<int64_t>();
      kept[k] = all.original.activation[i][k];
    }
    const auto images = regenerated(all, i, at::stack({kept, all.typical}));
    EXPECT_TRUE(test::close(all.kept[i], images[0], 1e-4));
    EXPECT_TRUE(test::close(all.typified[i], images[1], 1e-4));
    const auto distance = [&](const at::Tensor& image) {
      return (image - all.original.image[i]).square().sum().item<double>();
    };
    EXPECT_NEAR(all.explained[i].item<double>(), 1 - distance(images[0]) / distance(images[1]), 1e-3);
  }
}

TEST_F(Explain, AllPrototypesTogetherExplainEverything) {
  options.strongest = 100;
  const auto all = made();
  EXPECT_EQ(all.strongest.sizes(), (at::IntArrayRef{3, 6}));
  EXPECT_TRUE(test::close(all.kept, all.original.image, 1e-4));
  EXPECT_TRUE(test::close(all.explained, at::ones({3}, at::kDouble), 1e-4));
  EXPECT_TRUE(all.explained_at_random.isnan().all().item<bool>()) << "there are no others to draw";
}

TEST_F(Explain, StandingIsAmongRealImages) {
  const auto all = made();
  const auto known = real_activations(trained, real, {.images = 9});
  const auto own = all.original.activation;
  for (int64_t k = 0; k < 6; ++k) {
    const auto above = (known.activation.select(1, k) < own[1][k]).sum().item<int64_t>();
    EXPECT_NEAR(all.percentile[1][k].item<double>(), static_cast<double>(above) / 9, 1e-9);
    const double apart = own[1][k].item<double>() - all.typical[k].item<double>();
    EXPECT_NEAR(all.deviations[1][k].item<double>(), apart / known.deviation[k].item<double>(), 1e-5);
  }
}

TEST_F(Explain, AnImageOfTheSubsetIsEqualToItself) {
  const auto subset = draw_indices(real.size(), 9, trained.config.seed_for("subset"));
  const auto all = explain(trained, real, subset.slice(0, 0, 1), real, options);
  const auto known = real_activations(trained, real, {.images = 9}).activation;
  for (int64_t k = 0; k < 6; ++k) {
    const auto below = (known.select(1, k) < known[0][k]).sum().item<double>();
    EXPECT_NEAR(all.percentile[0][k].item<double>(), (below + 0.5) / 9, 1e-9);
  }
}

TEST_F(Explain, AmongImagesThatAreAllAlikeThereIsNothingToExplain) {
  options.subset = 1;
  const auto one = draw_indices(real.size(), 1, trained.config.seed_for("subset"));
  const auto all = explain(trained, real, one, real, options);
  EXPECT_TRUE(all.percentile.isnan().all().item<bool>());
  EXPECT_EQ(all.varying.size(0), 0);
  EXPECT_LT(all.change.max().item<double>(), 1e-4);
  EXPECT_TRUE(all.inside.isnan().all().item<bool>());
  EXPECT_TRUE(all.explained.isnan().all().item<bool>());
}

TEST_F(Explain, RandomPrototypesAreDrawnFromAllThatVaryForEachImage) {
  options.prototypes = {4, 1};
  const auto all = made();
  EXPECT_EQ(all.strongest.size(1), 2);
  EXPECT_FALSE(test::close(all.explained_at_random, all.explained, 1e-3)) << "not from the two alone";
  EXPECT_TRUE(all.explained_at_random.isfinite().all().item<bool>());
}

TEST_F(Explain, ResultsDoNotDependOnTheBatchSize) {
  const auto whole = made();
  options.regenerate.batch_size = 2;
  const auto parts = made();
  EXPECT_TRUE(test::close(parts.change, whole.change, 1e-5));
  EXPECT_TRUE(test::close(parts.kept, whole.kept, 1e-4));
}

TEST_F(Explain, ADisabledPrototypeExplainsNothing) {
  disable_prototypes(trained, real, {4});
  EXPECT_TRUE((made().change.select(1, 4) < 1e-4).all().item<bool>());
  options.prototypes = {4};
  EXPECT_EQ(test::message_of([&] { made(); }),
            "prototype 4 is disabled: it stays at its mean, whatever is asked");
}

TEST_F(Explain, FilesAgreeWithEachOther) {
  const test::TemporaryFolder folder;
  const auto all = made();
  write_explanations(folder.path(), trained, all);
  const Table effects = read_csv(folder / "prototypes.csv");
  ASSERT_EQ(effects.rows.size(), 3u * 6u);
  const auto column = all.strongest[1][0].item<int64_t>();
  const auto& first = effects.rows[6];
  EXPECT_EQ(first[effects.column("file")], faces.file(1));
  EXPECT_EQ(first[effects.column("prototype")], std::to_string(column));
  EXPECT_NEAR(std::stod(first[effects.column("change")]), all.change[1][column].item<double>(), 1e-6);
  EXPECT_EQ(first[effects.column("col1")], std::to_string(all.boxes[1][column][3].item<int64_t>()));
  const Table images = read_csv(folder / "images.csv");
  EXPECT_EQ(images.rows[1][images.column("picture")], "00001.png");
  EXPECT_EQ(images.rows[1][images.column("strongest")],
            std::to_string(column) + " " + std::to_string(all.strongest[1][1].item<int64_t>()));
  EXPECT_EQ(read_csv(folder / "nearest.csv").rows.size(), all.shown.size() * 3) << "one more than drawn";
  const Dict tensors = read_tensor_file(folder / "explain.pt");
  EXPECT_TRUE(at::equal(tensors.at("kept").tensor(), all.kept));
  EXPECT_TRUE(at::equal(tensors.at("strongest").tensor(), all.strongest));
  const auto one = read_image(folder / "images/00002.png"), together = read_image(folder / "explain.png");
  EXPECT_GT(one.size(1), 2 * 96) << "two prototypes below the image";
  EXPECT_GT(together.size(1) * together.size(2), 2 * one.size(1) * one.size(2));
}

TEST_F(Explain, NoRealPatchesAreDrawnWhereNoneAreAskedFor) {
  const auto with_real = made();
  options.nearest = 0;
  const auto without = made();
  EXPECT_LT(draw_explanation(without, 0, trained.names).width(),
            draw_explanation(with_real, 0, trained.names).width());
  const test::TemporaryFolder folder;
  write_explanations(folder.path(), trained, without);
  EXPECT_FALSE(std::filesystem::exists(folder / "nearest.csv"));
}

TEST_F(Explain, AnImageIsNotDrawnBesideItselfWhateverItIsCalled) {
  const Dataset two = real.subset(at::tensor({3, 1}, at::kLong));
  auto all = explain(trained, two, at::arange(1), two, options);
  const int64_t beside_the_other = draw_explanation(all, 0, {}).width();
  const std::string name = std::exchange(all.original.files[0], "elsewhere-0");
  EXPECT_EQ(draw_explanation(all, 0, {}).width(), beside_the_other);
  all.original.files[0] = name;
  all.original.original = -all.original.original;
  EXPECT_GT(draw_explanation(all, 0, {}).width(), beside_the_other) << "another one of the same name";
}

}  // namespace
}  // namespace patronus
