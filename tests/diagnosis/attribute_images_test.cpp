#include "patronus/diagnosis/attribute_images.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/core/unknown.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

Dataset test_faces() {
  return open_dataset(test::small_run().data, Split::kTest);
}

TEST(WithAttributes, TakesATableInPlaceOfTheDataSets) {
  const test::TemporaryFolder folder;
  const Dataset faces = test_faces();
  EXPECT_EQ(with_attributes(faces, "").attributes.names.size(), 9u);
  std::string table = "file,tall,same\n";
  // From the last image to the first: rows are found by name.
  for (int64_t i = faces.size() - 1; i >= 0; --i)
    table += faces.file(i) + "," + std::to_string(i % 3 == 0) + ",1\n";
  write_file(folder / "table.csv", table);
  const AttributeImages images = with_attributes(faces, (folder / "table.csv").string());
  EXPECT_EQ(images.attributes.names, (std::vector<std::string>{"tall"}));
  EXPECT_EQ(images.attributes.left_out, (std::vector<std::string>{"same (1 value)"}));
  EXPECT_TRUE(at::equal(images.values(0, at::tensor({6, 1, 0})), at::tensor({1, 0, 1})));
  EXPECT_EQ(images.images.size(), faces.size());
}

TEST(WithAttributes, NamesATableThatMissesAnImage) {
  const test::TemporaryFolder folder;
  const Dataset faces = test_faces();
  const std::string path = (folder / "table.csv").string();
  write_file(path, "file,tall\n" + faces.file(1) + ",1\n");
  EXPECT_EQ(
      test::message_of([&] { with_attributes(faces, path); }),
      path + ": misses 15 of 16 images, the first is " + faces.file(0) + "; expected a row for every image");
}

TEST(ColumnsOf, ArePlacesInTheOrderAskedFor) {
  EXPECT_EQ(columns_of({"b", "x", "a", "b"}, {"a", "b"}), (std::vector<int64_t>{1, -1, 0, 1}));
}

TEST(SplitHalves, DependOnTheSeedAndAreDrawnFromAllOfTheSample) {
  const SplitHalves first = split_in_halves(400, 100, 1), again = split_in_halves(400, 100, 1),
                    other = split_in_halves(400, 100, 2);
  EXPECT_TRUE(at::equal(first.choose, again.choose) && at::equal(first.report, again.report));
  EXPECT_FALSE(at::equal(first.choose, other.choose));
  for (const auto& half : {first.choose, first.report}) {
    ASSERT_EQ(half.sizes(), at::IntArrayRef{50});
    EXPECT_TRUE((half.diff() > 0).all().item<bool>()) << "ascending, none twice";
    // The mean of fifty of 0 ... 399, of deviation 115, lies within five of its own deviations.
    EXPECT_NEAR(half.to(at::kDouble).mean().item<double>(), 199.5, 5 * 115 / std::sqrt(50.0));
  }
  EXPECT_EQ(std::get<0>(at::_unique(at::cat({first.choose, first.report}))).size(0), 100) << "disjoint";
}

TEST(SplitHalves, OfTooFewImagesSayHowManyAreNeeded) {
  EXPECT_EQ(
      test::message_of([] { split_in_halves(49, 2000, 0); }),
      "49 test images; expected at least 50, of which one half chooses prototypes and the other tests them");
  EXPECT_EQ(split_in_halves(50, 2000, 0).report.size(0), 25);
}

/// Two attributes with these numbers of images: both, the first alone, the second alone, neither.
at::Tensor table_of(int64_t both, int64_t first, int64_t second, int64_t neither) {
  const auto rows = [](int64_t count, int64_t a, int64_t b) {
    return at::tensor({a, b}, at::kLong).expand({count, 2});
  };
  return at::cat({rows(both, 1, 1), rows(first, 1, 0), rows(second, 0, 1), rows(neither, 0, 0)});
}

TEST(AttributeCorrelations, AreThePhiOfAFourfoldTable) {
  const auto phi = attribute_correlations(table_of(7, 2, 3, 11));
  const double expected = (7.0 * 11 - 2 * 3) / std::sqrt(9.0 * 14 * 10 * 13);
  EXPECT_NEAR(phi[0][1].item<double>(), expected, 1e-12);
  EXPECT_EQ(phi[1][0].item<double>(), phi[0][1].item<double>());
  EXPECT_NEAR(attribute_correlations(table_of(0, 4, 9, 0))[0][1].item<double>(), -1, 1e-12);
  EXPECT_NEAR(attribute_correlations(table_of(2, 4, 3, 6))[0][1].item<double>(), 0, 1e-12) << "independent";
}

TEST(AttributeCorrelations, DoNotSeeImagesOfWhichOneIsUnknown) {
  const auto known = table_of(7, 2, 3, 11);
  const auto unknown = at::tensor({kUnknown, int64_t{1}, int64_t{0}, kUnknown}, at::kLong).view({2, 2});
  EXPECT_TRUE(test::close(attribute_correlations(at::cat({unknown, known, unknown})),
                          attribute_correlations(known), 0));
  const auto once = at::cat({known.slice(0, 0, 1), unknown.expand({2, 2})});
  EXPECT_TRUE(std::isnan(attribute_correlations(once)[0][1].item<double>())) << "one image with both";
}

TEST(AttributeCorrelations, ConfoundTwoAttributesWhereTheyAreLargeEitherWay) {
  const auto correlations =
      at::tensor({1., 0.5, -0.7, 0.5, 1., 0.49, -0.7, 0.49, std::nan("")}, at::kDouble).view({3, 3});
  EXPECT_TRUE(are_confounded(correlations, 0, 1));
  EXPECT_TRUE(are_confounded(correlations, 0, 2)) << "one excludes the other";
  EXPECT_FALSE(are_confounded(correlations, 1, 2));
  EXPECT_FALSE(are_confounded(correlations, 2, 2)) << "nobody knows";
}

}  // namespace
}  // namespace patronus
