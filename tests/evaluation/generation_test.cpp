#include "patronus/evaluation/generation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <limits>

#include "patronus/analysis/disable_prototypes.h"
#include "patronus/analysis/encode.h"
#include "patronus/core/pixels.h"
#include "patronus/core/random.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"
#include "support/three_ranks.h"

namespace patronus {
namespace {

using test::TemporaryFolder;

/// The first pixel's three channels.
ImageFeatures corner() {
  return {.extract = [](const at::Tensor& pixels) { return pixels.select(3, 0).select(2, 0).to(at::kFloat); },
          .dimensions = 3,
          .protocol = "first pixel",
          .is_fid = false};
}

/// Image number n has the value noise(n); counts what it is asked for.
struct NumberedImages {
  int64_t drawn = 0;
  ImageGenerator generator() {
    return {.name = "conditional", .protocol = "numbered", .draw = [this](int64_t first, int64_t count) {
              drawn += count;
              std::vector<at::Tensor> images;
              for (int64_t n = first; n < first + count; ++n) {
                images.push_back(at::rand({3, 1, 1}, make_generator(static_cast<uint64_t>(n))) * 2 - 1);
              }
              return at::stack(images);
            }};
  }
};

ImageSet forty(uint64_t seed = 77) {
  return image_set("test", at::rand({40, 3}, make_generator(seed)) * 255, seed);
}

/// Forty test images, of which a set is compared with any, wherever it comes from.
RealImages anywhere(const ImageSet& images = forty()) {
  return {.kind = ReferenceKind::kElsewhere, .reference = images, .test = images, .train = {}};
}

RealImages of_test(ReferenceKind kind) {
  return {.kind = kind, .reference = forty(), .test = forty(), .train = {}};
}

at::Tensor rows(const at::Tensor& chosen) {
  return forty().features.index_select(0, chosen);
}

class GenerationOnRanks : public test::ThreeRanks {};

TEST(Generation, ComparesSetsOfConsecutiveImages) {
  const TemporaryFolder folder;
  NumberedImages images;
  const auto distances = evaluate_generation(images.generator(), anywhere(), corner(),
                                             {.sets = 2, .set_images = 300}, folder.path());
  ASSERT_EQ(distances.size(), 2u);
  EXPECT_EQ(images.drawn, 600);
  NumberedImages again;
  const auto second = again.generator().draw(300, 300);
  const auto pixels = ((second.clamp(-1, 1) + 1) * 127.5).round().to(at::kByte);
  const SetDistance expected = set_distance(forty(), image_set("second", corner().extract(pixels)), 1);
  EXPECT_NEAR(distances[1].frechet, expected.frechet, 1e-6);
  EXPECT_NE(distances[0].frechet, distances[1].frechet);
}

/// Distances of two sets of 15 from real images.
std::vector<SetDistance> distances_from(const RealImages& real) {
  const TemporaryFolder folder;
  NumberedImages images;
  return evaluate_generation(images.generator(), real, corner(), {.sets = 2, .set_images = 15, .seed = 4},
                             folder.path());
}

/// The distance of set `set` from these of the forty images.
double distance_from_rows(int64_t set, const at::Tensor& chosen) {
  NumberedImages images;
  const auto pixels = to_pixels(images.generator().draw(set * 15, 15));
  return set_distance(image_set("chosen", rows(chosen)), image_set("drawn", corner().extract(pixels)), 0)
      .frechet;
}

TEST(Generation, EverySetIsComparedWithTestImagesThatItDoesNotStartFrom) {
  const auto distances = distances_from(of_test(ReferenceKind::kOtherTestImages));
  for (int64_t set = 0; set < 2; ++set) {
    const auto order = condition_images(set * 40, 40, 40, 40, 40, 4);
    const auto conditions = condition_images(set * 15, 15, 15, 15, 40, 4);
    ASSERT_TRUE(at::equal(order.narrow(0, 0, 15), conditions));
    EXPECT_NEAR(distances[set].frechet, distance_from_rows(set, order.narrow(0, 15, 15)), 1e-6);
  }
}

TEST(Generation, ComparesWithTheVeryConditionsWhereAskedTo) {
  const auto distances = distances_from(of_test(ReferenceKind::kConditions));
  for (int64_t set = 0; set < 2; ++set) {
    EXPECT_NEAR(distances[set].frechet,
                distance_from_rows(set, condition_images(set * 15, 15, 15, 15, 40, 4)), 1e-6);
  }
}

TEST(Generation, CountsTheRealImagesOfASet) {
  const GenerationOptions options{.set_images = 25};
  EXPECT_EQ(real_counts(anywhere(), options).compared, 25);
  EXPECT_EQ(real_counts(anywhere(), {.set_images = 25, .real_images = 0}).compared, 40);
  const ImageSet statistics{"known", {}, forty().statistics};
  const RealImages known{
      .kind = ReferenceKind::kElsewhere, .reference = statistics, .test = forty(), .train = {}};
  EXPECT_EQ(real_counts(known, options).compared, 40) << "nothing to draw from";
  EXPECT_EQ(real_counts(anywhere(), {.set_images = 100}).conditions, 40);
}

TEST(DivideTestImages, GivesBothWhatTheyNeedAndElseHalves) {
  const auto divided = [](int64_t images, int64_t set_images, std::optional<int64_t> real_images = {}) {
    const RealCounts counts =
        divide_test_images(images, {.set_images = set_images, .real_images = real_images});
    return std::pair(counts.conditions, counts.compared);
  };
  EXPECT_EQ(divided(2000, 500), std::pair(500L, 500L));
  EXPECT_EQ(divided(2000, 1000), std::pair(1000L, 1000L));
  EXPECT_EQ(divided(2000, 1001), std::pair(1000L, 1000L));
  EXPECT_EQ(divided(2000, 10000), std::pair(1000L, 1000L));
  EXPECT_EQ(divided(2000, 100, 0), std::pair(100L, 1900L)) << "all that there are besides";
  EXPECT_EQ(divided(2000, 1800, 500), std::pair(1500L, 500L)) << "few to compare with are left";
}

TEST(DefaultReference, IsTheTrainingSplitWhereTheTestSplitIsTooSmallForBoth) {
  EXPECT_EQ(default_reference(2000, 8000, {.set_images = 1000}), Split::kTest);
  EXPECT_EQ(default_reference(10000, 50000, {.set_images = 10000}), Split::kTrain) << "CIFAR-10";
  EXPECT_EQ(default_reference(19962, 162770, {.set_images = 10000}), Split::kTest)
      << "CelebA: 19 fewer of those that nothing was trained on";
  EXPECT_EQ(default_reference(2000, 800, {.set_images = 1500}), Split::kTest) << "which has even fewer";
  EXPECT_EQ(default_reference(2000, 8000, {.set_images = 1500, .real_images = 0}), Split::kTest)
      << "all that there are";
}

TEST(Generation, RealImagesAreComparedWithOthersWhereTheyStandForGeneratedOnes) {
  const GenerationOptions options{.sets = 2, .set_images = 15, .seed = 4};
  for (const auto kind : {ReferenceKind::kOtherTestImages, ReferenceKind::kConditions}) {
    const RealComparison comparison = comparison_of_real(of_test(kind), options);
    EXPECT_EQ(comparison.real.kind, ReferenceKind::kOtherTestImages) << "not with themselves";
    EXPECT_EQ(comparison.options.set_images, 15);
    EXPECT_EQ(comparison.options.real_images, 15);
  }
  const RealComparison elsewhere = comparison_of_real(anywhere(), {.set_images = 60, .real_images = 30});
  EXPECT_EQ(elsewhere.options.set_images, 40) << "no image twice";
  EXPECT_EQ(real_counts(elsewhere.real, elsewhere.options).compared, 30) << "as generated ones";
  const RealComparison halves =
      comparison_of_real(of_test(ReferenceKind::kOtherTestImages), {.set_images = 60});
  EXPECT_EQ(halves.options.set_images, 20);
  EXPECT_EQ(real_counts(halves.real, halves.options).compared, 20);
}

TEST(Generation, CountsWhatIsNearestToTrainingImages) {
  RealImages real = of_test(ReferenceKind::kOtherTestImages);
  real.train = forty(78);
  NumberedImages images;
  auto generator = images.generator();
  const auto training_of = [&](const at::Tensor& pixels) {
    generator.draw = [pixels](int64_t first, int64_t count) {
      return (pixels.narrow(0, first, count) / 127.5 - 1).unsqueeze(2).unsqueeze(3);
    };
    const TemporaryFolder folder;
    const auto distances =
        evaluate_generation(generator, real, corner(), {.sets = 1, .set_images = 20}, folder.path());
    EXPECT_EQ(distances[0].neighbours->vectors, 20);
    return distances[0].neighbours->training;
  };
  EXPECT_EQ(training_of(real.train->features.narrow(0, 0, 20)), 20);
  const auto sources = condition_images(0, 20, 20, 20, 40, 0);
  EXPECT_EQ(training_of(rows(sources)), 0) << "copies of test images";
  generator.sources = [&](int64_t, int64_t) { return sources; };
  EXPECT_GT(training_of(rows(sources)), 0) << "which, as their sources, do not count";
}

TEST(Generation, GoesOnWhereItWasInterrupted) {
  const TemporaryFolder folder;
  NumberedImages images;
  const GenerationOptions one{.sets = 1, .set_images = 50}, three{.sets = 3, .set_images = 50};
  const auto first = evaluate_generation(images.generator(), anywhere(), corner(), one, folder.path());
  const auto all = evaluate_generation(images.generator(), anywhere(), corner(), three, folder.path());
  EXPECT_EQ(images.drawn, 150) << "the first set is known";
  EXPECT_EQ(all[0].frechet, first[0].frechet);
  EXPECT_EQ(all[0].kernel->mean, first[0].kernel->mean);
  EXPECT_EQ(all[0].precision_recall->recall, first[0].precision_recall->recall);
}

TEST(Generation, GoesOnWhereItsProtocolHoldsAPathThatIsNoText) {
  const TemporaryFolder folder;
  NumberedImages images;
  auto generator = images.generator();
  generator.protocol = "weights of caf\xE9.pt";
  const GenerationOptions options{.sets = 1, .set_images = 50};
  evaluate_generation(generator, anywhere(), corner(), options, folder.path());
  evaluate_generation(generator, anywhere(), corner(), options, folder.path());
  EXPECT_EQ(images.drawn, 50);
}

TEST(Generation, ASetWhoseFileIsDamagedIsNamedAndMadeAnew) {
  const TemporaryFolder folder;
  const GenerationOptions options{.sets = 1, .set_images = 50};
  const auto evaluated = [&] {
    NumberedImages images;
    const auto distances =
        evaluate_generation(images.generator(), anywhere(), corner(), options, folder.path());
    EXPECT_EQ(images.drawn, 50);
    return distances[0].frechet;
  };
  const double first = evaluated();
  const auto file = folder / "conditional-0.json";
  const std::string whole = read_file(file);
  std::string renamed = whole;
  renamed.replace(renamed.find("frechet"), 7, "freshet");
  for (const std::string& damaged : {whole.substr(0, 60), std::string("[1]"), renamed, std::string()}) {
    write_file(file, damaged);
    testing::internal::CaptureStderr();
    EXPECT_EQ(evaluated(), first);
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("warning: " + file.string() + ": damaged; it is made anew"), std::string::npos)
        << said;
    EXPECT_EQ(read_file(file), whole);
  }
}

TEST(Generation, SetsOfAnotherProtocolAreMadeAnew) {
  const TemporaryFolder folder;
  NumberedImages images;
  const GenerationOptions options{.sets = 1, .set_images = 50};
  evaluate_generation(images.generator(), anywhere(), corner(), options, folder.path());
  auto other = images.generator();
  other.protocol = "numbered, other weights";
  testing::internal::CaptureStderr();
  evaluate_generation(other, anywhere(), corner(), options, folder.path());
  EXPECT_NE(testing::internal::GetCapturedStderr().find(
                "conditional-0.json was measured with other settings; it is measured anew"),
            std::string::npos);
  EXPECT_EQ(images.drawn, 100);
}

TEST(Generation, SetsAgainstOtherRealImagesAreMadeAnew) {
  const TemporaryFolder folder;
  NumberedImages images;
  GenerationOptions options{.sets = 1, .set_images = 30};
  const auto evaluate = [&](const RealImages& real) {
    evaluate_generation(images.generator(), real, corner(), options, folder.path());
  };
  evaluate(anywhere());
  RealImages others = anywhere(forty(78));
  evaluate(others);
  EXPECT_EQ(images.drawn, 60);
  options.seed = 1;
  evaluate(others);
  EXPECT_EQ(images.drawn, 90) << "another seed chooses others of them";
  others.train = forty(79);
  evaluate(others);
  EXPECT_EQ(images.drawn, 120) << "neighbours were not counted";
  others.kind = ReferenceKind::kConditions;
  evaluate(others);
  EXPECT_EQ(images.drawn, 150);
}

TEST(Generation, SetsAreKnownByTheRealPicturesNotByTheLastBitsOfTheirFeatures) {
  const TemporaryFolder folder;
  NumberedImages images;
  const GenerationOptions options{.sets = 1, .set_images = 30};
  const auto first = evaluate_generation(images.generator(), anywhere(), corner(), options, folder.path());
  const auto next = at::nextafter(forty().features, at::full({}, 1e3f));
  const ImageSet again = image_set("test", next, forty().fingerprint);
  ASSERT_FALSE(at::equal(again.statistics.mean, forty().statistics.mean));
  EXPECT_EQ(
      evaluate_generation(images.generator(), anywhere(again), corner(), options, folder.path())[0].frechet,
      first[0].frechet);
  EXPECT_EQ(images.drawn, 30);
}

TEST_F(GenerationOnRanks, WhatTheFirstOneKnowsIsKnownToAll) {
  if (!is_rank()) return run_as_ranks();
  const TemporaryFolder folder;  // of this rank alone
  NumberedImages images;
  auto generator = images.generator();
  const GenerationOptions one{.sets = 1, .set_images = 30}, two{.sets = 2, .set_images = 30};
  const ProcessGroup ranks = join();
  const bool knows = ranks.is_first();
  const double expected =
      knows ? evaluate_generation(generator, anywhere(), corner(), one, folder.path())[0].frechet : 0;
  generator.ranks = ranks;
  const auto distances = evaluate_generation(generator, anywhere(), corner(), two, folder.path());
  EXPECT_EQ(images.drawn, knows ? 60 : 0) << "of the second set the first rank draws the only batch";
  const auto first = at::full({1}, expected, at::kDouble);
  ranks.sum(first);
  EXPECT_EQ(distances[0].frechet, first.item<double>());
}

TEST(Generation, ImagesThatAreNotFiniteAreRefused) {
  const TemporaryFolder folder;
  const ImageGenerator broken{
      .name = "conditional", .protocol = "broken", .draw = [](int64_t, int64_t count) {
        return at::full({count, 3, 1, 1}, std::numeric_limits<double>::quiet_NaN());
      }};
  EXPECT_EQ(test::message_of([&] {
              evaluate_generation(broken, anywhere(), corner(), {.sets = 1, .set_images = 20}, folder.path());
            }),
            "conditional set 1 of 1: some of images 0 to 19 are not finite");
}

class GeneratorsOfASmallModel : public testing::Test {
 protected:
  GeneratorsOfASmallModel() {
    trained.checkpoint = folder.path() / "checkpoint";
    write_file(trained.checkpoint, "weights");
  }

