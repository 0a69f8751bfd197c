// Where prototypes that tell an attribute look: into the attribute's mask?
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cstdio>

#include "patronus/analysis/encode.h"
#include "patronus/core/random.h"
#include "patronus/evaluation/localisation.h"
#include "patronus/metrics/auroc.h"
#include "support/demo_model.h"

namespace patronus {
namespace {

using test::DemoModel;

/// The attributes that cover only a small part of the face, the head aside.
std::vector<FaceAttribute> small_attributes() {
  return {FaceAttribute::kEyeglasses, FaceAttribute::kSmile, FaceAttribute::kFrown, FaceAttribute::kHat,
          FaceAttribute::kEarrings};
}

struct Pointing {
  int64_t attribute = 0;
  int64_t prototype = 0;
  double auroc = 0;     // of the prototype alone, higher activation meaning that the attribute is there
  double hits = 0;      // share of faces with the attribute whose box is centred in its mask
  double shuffled = 0;  // the same with the boxes of twenty other faces each that have the attribute
  bool qualifies() const { return auroc >= 0.9; }
};

/// Share of boxes [N, 4] whose centre lies in masks bool [N, S, S], these dilated by one pixel.
double share_centred_in(const at::Tensor& boxes, const at::Tensor& masks) {
  const auto dilated = at::max_pool2d(masks.unsqueeze(1).to(at::kFloat), 3, 1, 1).squeeze(1);
  const auto row = (boxes.select(1, 0) + boxes.select(1, 1)).floor_divide(2);
  const auto col = (boxes.select(1, 2) + boxes.select(1, 3)).floor_divide(2);
  const auto index = (row * masks.size(2) + col).unsqueeze(1);
  return dilated.flatten(1).gather(1, index).to(at::kDouble).mean().item<double>();
}

/// Mean share of boxes that are centred in the masks of other faces.
double share_centred_in_others(const at::Tensor& boxes, const at::Tensor& masks) {
  constexpr int kShifts = 20;
  double sum = 0;
  for (int shift = 1; shift <= kShifts; ++shift) sum += share_centred_in(boxes.roll(shift, 0), masks);
  return sum / kShifts;
}

/// The pointing game of the prototype that tells each small attribute best.
std::vector<Pointing> play(PrototypeEncoder encoder, const Dataset& faces, const FacesConfig& config) {
  const Encoding encoding = encode_images(encoder, faces, 0, faces.size());
  const auto truth = faces.attributes().values;
  const auto auroc = auroc_of_columns(encoding.activation, truth);
  std::vector<Pointing> all;
  for (const auto attribute : small_attributes()) {
    const auto a = static_cast<int64_t>(attribute);
    const auto [best, prototype] = auroc[a].max(0);
    const auto k = prototype.item<int64_t>();
    const auto with = truth.select(1, a).nonzero().squeeze(1);
    const auto mask = face_masks(config, Split::kTest, 32, with, attribute);
    const auto boxes = encoding.boxes.select(1, k).index_select(0, with);
    all.push_back({.attribute = a,
                   .prototype = k,
                   .auroc = best.item<double>(),
                   .hits = share_centred_in(boxes, mask),
                   .shuffled = share_centred_in_others(boxes, mask)});
  }
  return all;
}

void print(const std::vector<Pointing>& all) {
  std::printf("%-12s %9s %6s %6s %9s\n", "attribute", "prototype", "AUROC", "hits", "shuffled");
  for (const auto& p : all) {
    std::printf("%-12s %9ld %6.3f %6.3f %9.3f\n", face_attribute_names()[p.attribute].c_str(), p.prototype,
                p.auroc, p.hits, p.shuffled);
  }
}

/// Whether the prototype tells its attribute, and points into the mask far more often than chance.
bool points(const Pointing& p) {
  return p.qualifies() && p.hits >= 0.9 && 1 - p.hits <= 0.5 * (1 - p.shuffled);
}

/// Whether the prototypes of glasses, hat and earrings point into the mask more often than chance, and at
/// least two of them do so reliably: which two is another matter in every training (docs/recipe.md). The
/// mouth is told from a wider patch, whose centre often lies beside it: it is printed.
bool points_at_attributes(const std::vector<Pointing>& all) {
  int64_t reliable = 0;
  for (const auto& p : all) {
    const auto attribute = static_cast<FaceAttribute>(p.attribute);
    if (attribute == FaceAttribute::kSmile || attribute == FaceAttribute::kFrown) continue;
    if (p.hits <= p.shuffled) return false;
    reliable += points(p);
  }
  return reliable >= 2;
}

TEST_F(DemoModel, PrototypesThatTellAnAttributePointIntoItsMask) {
  const auto all = play(trained().model.encoder, faces(), trained().config.data.faces);
  print(all);
  EXPECT_TRUE(points_at_attributes(all));
  const Dataset train = open_dataset(trained().config.data, Split::kTrain);
  const auto evaluated = evaluate_localisation(trained(), train, faces(), Split::kTest, {}).attributes;
  for (const auto& p : all) {
    if (evaluated[p.attribute].prototype != p.prototype) continue;  // chosen in other images
    EXPECT_NEAR(evaluated[p.attribute].hits.value, p.hits, 1e-9);
    EXPECT_NEAR(evaluated[p.attribute].hits_of_others, p.shuffled, 0.02)
        << "of twenty other images, or of all";
  }
}

TEST_F(DemoModel, UntrainedPrototypesDoNotPoint) {
  seed_default_generators(3);
  PatronusModel untrained = make_model(trained().config);
  untrained.eval();
  const auto all = play(untrained.encoder, faces(), trained().config.data.faces);
  print(all);
  EXPECT_FALSE(points_at_attributes(all));
}

}  // namespace
}  // namespace patronus
