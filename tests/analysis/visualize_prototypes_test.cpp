#include "patronus/analysis/visualize_prototypes.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/rank_views.h"
#include "patronus/analysis/disable_prototypes.h"
#include "patronus/analysis/draw_prototype_views.h"
#include "patronus/analysis/encode.h"
#include "patronus/analysis/write_prototype_views.h"
#include "patronus/core/random.h"
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

class VisualizePrototypes : public testing::Test {
 protected:
  VisualizePrototypes() {
    options.candidates = 5;
    options.regenerate.inversion.steps = 4;
    options.nearest = 2;
  }

  PrototypeViews views() { return visualize_prototypes(trained, test_faces, faces, options); }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTrain);
  Dataset test_faces = open_dataset(trained.config.data, Split::kTest);
  VisualizePrototypesOptions options;
};

at::Tensor column_of_own_prototype(const at::Tensor& activation, const std::vector<int64_t>& prototypes) {
  std::vector<at::Tensor> columns;
  for (size_t k = 0; k < prototypes.size(); ++k) {
    columns.push_back(activation[static_cast<int64_t>(k)].select(1, prototypes[k]));
  }
  return at::stack(columns);
}

TEST_F(VisualizePrototypes, ResultsDoNotDependOnTheBatchSize) {
  options.regenerate.strength = 3;
  options.regenerate.batch_size = 64;
  const auto whole = views();
  EXPECT_GT((whole.image[0] - whole.image[1]).abs().max().item<double>(), 0.01) << "conditions show";
  options.regenerate.batch_size = 7;
  const auto parts = views();
  EXPECT_TRUE(test::close(parts.image, whole.image, 1e-4));
  EXPECT_TRUE(test::close(parts.activation, whole.activation, 1e-3));
  EXPECT_TRUE(at::equal(parts.boxes, whole.boxes));
  EXPECT_TRUE(at::equal(parts.ranking, whole.ranking));
}

TEST_F(VisualizePrototypes, EachPrototypeIsRaisedToItsLargestActivation) {
  options.prototypes = {4, 1};
  const auto raised = views();
  const auto all = encode_images(trained.model.encoder, faces, 0, faces.size()).activation;
  for (int64_t k = 0; k < 2; ++k) {
    const auto largest = all.select(1, options.prototypes[k]).max();
    const auto before = raised.candidates.activation.select(1, options.prototypes[k]);
    EXPECT_TRUE(test::close(raised.target[k], at::maximum(largest, before), 1e-6));
  }
}

TEST_F(VisualizePrototypes, OneThatIsHigherAlreadyIsKeptAndItsImageStaysAsItWas) {
  options.prototypes = {2};
  const auto rising =
      encode_images(trained.model.encoder, faces, 0, faces.size()).activation.select(1, 2).argsort();
  const Dataset lowest = faces.subset(rising.slice(0, 0, 2)), highest = faces.subset(rising.slice(0, 2));
  const auto kept = visualize_prototypes(trained, highest, lowest, options);
  EXPECT_TRUE(test::close(kept.target[0], kept.candidates.activation.select(1, 2), 1e-6));
  EXPECT_TRUE(test::close(kept.image[0], kept.candidates.image, 1e-4));
}

TEST_F(VisualizePrototypes, BoxesAndActivationsAreThoseOfTheEnhancedImages) {
  const auto seen = views();
  for (int64_t k = 0; k < seen.image.size(0); ++k) {
    const PrototypeMatch match = trained.model.encoder->forward(seen.image[k].clamp(-1, 1));
    EXPECT_TRUE(test::close(seen.activation[k], match.activation.detach(), 1e-3));
    const auto boxes = patch_boxes(trained.model.encoder->receptive_field(), match.patch.select(1, k));
    EXPECT_TRUE(at::equal(seen.boxes[k], boxes)) << "prototype " << k;
  }
}

TEST_F(VisualizePrototypes, CandidatesAreRankedByTheIncrease) {
  const auto ranked = views();
  const auto before = ranked.candidates.activation.t();
  const auto increase = column_of_own_prototype(ranked.activation, ranked.prototypes) - before;
  EXPECT_TRUE((increase.gather(1, ranked.ranking).diff() <= 0).all().item<bool>());
  EXPECT_TRUE(at::equal(std::get<0>(ranked.ranking.sort()), at::arange(5).expand({6, 5})));
  const auto shown = increase.gather(1, ranked.shown.unsqueeze(1)).squeeze(1);
  const auto most = std::get<0>(increase.max(1));
  EXPECT_TRUE((shown >= at::minimum(0.8 * most, most)).all().item<bool>());
}

TEST_F(VisualizePrototypes, RandomCandidatesAreShownAsTheyWereDrawn) {
  options.random = true;
  const auto drawn = views();
  EXPECT_TRUE(at::equal(drawn.ranking, at::arange(5).expand({6, 5})));
  EXPECT_TRUE(at::equal(drawn.shown, at::zeros({6}, at::kLong)));
}

