// What the demo's prototypes say about attributes, beside principal components and an untrained encoder.
#include <ATen/Functions.h>

#include <algorithm>
#include <cstdio>

#include "patronus/evaluation/representation.h"
#include "patronus/models/prototype_health.h"
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
  const Representation r = evaluate_representation(trained(), train, train, Split::kTrain, 4000);
  for (const auto& scores : r.scores) {
    std::printf("%-16s local AUROC %.3f, captured %.1f of %.1f, TAD %.3f\n", scores.name.c_str(),
                local_auroc(scores), scores.tad.captured.mean, scores.tad.possible.mean, scores.tad.tad.mean);
  }
  const RepresentationScores &prototypes = r.scores.front(), &untrained = r.scores.back();
  test::print_result("local AUROC", local_auroc(prototypes));
  test::print_result("local AUROC of principal components", local_auroc(r.scores[1]));
  test::print_result("local AUROC of the untrained encoder", local_auroc(untrained));
  test::print_result("TAD", prototypes.tad.tad.mean);
  test::print_result("attributes captured", prototypes.tad.captured.mean);
  const PrototypeHealth health = prototype_health(trained().model.encoder, faces().slice(0, 1000));
  test::print_result("mean |r| of activations", health.mean_correlation);
  EXPECT_GE(local_auroc(prototypes), 0.96);
  EXPECT_GT(local_auroc(prototypes), local_auroc(untrained) + 0.02);
  EXPECT_GE(prototypes.tad.tad.mean, 0.4);
  EXPECT_GE(prototypes.tad.captured.mean, 6);
  EXPECT_GE(std::count_if(r.captures.begin(), r.captures.end(), [](const auto& c) { return c.captured; }), 6);
}

}  // namespace
}  // namespace patronus
