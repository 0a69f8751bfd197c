#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "patronus/diagnosis/edit_experiment.h"
#include "patronus/figures/canvas.h"

namespace patronus {

/// Two attributes, numbers of a sample's, of which one drags the other along.
struct TiedAttributes {
  size_t source = 0;
  size_t target = 0;
  bool opposed = false;              // whether `source` removes `target`
  std::optional<int64_t> balance{};  // attribute that the images of either group alternate in
};

/// A prototype that tells one of two attributes, or its absence.
struct Suspect {
  int64_t prototype = 0;
  std::string tells{};  // "smile", "not blond_hair"
  double auroc = 0.5;   // of the activation for what it tells
  double spearman = 0;  // with the activation of the first suspect
};

/// Images of two attributes that a model ties together, under each suspected prototype (paper, Fig. 8 and
/// 21).
struct Suspects {
  std::vector<Suspect> suspects{};  // [K]
  std::vector<std::string> rows{};  // [R], what the images show: "blond_hair, no smile"
  at::Tensor original{};            // float32 [R, C, S, S]
  at::Tensor regenerated{};         // float32 [R, C, S, S]
  at::Tensor enhanced{};            // float32 [K, R, C, S, S], each prototype at its plausible maximum
};

/// Up to four prototypes: those that tell `target` and `source` best, their presence and their absence,
/// chosen on the choosing half and measured on the other; and up to four images of either group that the
/// data have most of: with both and with neither, or (`opposed`) with one of the two. None where there is no
/// such image.
std::optional<Suspects> enhance_suspects(TrainedModel& trained, const EncodedImages& encoded,
                                         const ExperimentOptions& options, const TiedAttributes& tied);

/// A row an image, a column a suspect, with what it tells, AUROC and Spearman above.
Canvas draw_suspects(const Suspects& suspects, const PrototypeNames& names);

}  // namespace patronus
