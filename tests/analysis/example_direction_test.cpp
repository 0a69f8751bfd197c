#include "patronus/analysis/example_direction.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/analysis/encode.h"
#include "patronus/core/pixels.h"
#include "patronus/io/image.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

TEST(ExampleDirection, IsTheDifferenceOfTheMeans) {
  const auto towards = at::tensor({1.0, 5.0, 0.0, 3.0, 7.0, 0.0}).view({2, 3});
  const auto away = at::tensor({1.0, 1.0, 4.0}).view({1, 3});
  EXPECT_TRUE(at::equal(example_direction(towards, away), at::tensor({1.0, 5.0, -4.0})));
}

TEST(ExampleDirection, KeepsThePrototypesThatDifferMostForTheirSpread) {
  // The second differs most, but varies so much that it says little.
  const auto towards = at::tensor({1.0, 90.0, 1.0, 1.1, -70.0, 1.2}).view({2, 3});
  const auto away = at::tensor({0.0, -80.0, 1.1, 0.1, 60.0, 1.2}).view({2, 3});
  const auto kept = example_direction(towards, away, 1);
  EXPECT_TRUE(test::close(kept, at::tensor({1.0, 0.0, 0.0}), 1e-12));
}

TEST(ExampleDirection, KeepsNoPrototypeThatDoesNotVaryForOneThatDiffers) {
  for (const float constant : {0.1f, 1.7f, 3.3f, 5.9f}) {
    const auto rows = [&](int64_t count, double mean) {
      const auto varying = at::linspace(mean - 1, mean + 1, count);
      return at::stack({at::full({count}, constant), varying}, 1);
    };
    const auto kept = example_direction(rows(300, 0.5), rows(700, 0), 1);
    EXPECT_EQ(kept[0].item<double>(), 0) << constant;
    EXPECT_NEAR(kept[1].item<double>(), 0.5, 1e-4) << constant;
  }
}

class ExamplesOfASmallModel : public testing::Test {
 protected:
  at::Tensor direction(const Examples& examples) { return example_direction(trained, faces, examples); }
  at::Tensor mean_where(int64_t column, int64_t value) {
    const auto all = encode_activations(trained.model.encoder, faces);
    return all.index({faces.attributes().values.select(1, column) == value}).mean(0);
  }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTrain);
};

TEST_F(ExamplesOfASmallModel, AreImagesWithAnAttribute) {
  const auto hat = direction({.towards = "hat=1", .away = "hat=0"});
  EXPECT_TRUE(test::close(hat, mean_where(5, 1) - mean_where(5, 0), 1e-5));
}

TEST_F(ExamplesOfASmallModel, MayBeImagesOfALongCondition) {
  std::string condition = "hat=1";
  while (condition.size() < 300) condition += " and hat=1";
  EXPECT_TRUE(at::equal(direction({.towards = condition}), direction({.towards = "hat=1"})));
}

TEST_F(ExamplesOfASmallModel, AreAllRealImagesWhereOneSideIsNotNamed) {
  const auto mean = encode_activations(trained.model.encoder, faces).mean(0);
  EXPECT_TRUE(test::close(direction({.towards = "hat=1"}), mean_where(5, 1) - mean, 1e-5));
}

TEST_F(ExamplesOfASmallModel, AreTheImagesOfAFolder) {
  const test::TemporaryFolder folder;
  trained.config.data.cache = (folder / "cache").string();
  for (int64_t i = 0; i < 3; ++i) {
    write_png(folder / ("face-" + std::to_string(i) + ".png"), to_pixels(faces.slice(i, 1)[0]));
  }
  const auto all = encode_activations(trained.model.encoder, faces);
  const auto ours = direction({.towards = folder.path().string(), .away = "hat=0"});
  EXPECT_TRUE(test::close(ours, all.slice(0, 0, 3).mean(0) - mean_where(5, 0), 1e-4));
}

TEST(Examples, AreSaidInPictures) {
  EXPECT_EQ(examples_text({.towards = "hat=1", .away = "photos"}), "towards hat=1, away from photos");
  EXPECT_EQ(examples_text({.away = "hat=0"}), "away from hat=0");
  const test::TemporaryFolder folder;
  const std::string name = folder.path().filename().string();
  EXPECT_EQ(examples_text({.towards = folder.path().string()}), "towards " + name);
  EXPECT_EQ(examples_text({.towards = folder.path().string() + "/"}), "towards " + name);
  const std::string condition = "hat=1 and " + std::string(5000, ' ') + "smile=1";
  EXPECT_EQ(examples_text({.towards = condition}), "towards " + condition) << "longer than any file's name";
}

TEST_F(ExamplesOfASmallModel, ThatThereAreNotAreRefused) {
  EXPECT_EQ(
      test::message_of([&] { direction({.towards = "nowhere"}); }),
      "example images 'nowhere': no such folder; expected a folder, or a condition such as attribute=value");
  EXPECT_EQ(test::message_of([&] { direction({.towards = "hat"}); }),
            "example images 'hat': no such folder; expected a folder, or a condition such as hat=1");
  EXPECT_EQ(test::message_of([&] { direction({.towards = "smiel"}); }),
            "example images 'smiel': no such folder; expected a folder, or a condition such as smile=1");
  EXPECT_EQ(
      test::message_of([&] { direction({.towards = "hats=1"}); }),
      "'hats=1', character 1: the images have no attribute 'hats'; expected one of blond_hair, "
      "long_hair, eyeglasses, smile, frown, hat, earrings, pale_skin, blue_background; did you mean hat?");
  EXPECT_EQ(test::message_of([&] { direction({.towards = "hat=2"}); }),
            "'hat=2', character 5: '2' is no value of hat; expected 0 or 1");
  EXPECT_EQ(test::message_of([&] { direction({.towards = "hat=yes"}); }),
            "'hat=yes', character 5: 'yes' is no value of hat; expected 0 or 1");
}

}  // namespace
}  // namespace patronus
