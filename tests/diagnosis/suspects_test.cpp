#include "patronus/diagnosis/suspects.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/analysis/encode.h"
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
  EXPECT_EQ(s->suspects[0].tells, encoded.attributes[3].name);
  EXPECT_NEAR(s->suspects[0].auroc, aurocs(3, encoded.halves.report)[s->suspects[0].prototype].item<double>(),
              1e-12);
  EXPECT_NEAR(s->suspects[0].spearman, 1, 1e-12) << "with itself";
  EXPECT_EQ(s->suspects[1].prototype, target.argmin().item<int64_t>());
  EXPECT_EQ(s->suspects[1].tells, "not " + encoded.attributes[3].name);
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
}

TEST_F(SuspectsOfASmallModel, AreNotDrawnWithoutAnImage) {
  encoded.images.attributes.values.select(1, 0).fill_(1);
  encoded.images.attributes.values.select(1, 3).fill_(0);
  EXPECT_FALSE(enhance({.source = 0, .target = 3}).has_value());
}

}  // namespace
}  // namespace patronus