  TemporaryFolder folder;
  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTest);  // 16
};

TEST_F(GeneratorsOfASmallModel, DrawTheSameImageUnderANumberHoweverManyAreDrawn) {
  const auto generator = conditional_generator(trained, faces, 10, 10);
  const auto all = generator.draw(0, 14), part = generator.draw(8, 4);
  EXPECT_TRUE(test::close(part, all.slice(0, 8, 12), 1e-4));
  EXPECT_FALSE(at::allclose(all[0], all[1], 0, 1e-2));
}

TEST_F(GeneratorsOfASmallModel, ProtocolTellsTheCheckpointAndTheTestImages) {
  const auto before = conditional_generator(trained, faces, 10, 10).protocol;
  write_file(trained.checkpoint, "other weights");
  EXPECT_NE(conditional_generator(trained, faces, 10, 10).protocol, before);
  write_file(trained.checkpoint, "weights");
  trained.config.data.faces.seed = 1;
  const Dataset others = open_dataset(trained.config.data, Split::kTest);
  EXPECT_NE(conditional_generator(trained, others, 10, 10).protocol, before);
}

TEST_F(GeneratorsOfASmallModel, ProtocolTellsTheMeansAtWhichPrototypesAreDisabled) {
  const auto protocol_with = [&](uint64_t seed) {
    TrainedModel without = test::small_model();
    without.checkpoint = trained.checkpoint;
    DataConfig data = trained.config.data;
    data.faces.seed = seed;
    disable_prototypes(without, open_dataset(data, Split::kTrain), {1, 4});
    return conditional_generator(without, faces, 10, 10).protocol;
  };
  EXPECT_EQ(protocol_with(0), protocol_with(0));
  EXPECT_NE(protocol_with(0), protocol_with(1));
}

