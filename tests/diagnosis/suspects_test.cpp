#include "patronus/diagnosis/suspects.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "patronus/analysis/encode.h"
#include "patronus/core/random.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/correlation.h"
#include "support/parity.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class SuspectsOfASmallModel : public testing::Test {
 protected:
  SuspectsOfASmallModel() {
    encoded.images = {faces, binary_attributes(faces.attributes())};
    encoded.halves = {at::arange(0, 32), at::arange(32, 64)};
    encoded.activations.trained = encode_activations(trained.model.encoder, faces);
    for (const auto& name : encoded.images.attributes.names) encoded.attributes.push_back({.name = name});
    options.regenerate.inversion.steps = 3;
  }

  std::optional<Suspects> enhance(const TiedAttributes& tied) {
    return enhance_suspects(trained, encoded, options, tied);
  }
  /// Of every prototype for attribute `a`, over the images at `rows`.
  at::Tensor aurocs(int64_t a, const at::Tensor& rows) const {
    return auroc_of_columns(encoded.activations.trained.index_select(0, rows),
                            encoded.images.values(a, rows).unsqueeze(1))[0];
  }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTrain);
  EncodedImages encoded;
  ExperimentOptions options;
};

TEST_F(SuspectsOfASmallModel, AreThePrototypesThatTellBothAttributesAndTheirAbsence) {
  const auto s = enhance({.source = 0, .target = 3});
  ASSERT_TRUE(s.has_value());
  const auto target = aurocs(3, encoded.halves.choose);
  EXPECT_EQ(s->suspects[0].prototype, target.argmax().item<int64_t>());
  const auto told = [&](size_t suspect, const std::string& what) {
    const auto& all = s->suspects[suspect].tells;
    const auto found = std::ranges::find(all, what, &Told::what);
    return found == all.end() ? std::nan("") : found->auroc;
  };
  const auto of_first = aurocs(3, encoded.halves.report)[s->suspects[0].prototype];
  EXPECT_NEAR(told(0, encoded.attributes[3].name), of_first.item<double>(), 1e-12);
  EXPECT_NEAR(s->suspects[0].spearman, 1, 1e-12) << "with itself";
  EXPECT_EQ(s->suspects[1].prototype, target.argmin().item<int64_t>());
  const auto of_second = aurocs(3, encoded.halves.report)[s->suspects[1].prototype];
  EXPECT_NEAR(told(1, "not " + encoded.attributes[3].name), 1 - of_second.item<double>(), 1e-12);
  const auto ranks = spearman(encoded.activations.trained.slice(0, 32));
  EXPECT_NEAR(s->suspects[1].spearman,
              ranks[s->suspects[0].prototype][s->suspects[1].prototype].item<double>(), 1e-12);
}

TEST_F(SuspectsOfASmallModel, ImagesHaveBothAttributesOrNeitherAndOpposedOnesOneOfThem) {
  const auto together = enhance({.source = 0, .target = 3});
  const std::string a = encoded.attributes[0].name, b = encoded.attributes[3].name;
  for (const auto& row : together->rows)
    EXPECT_TRUE(row == "no " + a + ", no " + b || row == a + ", " + b) << row;
  const auto opposed = enhance({.source = 0, .target = 3, .opposed = true});
  for (const auto& row : opposed->rows)
    EXPECT_TRUE(row == "no " + a + ", " + b || row == a + ", no " + b) << row;
  EXPECT_EQ(together->enhanced.size(0), std::ssize(together->suspects));
  EXPECT_EQ(together->enhanced.size(1), std::ssize(together->rows));
  EXPECT_FALSE(test::close(together->enhanced[0], together->regenerated, 1e-4)) << "something is raised";
}

TEST_F(SuspectsOfASmallModel, AlternateInAnAttributeThatIsAskedFor) {
  const auto s = enhance({.source = 0, .target = 3, .balance = 5});
  const std::string by = ", no " + encoded.attributes[5].name;
  const auto without = std::count_if(s->rows.begin(), s->rows.end(),
                                     [&](const std::string& row) { return row.ends_with(by); });
  EXPECT_EQ(s->rows.size(), 8u);
  EXPECT_EQ(without, 4);
  for (size_t r = 0; r < s->rows.size(); ++r) EXPECT_EQ(s->rows[r].ends_with(by), r % 2 == 1) << r;
}

