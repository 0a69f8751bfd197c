// What each kind of edit does to each attribute, judged by a network of its own: whether the attribute
// appears, what else changes, and where.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

#include "analysis/edit_measures.h"
#include "patronus/analysis/edit.h"
#include "patronus/analysis/encode.h"
#include "patronus/analysis/example_direction.h"
#include "patronus/analysis/inverted_images.h"
#include "patronus/metrics/auroc.h"
#include "patronus/models/receptive_field.h"
#include "support/demo_model.h"

namespace patronus {
namespace {

using test::DemoModel;

struct Effect {
  double flipped = 0;       // share of the images in which the attribute appears
  double side_effects = 0;  // share of the other attributes that change
  double in_box = 0;        // share of the squared change inside the best prototype's most activated patch
  double in_mask = 0;       // share inside the attribute's mask
  double gain = 0;          // median share of the asked change that arrives
};

/// What an edit is made from.
struct Knowledge {
  at::Tensor population;  // activations of real images
  at::Tensor truth;       // their attributes
  PlausibleRange range, global;
};

struct Kind {
  std::string name;
  double strength;
  // Activations [N, P] with attribute `a`, by way of prototype k.
  std::function<at::Tensor(const Knowledge&, const at::Tensor& activation, int64_t a, int64_t k)> edit;
};

at::Tensor raised(const at::Tensor& activation, int64_t k, const PlausibleRange& range) {
  return apply_edit(activation, parse_edit(std::to_string(k) + "=max"), range);
}

at::Tensor by_example(const Knowledge& real, const at::Tensor& activation, int64_t a, int64_t strongest) {
  const auto has = real.truth.select(1, a);
  const auto rows = [&](int64_t value) {
    return real.population.index_select(0, (has == value).nonzero().squeeze(1));
  };
  return activation + example_direction(rows(1), rows(0), strongest);
}

/// Those that something is expected of; with PATRONUS_ALL_EDITS in the environment, those of
/// docs/manipulate.md.
std::vector<Kind> kinds() {
  const auto single = [](const Knowledge& real, const at::Tensor& s, int64_t, int64_t k) {
    return raised(s, k, real.range);
  };
  const auto reference = [](const Knowledge& real, const at::Tensor& s, int64_t, int64_t k) {
    return raised(s, k, real.global);
  };
  const auto group = [](const Knowledge& real, const at::Tensor& s, int64_t, int64_t k) {
    return move_correlated(s, raised(s, k, real.range), real.population, 0.4);
  };
  const auto five = [](const Knowledge& real, const at::Tensor& s, int64_t a, int64_t) {
    return by_example(real, s, a, 5);
  };
  const auto example = [](const Knowledge& real, const at::Tensor& s, int64_t a, int64_t) {
    return by_example(real, s, a, 0);
  };
  std::vector<Kind> kinds{{"single", 1, single},
                          {"single, default", RegenerateOptions{}.strength, single},
                          {"single, w 2", 2, single},
                          {"global maximum", 1, reference},
                          {"example, w 2", 2, example}};
  if (std::getenv("PATRONUS_ALL_EDITS")) {
    kinds.insert(kinds.end(), {{"single, w 3", 3, single},
                               {"group", 1, group},
                               {"group, w 2", 2, group},
                               {"five by example", 1, five},
                               {"five by example, w 2", 2, five},
                               {"example", 1, example}});
  }
  return kinds;
}

class EditKinds : public DemoModel {
 protected:
  static constexpr int64_t kImages = 64;

  /// Turns attribute `a` on in the images without it.
  Effect effect_of(const Kind& kind, int64_t a) {
    const auto k = best_[a].item<int64_t>();
    const auto without = (truth(kImages).select(1, a) == 0).nonzero().squeeze(1);
    const auto of = [&](const at::Tensor& all) { return all.index_select(0, without); };
    const auto activation = of(original_.activation);
    const auto target = kind.edit(knowledge_, activation, a, k);
    const auto edited =
        regenerate(trained(), {of(original_.x_T), activation, target}, {.strength = kind.strength});
    const auto before = judge().attributes(of(original_.image));
    const auto changed = judge().attributes(edited.image.clamp(-1, 1)) != before;
    const auto others = changed.sum(1) - changed.select(1, a).to(at::kLong);
    const auto squared = (edited.image - of(original_.image)).square().sum(1);
    const auto share = [&](const at::Tensor& region) {
      return ((squared * region).sum({1, 2}) / squared.sum({1, 2})).mean().item<double>();
    };
    return {.flipped = (changed.select(1, a) & ~before.select(1, a)).to(at::kDouble).mean().item<double>(),
            .side_effects = (others.to(at::kDouble) / (kFaceAttributes - 1)).mean().item<double>(),
            .in_box = share(boxes_of(edited.patch.select(1, k))),
            .in_mask = share(of(masks_).select(1, a)),
            .gain = edit_gain(activation, target, edited.activation, knowledge_.population.std(0))
                        .nanmedian()
                        .item<double>()};
  }