TEST_F(VisualizePrototypes, EffectAndGainAreMediansOverCandidatesThatCanBeRaised) {
  const auto seen = views();
  const auto all = encode_images(trained.model.encoder, faces, 0, faces.size()).activation.to(at::kDouble);
  for (int64_t k = 0; k < 6; ++k) {
    const double deviation = all.select(1, k).std(0, /*unbiased=*/false).item<double>();
    std::vector<double> gains, effects;
    for (int64_t i = 0; i < 5; ++i) {
      const double before = seen.candidates.activation[i][k].item<double>();
      const double target = seen.target[k][i].item<double>() - before;
      const double increase = seen.activation[k][i][k].item<double>() - before;
      if (target < 0.5 * deviation) continue;
      gains.push_back(increase / target);
      effects.push_back(increase / deviation);
    }
    ASSERT_FALSE(gains.empty());
    const auto middle = [](std::vector<double> values) {
      std::sort(values.begin(), values.end());
      return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
    };
    EXPECT_NEAR(seen.gain[k].item<double>(), middle(gains), 1e-4) << "prototype " << k;
    EXPECT_NEAR(seen.effect[k].item<double>(), middle(effects), 1e-4) << "prototype " << k;
  }
}

TEST_F(VisualizePrototypes, ThoseWithTheLargestEffectComeFirstAndThoseWithoutLast) {
  const auto seen = views();
  const auto with_effect = seen.order.size() - static_cast<size_t>(seen.without_effect);
  for (size_t i = 0; i < seen.order.size(); ++i) {
    const int64_t k = seen.order[i];
    const double deviation = seen.deviation[k].item<double>();
    double asked = 0, arrived = 0;
    for (int64_t n = 0; n < seen.target.size(1); ++n) {
      const double before = seen.candidates.activation[n][k].item<double>();
      const double target = seen.target[k][n].item<double>() - before;
      if (target < 0.5 * deviation) continue;
      asked += target;
      arrived += seen.activation[k][n][k].item<double>() - before;
    }
    EXPECT_EQ(arrived >= 0.1 * asked, i < with_effect) << "prototype " << k;
    if (i == 0 || i == with_effect) continue;
    EXPECT_GE(seen.effect[seen.order[i - 1]].item<double>(), seen.effect[seen.order[i]].item<double>());
  }
}

TEST(RankViews, AskWhatArrivesOfAllThatIsAskedTogether) {
  PrototypeViews views;
  views.prototypes = {0, 1, 2};
  views.deviation = at::ones({3}, at::kDouble);
  views.candidates.activation = at::zeros({4, 3});
  // The first hardly acts but in the image that lacks it most, the second in all others, and the last one can
  // be raised in none.
  views.target =
      at::tensor({1.0F, 1.0F, 1.0F, 9.0F, 1.0F, 1.0F, 1.0F, 9.0F, 0.4F, 0.4F, 0.4F, 0.4F}).view({3, 4});
  views.activation = at::zeros({3, 4, 3});
  views.activation[0].select(1, 0).copy_(at::tensor({0.08F, 0.08F, 0.08F, 4.0F}));
  views.activation[1].select(1, 1).copy_(at::tensor({0.5F, 0.5F, 0.5F, -1.0F}));
  views.activation[2].select(1, 2).fill_(9);
  testing::internal::CaptureStderr();
  rank_views(views);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("asked in 4 of 12 edits"), std::string::npos) << said;
  EXPECT_EQ(views.order, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(views.without_effect, 2);
  EXPECT_EQ(effect_text(views, 0), "+0.1 sd, median gain 0.08");
  EXPECT_EQ(effect_text(views, 1), "hardly any effect, 0.04 of what is asked arrives");
  EXPECT_EQ(effect_text(views, 2), "cannot be raised");
}

TEST(PatchConsistency, IsOneForEqualPatchesAndNoneForAnyTwo) {
  const auto others = at::randn({64, 3, 8, 8}, make_generator(1));
  EXPECT_EQ(patch_consistency(at::ones({5, 3, 8, 8}), others), 1);
  EXPECT_TRUE(std::isnan(patch_consistency(at::ones({1, 3, 8, 8}), others))) << "one is like nothing";
  EXPECT_NEAR(patch_consistency(at::randn({64, 3, 8, 8}, make_generator(2)), others), 0, 0.05);
  const auto alike = at::ones({64, 3, 8, 8}) + 0.1 * at::randn({64, 3, 8, 8}, make_generator(3));
  // Squared distances: 2 x 0.01 within, 1 + 1 + 0.01 to the others.
  EXPECT_NEAR(patch_consistency(alike, others), 1 - 0.02 / 2.01, 0.002);
}

TEST_F(VisualizePrototypes, ConsistencyDoesNotDependOnWhichPrototypesAreShown) {
  const auto all = views();
  EXPECT_TRUE(all.consistency.isfinite().all().item<bool>());
  options.prototypes = {4};
  EXPECT_NEAR(views().consistency[0].item<double>(), all.consistency[4].item<double>(), 1e-3);
}