TEST_F(GeneratorsOfASmallModel, RealOnesAreTheImagesThatConditionalOnesStartFrom) {
  const auto real = real_generator(trained, faces, 5),
             conditional = conditional_generator(trained, faces, 8, 5);
  const auto chosen = real.sources(5, 5);
  EXPECT_TRUE(at::equal(chosen, conditional.sources(8, 5))) << "the second set's";
  EXPECT_TRUE(at::equal(real.draw(5, 5), faces.images(chosen)));
  EXPECT_TRUE(at::equal(conditional.sources(13, 3), chosen.narrow(0, 0, 3)))
      << "again, as there are but five";
}

TEST(ConditionImages, AreAllTestImagesInAnotherOrderForEachSet) {
  const auto indices = condition_images(0, 32, 16, 16, 16, 5);
  const auto first = indices.slice(0, 0, 16), second = indices.slice(0, 16);
  EXPECT_TRUE(at::equal(std::get<0>(first.sort()), at::arange(16)));
  EXPECT_TRUE(at::equal(std::get<0>(second.sort()), at::arange(16)));
  EXPECT_FALSE(at::equal(first, second));
  EXPECT_TRUE(at::equal(condition_images(12, 8, 16, 16, 16, 5), indices.slice(0, 12, 20)))
      << "drawn in parts";
}

TEST(ConditionImages, StartAgainWhereASetIsLargerThanTheSplit) {
  const auto indices = condition_images(0, 10, 10, 4, 4, 5);
  EXPECT_TRUE(at::equal(indices.slice(0, 0, 4), indices.slice(0, 4, 8)));
  EXPECT_TRUE(at::equal(indices.slice(0, 0, 2), indices.slice(0, 8)));
}

}  // namespace
}  // namespace patronus