TEST_F(SuspectsOfASmallModel, AreEnhancedToTheirPlausibleMaximumInFourImagesOfEitherGroup) {
  options.range.quantile = 0.9;
  options.regenerate.strength = 2;
  const auto s = enhance({.source = 0, .target = 3});
  const auto& rows = encoded.halves.report;
  const auto source = encoded.images.values(0, rows), target = encoded.images.values(3, rows);
  std::vector<at::Tensor> expected;
  for (const int64_t value : {0, 1}) {
    const auto group = ((source == value) & (target == value)).nonzero().squeeze(1);
    expected.push_back(rows.index_select(0, group.slice(0, 0, 4)));
  }
  const auto images = invert_images(trained, faces, at::cat(expected), options.regenerate);
  EXPECT_TRUE(at::equal(s->original, images.original));
  EXPECT_TRUE(test::close(s->regenerated, images.image, 1e-5));
  const auto choose = encoded.activations.trained.slice(0, 0, 32).to(at::kDouble);
  for (size_t i = 0; i < s->suspects.size(); ++i) {
    const int64_t k = s->suspects[i].prototype;
    const double maximum = at::quantile(choose.select(1, k), 0.9).item<double>();
    auto edited = images.activation.clone();
    edited.select(1, k).clamp_min_(maximum);
    const auto raised = regenerate(trained, {images.x_T, images.activation, edited}, options.regenerate);
    EXPECT_TRUE(test::close(s->enhanced[static_cast<int64_t>(i)], raised.image, 1e-4)) << k;
    const auto field = trained.model.encoder->receptive_field();
    EXPECT_TRUE(at::equal(s->boxes[static_cast<int64_t>(i)], patch_boxes(field, raised.patch.select(1, k))));
  }
}

TEST_F(SuspectsOfASmallModel, ArePrototypesThatDifferEachTheBestWhereItWasChosen) {
  const auto s = enhance({.source = 1, .target = 5});
  std::set<int64_t> prototypes;
  for (const auto& suspect : s->suspects) {
    prototypes.insert(suspect.prototype);
    bool is_best = false;
    for (const auto& [what, auroc] : suspect.tells) {
      const bool absence = what.starts_with("not ");
      const int64_t a = what.ends_with(encoded.attributes[1].name) ? 1 : 5;
      const auto chosen = aurocs(a, encoded.halves.choose);
      const double reported = aurocs(a, encoded.halves.report)[suspect.prototype].item<double>();
      is_best |= (absence ? chosen.argmin() : chosen.argmax()).item<int64_t>() == suspect.prototype;
      EXPECT_NEAR(auroc, absence ? 1 - reported : reported, 1e-12) << what;
    }
    EXPECT_TRUE(is_best) << suspect.prototype;
    EXPECT_LE(std::abs(suspect.spearman), 1 + 1e-12);
  }
  EXPECT_EQ(prototypes.size(), s->suspects.size());
  EXPECT_LE(s->suspects.size(), 4u);
}

TEST_F(SuspectsOfASmallModel, AreNamedAfterBothAttributesIfTheyTellBoth) {
  // Prototype 2 rises with the source and falls, less surely, with the target, which goes without the source.
  auto& activation = encoded.activations.trained;
  const auto source = encoded.images.attributes.values.select(1, 0);
  const auto target = encoded.images.attributes.values.select(1, 3);
  target.masked_fill_(source == 1, 0);
  activation.copy_(at::randn(activation.sizes(), make_generator(1)));
  activation.select(1, 2).copy_(20 * source - 0.5 * target + 0.3 * activation.select(1, 2));
  const auto s = enhance({.source = 0, .target = 3, .opposed = true});
  ASSERT_TRUE(s.has_value());
  const auto both = std::ranges::find(s->suspects, 2, &Suspect::prototype);
  ASSERT_NE(both, s->suspects.end());
  ASSERT_EQ(both->tells.size(), 2u);
  EXPECT_EQ(both->tells[0].what, encoded.attributes[0].name);
  EXPECT_EQ(both->tells[1].what, "not " + encoded.attributes[3].name);
  EXPECT_GT(both->tells[0].auroc, both->tells[1].auroc);
}

TEST_F(SuspectsOfASmallModel, AreDrawnWithARowOfEachImage) {
  auto s = enhance({.source = 0, .target = 3});
  const Canvas all = draw_suspects(*s, {});
  s->rows.pop_back();
  const Canvas fewer = draw_suspects(*s, {});
  EXPECT_EQ(all.width(), fewer.width());
  EXPECT_GE(all.height() - fewer.height(), 192);
  s->suspects.pop_back();
  EXPECT_GE(fewer.width() - draw_suspects(*s, {}).width(), 192);
}

TEST_F(SuspectsOfASmallModel, AreNotDrawnWithoutAnImage) {
  encoded.images.attributes.values.select(1, 0).fill_(1);
  encoded.images.attributes.values.select(1, 3).fill_(0);
  EXPECT_FALSE(enhance({.source = 0, .target = 3}).has_value());
}

}  // namespace
}  // namespace patronus
