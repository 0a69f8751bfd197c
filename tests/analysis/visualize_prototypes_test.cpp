#include "patronus/analysis/visualize_prototypes.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "analysis/prototype_figures.h"
#include "patronus/analysis/encode.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/io/table.h"
#include "patronus/io/tensor_file.h"
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
    const auto largest = all.select(1, options.prototypes[static_cast<size_t>(k)]).max();
    const auto before = raised.candidates.activation.select(1, options.prototypes[static_cast<size_t>(k)]);
    EXPECT_TRUE(test::close(raised.asked[k], at::maximum(largest, before), 1e-6));
  }
}

TEST_F(VisualizePrototypes, OneThatIsHigherAlreadyIsKeptAndItsImageStaysAsItWas) {
  options.range.quantile = 0;  // the smallest activation of all
  const auto kept = visualize_prototypes(trained, faces, faces, options);
  EXPECT_TRUE(test::close(kept.asked, kept.candidates.activation.t(), 1e-6));
  EXPECT_TRUE(test::close(kept.image, kept.candidates.image.expand_as(kept.image), 1e-4));
}

TEST_F(VisualizePrototypes, BoxesAndActivationsAreThoseOfTheEnhancedImages) {
  const auto seen = views();
  for (int64_t k = 0; k < seen.image.size(0); ++k) {
    const Match match = trained.model.encoder->forward(seen.image[k]);
    EXPECT_TRUE(test::close(seen.activation[k], match.activation.detach(), 1e-3));
    const auto boxes = patch_boxes(trained.model.encoder->receptive_field(), match.patch.select(1, k));
    EXPECT_TRUE(at::equal(seen.boxes[k], boxes)) << "prototype " << k;
  }
}

TEST_F(VisualizePrototypes, CandidatesAreRankedByTheActivationReached) {
  const auto ranked = views();
  const auto reached = column_of_own_prototype(ranked.activation, ranked.prototypes);
  EXPECT_TRUE((reached.gather(1, ranked.ranking).diff() <= 0).all().item<bool>());
  EXPECT_TRUE(at::equal(std::get<0>(ranked.ranking.sort()), at::arange(5).expand({6, 5})));
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

TEST_F(VisualizePrototypes, FilesAgreeWithEachOther) {
  const test::TemporaryFolder folder;
  options.prototypes = {3, 0};
  const auto written = views();
  write_prototype_views(folder.path(), trained, written);
  EXPECT_GT(read_image(folder / "prototypes.png", 3).size(2), 300);
  EXPECT_GT(read_image(folder / "prototype-003.png", 3).size(2), 300);

  const Table best = read_csv(folder / "prototypes.csv");
  const Table candidates = read_csv(folder / "candidates.csv");
  const auto index = nlohmann::json::parse(read_file(folder / "index.json"));
  ASSERT_EQ(best.rows.size(), 2u);
  ASSERT_EQ(candidates.rows.size(), 10u);
  EXPECT_EQ(best.rows[0], candidates.rows[0]);
  EXPECT_EQ(best.rows[1], candidates.rows[5]);
  EXPECT_EQ(best.rows[1][best.column("prototype")], "0");
  const auto& json = index["prototypes"][1]["candidates"][0];
  EXPECT_EQ(json["file"], best.rows[1][best.column("file")]);
  EXPECT_EQ(json["box"][2], std::stoi(best.rows[1][best.column("col0")]));
  const int64_t i = written.ranking[1][0].item<int64_t>();
  EXPECT_NEAR(json["after"].get<double>(), written.activation[1][i][0].item<double>(), 1e-6);
  EXPECT_NEAR(json["before"].get<double>(), written.candidates.activation[i][0].item<double>(), 1e-6);

  const Table nearest = read_csv(folder / "nearest.csv");
  ASSERT_EQ(nearest.rows.size(), 4u);
  EXPECT_EQ(nearest.rows[2][nearest.column("file")], faces.file(written.nearest.image[1][0].item<int64_t>()));
  const Dict tensors = read_tensor_file(folder / "visualize-prototypes.pt");
  EXPECT_TRUE(at::equal(tensors.at("image").tensor()[1], written.image[1][i]));
}

TEST_F(VisualizePrototypes, NoNearestPatchesAreDrawnWhereNoneAreAskedFor) {
  options.prototypes = {2};
  const auto with_real = views();
  options.nearest = 0;
  const auto without = views();
  EXPECT_EQ(without.nearest.image.sizes(), (at::IntArrayRef{1, 0}));
  EXPECT_LT(draw_prototype(trained.model.encoder, without, 0).size(1),
            draw_prototype(trained.model.encoder, with_real, 0).size(1));
}

}  // namespace
}  // namespace patronus
