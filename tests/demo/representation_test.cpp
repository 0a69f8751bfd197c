// What the demo's prototypes say about attributes, beside principal components and an untrained encoder.
#include <ATen/Functions.h>

#include <algorithm>
#include <cstdio>

#include "patronus/evaluation/representation.h"
#include "support/demo_model.h"

namespace patronus {
namespace {

using test::DemoModel;

/// Mean AUROC of the linear probe over the attributes that show in a part of the image.
double local_auroc(const RepresentationScores& scores) {
  std::vector<double> values;
  for (int64_t a = 0; a < kFaceAttributes; ++a) {
    if (static_cast<FaceAttribute>(a) == FaceAttribute::kBlueBackground) continue;
    values.push_back(attribute_auroc(scores.probe, a).mean);
  }
  return at::tensor(values).mean().item<double>();
}

TEST_F(DemoModel, ActivationsTellAttributesAndSinglePrototypesCaptureThem) {
  const Dataset train = open_dataset(trained().config.data, Split::kTrain);
  const Representation r = evaluate_representation(trained(), train, Split::kTrain, 4000);
  for (const auto& scores : r.scores) {
    std::printf("%-16s local AUROC %.3f, captured %.1f of %.1f, TAD %.3f\n", scores.name.c_str(),
                local_auroc(scores), scores.tad.captured.mean, scores.tad.possible.mean, scores.tad.tad.mean);
  }
  EXPECT_GE(local_auroc(r.scores.front()), 0.9);
  EXPECT_GE(r.scores.front().tad.captured.mean, 5);
  EXPECT_GE(std::count_if(r.captures.begin(), r.captures.end(), [](const auto& c) { return c.captured; }), 5);
}

}  // namespace
}  // namespace patronus
