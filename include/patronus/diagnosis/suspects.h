#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "patronus/diagnosis/edit_experiment.h"
#include "patronus/diagnosis/encoded_attributes.h"
#include "patronus/figures/canvas.h"

namespace patronus {

/// Two attributes (by index) of which one changes along with the other.
struct TiedAttributes {
  size_t source = 0;
  size_t target = 0;
  bool opposed = false;              // whether `source` removes `target`
  std::optional<int64_t> balance{};  // attribute that alternates among the images of each group
  double least_auroc = EncodedOptions().least_auroc;  // for a prototype to be named after an attribute
};

/// What a prototype predicts: "smile", "not blond_hair".
struct Told {
  std::string what{};
  double auroc = 0.5;  // of the activation for that, reported half
};

/// A prototype that predicts one or both of two attributes, or their absence.
struct Suspect {
  int64_t prototype = 0;
  std::vector<Told> tells{};  // one or two, the better told first
  double spearman = 0;        // correlation with the activation of the first suspect
};

/// Images of two linked attributes, enhanced by each suspected prototype (paper, Fig. 8 and 21).
struct Suspects {
  std::vector<Suspect> suspects{};  // [K]
  std::vector<std::string> rows{};  // [R], what the images show: "blond_hair, no smile"
  at::Tensor original{};            // float32 [R, C, S, S]
  at::Tensor regenerated{};         // float32 [R, C, S, S]
  at::Tensor enhanced{};            // float32 [K, R, C, S, S], each prototype at its plausible maximum
  at::Tensor boxes{};               // int64 [K, R, 4], the prototype's most activated patch in these images
};

/// Selects up to four prototypes, the best ones for presence and absence of `target` and `source` (chosen on
/// the choosing half, measured on the other; named after both attributes if it tells both with
/// `least_auroc`), and up to four images of each of two groups: with both and with
/// neither attribute or, if `opposed`, with one of the two. Returns nothing if there is no such image.
std::optional<Suspects> enhance_suspects(TrainedModel& trained, const EncodedImages& encoded,
                                         const ExperimentOptions& options, const TiedAttributes& tied);

/// Draws a row per image and a column per suspect, headed by what it predicts with AUROC, and Spearman
/// correlation, with a box around the prototype's patch.
Canvas draw_suspects(const Suspects& suspects, const PrototypeNames& names);

}  // namespace patronus
