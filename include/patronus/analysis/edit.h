#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/analysis/plausible_range.h"

namespace patronus {

/// One change of the activations of one or several prototypes (paper 3.3, eq. 6).
struct Edit {
  enum class Kind { kSet, kOff, kScale, kAdd, kMinimum, kMaximum };

  std::vector<int64_t> prototypes{};
  Kind kind = Kind::kSet;
  double value = 0;    // of kSet, kScale and kAdd
  std::string text{};  // as it was written
};

/// `12=0.8` set, `12=off` (0, the paper's suppression), `12=max` raised to the plausible maximum, `12x1.5`
/// scaled, `12+0.3` and `12-0.3` added to; `3,7,12=max` changes several alike. A name stands for the
/// prototypes that have it: `red hat=max`. ConfigError for anything else.
Edit edit_from(const std::string& text, const PrototypeNames& names = {});

/// `activation` [N, P] after an edit. An activation that is beyond its plausible maximum or minimum already
/// is kept. ConfigError for a prototype that there is not.
at::Tensor apply_edit(const at::Tensor& activation, const Edit& edit, const PlausibleRange& range);

/// Values that prototypes, or the amount of an edit by example, take one after the other, evenly spaced.
struct Sweep {
  struct End {
    enum class Kind { kValue, kMinimum, kMaximum };  // a number, or each prototype's plausible extreme
    Kind kind = Kind::kValue;
    double value = 0;
  };

  std::vector<int64_t> prototypes{};  // empty: the amount of the edit by example
  End from{};
  End to{};
  int64_t count = 2;   // both ends included
  std::string text{};  // as it was written
};

/// `12=0:3:7`: seven values from 0 to 3; `12=min:max:7`: over the plausible range; `3,7=0:3:7` sets both;
/// `example=0:2:5` sweeps the amount. Names as above. ConfigError for anything else.
Sweep sweep_from(const std::string& text, const PrototypeNames& names = {});

/// Number `index` of the swept values, for a prototype with this plausible range.
double sweep_value(const Sweep& sweep, int64_t index, double minimum = 0, double maximum = 0);

/// `activation` [N, P] with the prototypes of the sweep set to number `index` of their values.
at::Tensor apply_sweep(const at::Tensor& activation, const Sweep& sweep, int64_t index,
                       const PlausibleRange& range);

/// Lets other prototypes follow an edit as they do in real images: a prototype j that `edited` [N, P] leaves
/// at its value in `activation` [N, P] is moved by the regression slope cov(j, k) / var(k) times the change
/// of that changed prototype k with which it correlates most over `population` [M, P], if |correlation| is at
/// least `least` (0 .. 1).
at::Tensor move_correlated(const at::Tensor& activation, const at::Tensor& edited,
                           const at::Tensor& population, double least);

/// "0,3,red hat" as a list of different numbers, "all" as the empty one; ConfigError for anything else.
std::vector<int64_t> prototypes_from(const std::string& text, const PrototypeNames& names = {});

/// The `requested` prototypes of a model with `count` of them, or all where none is asked for; ConfigError as
/// below.
std::vector<int64_t> chosen_prototypes(const std::vector<int64_t>& requested, int64_t count);

/// ConfigError for a number of `prototypes` that a model with `count` of them does not have.
void check_prototypes(const std::vector<int64_t>& prototypes, int64_t count);
/// The same for a number that `trained` does not have, and for a prototype that is disabled in it: it stays
/// at its mean, whatever is asked.
void check_prototypes(const std::vector<int64_t>& prototypes, const TrainedModel& trained);

}  // namespace patronus