  /// Patches number `cell` [N] as masks [N, 32, 32].
  static at::Tensor boxes_of(const at::Tensor& cell) {
    const auto boxes = patch_boxes(trained().model.encoder->receptive_field(), cell);
    auto masks = at::zeros({cell.size(0), 32, 32});
    for (int64_t i = 0; i < cell.size(0); ++i) crop(masks[i], to_box(boxes[i])).fill_(1);
    return masks;
  }

  void SetUp() override {
    original_ = invert_images(trained(), faces(), at::arange(kImages), {});
    const Dataset train = open_dataset(trained().config.data, Split::kTrain);
    knowledge_.population = encode_images(trained().model.encoder, train, 0, 2000).activation;
    knowledge_.truth = train.attributes().values.slice(0, 0, 2000);
    knowledge_.range = plausible_range(knowledge_.population, {});
    knowledge_.global = plausible_range(knowledge_.population, {.maximum = MaximumRule::kGlobal});
    best_ = auroc_of_columns(knowledge_.population, knowledge_.truth).argmax(1);
    std::vector<at::Tensor> masks;
    for (int64_t a = 0; a < kFaceAttributes; ++a) {
      masks.push_back(face_masks(trained().config.data.faces, Split::kTest, 32, at::arange(kImages),
                                 static_cast<FaceAttribute>(a)));
    }
    masks_ = at::stack(masks, 1);
  }

  InvertedImages original_;
  Knowledge knowledge_;
  at::Tensor best_;   // [A], prototype that tells each attribute best, in the positive direction
  at::Tensor masks_;  // [N, A, 32, 32]
};

Effect mean_effect(const std::vector<Effect>& of_attributes) {
  const auto mean = [&](double Effect::*number) {
    std::vector<double> values;
    for (const auto& effect : of_attributes) values.push_back(effect.*number);
    return test::mean_of_seven(at::tensor(values, at::kDouble));
  };
  return {mean(&Effect::flipped), mean(&Effect::side_effects), mean(&Effect::in_box), mean(&Effect::in_mask),
          mean(&Effect::gain)};
}

void print_effect(const std::string& kind, const std::string& attribute, const Effect& effect) {
  std::printf("%-20s %-16s %7.2f %12.3f %6.2f %7.2f %6.2f\n", kind.c_str(), attribute.c_str(), effect.flipped,
              effect.side_effects, effect.in_box, effect.in_mask, effect.gain);
}

TEST_F(EditKinds, TurnAttributesOn) {
  std::map<std::string, Effect> mean;
  std::printf("%-20s %-16s %7s %12s %6s %7s %6s\n", "edit", "attribute", "flipped", "side effects", "in box",
              "in mask", "gain");
  for (const auto& kind : kinds()) {
    std::vector<Effect> effects;
    for (int64_t a = 0; a < kFaceAttributes; ++a) {
      effects.push_back(effect_of(kind, a));
      print_effect(kind.name, face_attribute_names()[a], effects.back());
    }
    mean[kind.name] = mean_effect(effects);
    print_effect(kind.name, "mean", mean[kind.name]);
    test::print_result(kind.name + ": appears", mean[kind.name].flipped);
    test::print_result(kind.name + ": others change", mean[kind.name].side_effects);
    test::print_result(kind.name + ": inside mask", mean[kind.name].in_mask);
    test::print_result(kind.name + ": gain", mean[kind.name].gain);
  }
  test::print_per_attribute("share of the image in the mask", masks_.to(at::kFloat).mean({0, 2, 3}));

  const Effect& single = mean["single, default"];
  EXPECT_GE(single.flipped, 0.7) << "one prototype, one change";
  EXPECT_LE(single.side_effects, 0.08);
  EXPECT_GE(single.in_mask, 0.6);
  EXPECT_GE(single.gain, 0.4);
  EXPECT_GT(mean["single, w 2"].flipped, mean["single"].flipped) << "guidance strengthens";
  EXPECT_GE(mean["example, w 2"].flipped, 0.8);
  EXPECT_LE(mean["example, w 2"].side_effects, 0.1);
  EXPECT_GE(mean["example, w 2"].in_mask, 0.6);
  EXPECT_GT(mean["global maximum"].side_effects, mean["single"].side_effects)
      << "the reference's rule leaves the plausible range";
}

}  // namespace
}  // namespace patronus
