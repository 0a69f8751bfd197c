#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/analysis/control.h"
#include "patronus/analysis/encode.h"
#include "patronus/core/named_enum.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// `kTied`: editing one prototype changes the other, elsewhere in the image and in the direction in which
/// their activations correlate. `kImagesOnly`: no such effect; they go together in the images alone, or too
/// few were edited to tell.
enum class TieVerdict { kTied, kImagesOnly };
inline std::vector<std::string> enum_names(TieVerdict) {
  return {"tied", "in the images only"};
}

/// Two prototypes whose activations go together although they look at different places.
struct PrototypeTie {
  int64_t first = 0;  // prototypes; `first` is the one whose edit has the stronger effect
  int64_t second = 0;
  Estimate spearman{};  // correlation of the activations; the interval holds for all pairs of prototypes
  double overlap = 0;   // share of images in which their patches overlap by half (receptive_field.h)
  // Of `first` on `second`: change elsewhere, in J's unit (control.h), with BCa interval.
  Estimate effect{kNaN, kNaN, kNaN};
  double family_p = 1;                     // sign-flip test, corrected for both directions of all pairs
  Estimate effect_back{kNaN, kNaN, kNaN};  // of `second` on `first`
  double family_p_back = 1;
  TieVerdict verdict = TieVerdict::kImagesOnly;

  /// Whether one falls where the other rises.
  bool is_opposed() const { return spearman.value < 0; }
};

struct TieOptions {
  double least_correlation = 0.2;  // smallest |Spearman| of interest; the whole interval must be beyond it
  double most_overlap = 0.25;  // largest share of images in which the patches of a pair may overlap by half
  double least_effect = 0.1;   // smallest effect of interest, in J's unit; the whole interval likewise
  double significance_level = 0.05;  // significance level of the family of all tests of effects
  int64_t flips = 10000;
  int64_t resamples = 2000;
  uint64_t seed = 0;
};

struct PrototypeTies {
  std::vector<PrototypeTie> ties{};  // those found first, by effect; then by correlation
  int64_t pairs = 0;                 // of prototypes that vary
  int64_t same_place = 0;            // correlated pairs left out, as their patches overlap too often

  /// Number of ties found by edits.
  int64_t tied() const;
};

/// Unwanted correlations between prototypes (paper 4.4), without any attributes: pairs of prototypes that
/// correlate in real images (`encoding`), whose most activated patches lie apart, and the effect of raising
/// and lowering each of them (`raised` and `lowered`, of all prototypes in the same images) on the other one
/// with the edited prototype's own patch left as it was. From fewer than six images no effect is measured:
/// NaN.
PrototypeTies find_prototype_ties(const Encoding& encoding, const Control& raised, const Control& lowered,
                                  const TieOptions& options = {});

}  // namespace patronus