TEST_F(VisualizePrototypes, CandidatesAreDrawnBySeedAndAllAreTakenWhereThereAreTooFew) {
  const auto first = views().candidates.files;
  EXPECT_EQ(views().candidates.files, first);
  trained.config.seed = 1;
  EXPECT_NE(views().candidates.files, first);
  options.candidates = 99;
  EXPECT_EQ(views().candidates.files.size(), 16u);
}

TEST_F(VisualizePrototypes, ThePapersPatchesMoveTheBoxes) {
  const auto exact = views();
  options.patch = PatchRule::kPaper;
  const auto paper = views();
  EXPECT_TRUE(at::equal(exact.ranking, paper.ranking));
  const auto sides = paper.boxes.select(2, 1) - paper.boxes.select(2, 0);
  EXPECT_TRUE((sides == 14).all().item<bool>()) << "of a receptive field of 15 pixels";
  EXPECT_GT((exact.boxes.select(2, 1) - exact.boxes.select(2, 0)).max().item<int64_t>(), 14);
  EXPECT_FALSE(at::equal(exact.nearest.boxes, paper.nearest.boxes));
}

TEST_F(VisualizePrototypes, APrototypeThatTheModelLacksIsRefused) {
  options.prototypes = {2, 6};
  EXPECT_EQ(test::message_of([&] { views(); }), "prototype 6: the model has 6, numbered from 0 to 5");
  options.prototypes = {-1};
  EXPECT_EQ(test::message_of([&] { views(); }), "prototype -1: the model has 6, numbered from 0 to 5");
}

TEST_F(VisualizePrototypes, APrototypeThatIsDisabledIsRefusedAndHasNoEffectAmongAll) {
  disable_prototypes(trained, faces, {4});
  options.prototypes = {2, 4};
  EXPECT_EQ(test::message_of([&] { views(); }),
            "prototype 4 is disabled: it stays at its mean, whatever is asked");
  options.prototypes = {};
  EXPECT_TRUE(std::isnan(views().effect[4].item<double>()));
}

TEST_F(VisualizePrototypes, FilesAgreeWithEachOther) {
  const test::TemporaryFolder folder;
  options.prototypes = {3, 0};
  const auto written = views();
  write_prototype_views(folder.path(), trained, written);
  EXPECT_GT(read_image(folder / "prototypes.png").size(2), 300);
  EXPECT_GT(read_image(folder / "prototype-003.png").size(2), 300);

  const Table best = read_csv(folder / "prototypes.csv");
  const Table candidates = read_csv(folder / "candidates.csv");
  const auto index = nlohmann::json::parse(read_file(folder / "index.json"));
  ASSERT_EQ(best.rows.size(), 2u);
  ASSERT_EQ(candidates.rows.size(), 10u);
  const int64_t k = written.order[1], i = written.shown[k].item<int64_t>();
  const int64_t prototype = written.prototypes[k];
  const auto cell = [&](const char* column) { return best.rows[1][best.column(column)]; };
  EXPECT_EQ(cell("prototype"), std::to_string(prototype));
  const auto rank = static_cast<size_t>((written.ranking[k] == i).nonzero()[0][0].item<int64_t>());
  EXPECT_EQ(cell("file"), candidates.rows[5 + rank][candidates.column("file")]);
  const auto& json = index["prototypes"][1]["candidates"][rank];
  EXPECT_EQ(json["file"], cell("file"));
  EXPECT_EQ(json["box"][2], std::stoi(cell("col0")));
  EXPECT_NEAR(json["after"].get<double>(), written.activation[k][i][prototype].item<double>(), 1e-6);
  EXPECT_NEAR(json["before"].get<double>(), written.candidates.activation[i][prototype].item<double>(), 1e-6);
  EXPECT_NEAR(std::stod(cell("gain")), written.gain[k].item<double>(), 1e-5);

  const Table nearest = read_csv(folder / "nearest.csv");
  ASSERT_EQ(nearest.rows.size(), 4u);
  EXPECT_EQ(nearest.rows[2][nearest.column("file")], faces.file(written.nearest.image[k][0].item<int64_t>()));
  const Dict tensors = read_tensor_file(folder / "visualize-prototypes.pt");
  EXPECT_TRUE(at::equal(tensors.at("image").tensor()[k], written.image[k][i]));
  EXPECT_TRUE(at::equal(tensors.at("regenerated").tensor(), written.candidates.image));
  EXPECT_EQ(tensors.at("nearest").tensor().sizes(), written.nearest_images.sizes());
}

TEST_F(VisualizePrototypes, NoNearestPatchesAreDrawnWhereNoneAreAskedFor) {
  options.prototypes = {2};
  const auto with_real = views();
  options.nearest = 0;
  const auto without = views();
  EXPECT_EQ(without.nearest.image.sizes(), (at::IntArrayRef{1, 0}));
  EXPECT_LT(draw_prototype(trained, without, 0).height(), draw_prototype(trained, with_real, 0).height());
}

}  // namespace
}  // namespace patronus
