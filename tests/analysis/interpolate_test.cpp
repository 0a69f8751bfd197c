#include "patronus/analysis/interpolate.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <set>

#include "patronus/core/random.h"
#include "patronus/diffusion/slerp.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/table.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class Interpolate : public testing::Test {
 protected:
  Interpolate() { options.regenerate.inversion.steps = 5; }
  Interpolations made() { return interpolate(trained, faces, {{3, 8}, {5, 1}}, options); }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTest);
  InterpolateOptions options{.frames = 5};
};

TEST_F(Interpolate, LeadsFromTheRoundTripOfOneImageToThatOfTheOther) {
  const auto all = made();
  EXPECT_EQ(all.from.files, (std::vector<std::string>{faces.file(3), faces.file(5)}));
  EXPECT_EQ(all.to.files, (std::vector<std::string>{faces.file(8), faces.file(1)}));
  EXPECT_EQ(all.weights, (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
  EXPECT_TRUE(test::close(all.image.select(1, 0), all.from.image, 1e-5));
  EXPECT_TRUE(test::close(all.image.select(1, 4), all.to.image, 1e-5));
}

TEST_F(Interpolate, FramesComeFromLerpOfActivationsAndSlerpOfNoise) {
  const auto all = made();
  const auto target = at::lerp(all.from.activation, all.to.activation, 0.25);
  EXPECT_TRUE(test::close(all.target.select(1, 1), target, 1e-6));
  const auto x_T = slerp(all.from.x_T, all.to.x_T, 0.25);
  const auto alone = regenerate(trained, {x_T, target, target}, options.regenerate);
  EXPECT_TRUE(test::close(all.image.select(1, 1), alone.image, 1e-4));
  EXPECT_TRUE(test::close(all.activation.select(1, 1), alone.activation, 1e-3));
}

TEST_F(Interpolate, ResultsDoNotDependOnTheBatchSize) {
  const auto whole = made();
  options.regenerate.batch_size = 3;
  EXPECT_TRUE(test::close(made().image, whole.image, 1e-4));
}

TEST_F(Interpolate, FilesAgreeWithEachOther) {
  const test::TemporaryFolder folder;
  const auto all = made();
  write_interpolations(folder.path(), trained, all);
  const Table table = read_csv(folder / "interpolate.csv");
  ASSERT_EQ(table.rows.size(), 2u * 5u);
  EXPECT_EQ(table.rows[6][table.column("to")], faces.file(1));
  const double miss = (all.activation[1][1] - all.target[1][1]).abs().mean().item<double>();
  EXPECT_NEAR(std::stod(table.rows[6][table.column("activation_miss")]), miss, 1e-6);
  EXPECT_TRUE(at::equal(read_tensor_file(folder / "interpolate.pt").at("image").tensor(), all.image));
  EXPECT_TRUE(std::filesystem::exists(folder / "interpolate.png"));
  EXPECT_TRUE(std::filesystem::exists(folder / "index.json"));
}

TEST_F(Interpolate, PairsAreDrawnOfDifferentImages) {
  const auto pairs = draw_pairs(faces, 40, 1), longer = draw_pairs(faces, 41, 1);
  ASSERT_EQ(pairs.size(), 40u);
  for (size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_NE(pairs[i].from, pairs[i].to);
    EXPECT_EQ(pairs[i].from, longer[i].from) << "more pairs leave the first ones as they are";
  }
}

TEST_F(Interpolate, NoPairIsDrawnTwiceAndAllAreWhereMoreAreAskedFor) {
  const auto expect_all = [](const Dataset& images, const PairRule& rule, size_t all) {
    testing::internal::CaptureStderr();
    const auto pairs = draw_pairs(images, 20, 1, rule);
    const std::string said = testing::internal::GetCapturedStderr();
    std::set<std::pair<int64_t, int64_t>> different;
    for (const auto& [from, to] : pairs) different.insert(std::minmax(from, to));
    EXPECT_EQ(pairs.size(), all);
    EXPECT_EQ(different.size(), all);
    EXPECT_NE(said.find("only " + std::to_string(all) + " of 20 pairs are there"), std::string::npos) << said;
  };
  expect_all(faces.subset(at::arange(2)), {}, 1);
  expect_all(faces.subset(at::arange(6)), {}, 15);
  const auto hat = faces.attributes().columns({"hat"}).values.select(1, 0);
  const auto some = [&](int64_t value, int64_t count) {
    return (hat == value).nonzero().squeeze(1).slice(0, 0, count);
  };
  const Dataset two_hats = faces.subset(at::cat({some(1, 2), some(0, 3)}));
  expect_all(two_hats, {"hat", true}, 1 + 3);
  expect_all(two_hats, {"hat", false}, 2 * 3);
}

TEST_F(Interpolate, AnyPairIsDrawnWhereNoAttributeIsNamed) {
  const auto pairs = draw_pairs(faces, 5, 1, {"", /*same=*/false}), usual = draw_pairs(faces, 5, 1);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(pairs[i].from, usual[i].from);
    EXPECT_EQ(pairs[i].to, usual[i].to);
  }
  EXPECT_EQ(test::message_of([&] { draw_pairs(faces.subset(at::tensor({3}, at::kLong)), 1, 1); }),
            "interpolation needs two images, there is one");
}

TEST_F(Interpolate, PairsAreDrawnWithTheSameOrWithDifferentValues) {
  const auto hat = faces.attributes().columns({"hat"}).values.select(1, 0);
  for (const auto& [from, to] : draw_pairs(faces, 20, 1, {"hat", true})) {
    EXPECT_NE(from, to);
    EXPECT_TRUE(hat[from].equal(hat[to]));
  }
  std::set<int64_t> firsts;
  for (const auto& [from, to] : draw_pairs(faces, 20, 1, {"hat", false})) {
    EXPECT_FALSE(hat[from].equal(hat[to]));
    firsts.insert(hat[from].item<int64_t>());
  }
  EXPECT_EQ(firsts.size(), 2u) << "in both directions";
  const Dataset hats = faces.subset((hat == 1).nonzero().squeeze(1));
  EXPECT_EQ(test::message_of([&] {
              draw_pairs(hats, 1, 1, {"hat", false});
            }),
            "no two of " + std::to_string(hats.size()) + " images are known to have different values of hat");
  EXPECT_TRUE(test::message_of([&] {
                draw_pairs(faces, 1, 1, {"hut", true});
              }).starts_with("there is no attribute 'hut'"));
}

TEST_F(Interpolate, APairIsTheFirstOfAllOrderedPairsThatFits) {
  const auto label = faces.attributes().columns({"hat"}).values.select(1, 0);
  for (const bool same : {true, false}) {
    for (uint64_t seed = 1; seed < 20; ++seed) {
      const auto order = at::randperm(faces.size(), make_generator(derive_seed(seed, "pair", 0)),
                                      at::TensorOptions(at::kLong));
      const auto fits = [&](int64_t i, int64_t j) { return label[order[i]].equal(label[order[j]]) == same; };
      int64_t i = 0, j = 1;
      while (!fits(i, j)) {
        if (++j == faces.size()) j = ++i + 1;
      }
      const ImagePair pair = draw_pairs(faces, 1, seed, {"hat", same}).front();
      EXPECT_EQ(pair.from, order[i].item<int64_t>());
      EXPECT_EQ(pair.to, order[j].item<int64_t>());
    }
  }
}

TEST_F(Interpolate, ThatThereIsNoPairIsFoundAmongTooManyImagesToTryAllPairs) {
  const Dataset alike = faces.subset(at::zeros({3'000'000}, at::kLong));
  EXPECT_EQ(test::message_of([&] {
              draw_pairs(alike, 1, 1, {"hat", false});
            }),
            "no two of 3000000 images are known to have different values of hat");
}

}  // namespace
}  // namespace patronus
