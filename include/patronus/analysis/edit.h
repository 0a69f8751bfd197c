#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/analysis/plausible_range.h"

namespace patronus {

/// One change of the activations of one or more prototypes (paper 3.3, Eq. 6).
struct Edit {
  enum class Kind { kSet, kOff, kScale, kAdd, kMinimum, kMaximum };

  std::vector<int64_t> prototypes{};
  Kind kind = Kind::kSet;
  double value = 0;    // for kSet, kScale and kAdd
  std::string text{};  // as entered
};

/// Parses an edit: `12=0.8` sets, `12=off` sets to 0 (the paper's suppression), `12=max` raises to the
/// plausible maximum, `12x1.5` scales, `12+0.3` and `12-0.3` add; `3,7,12=max` changes several prototypes. A
/// name stands for all prototypes that have it: `red hat=max`. Throws ConfigError for anything else.
Edit parse_edit(const std::string& text, const PrototypeNames& names = {});

/// Applies an edit to `activation` [N, P]. An activation already beyond the plausible extreme that the edit
/// would move it to is kept. Throws ConfigError for a prototype that does not exist.
at::Tensor apply_edit(const at::Tensor& activation, const Edit& edit, const PlausibleRange& range);

/// Evenly spaced values for prototypes, or for the amount of an edit by example.
struct EditSweep {
  struct End {
    enum class Kind { kValue, kMinimum, kMaximum };  // a number, or each prototype's plausible extreme
    Kind kind = Kind::kValue;
    double value = 0;
  };

  std::vector<int64_t> prototypes{};  // empty: the amount of the edit by example
  End from{};
  End to{};
  int64_t count = 2;   // number of values, both ends included
  std::string text{};  // as entered
};

/// Parses a sweep: `12=0:3:7` is seven values from 0 to 3; `12=min:max:7` covers the plausible range;
/// `3,7=0:3:7` sets both prototypes; `example=0:2:5` sweeps the amount. Names as in parse_edit. Throws
/// ConfigError for anything else.
EditSweep parse_sweep(const std::string& text, const PrototypeNames& names = {});

/// Value `index` of the sweep for a prototype with the plausible range `minimum` .. `maximum`.
double sweep_value(const EditSweep& sweep, int64_t index, double minimum = 0, double maximum = 0);

/// Sets the sweep's prototypes in `activation` [N, P] to value `index` of the sweep.
at::Tensor apply_sweep(const at::Tensor& activation, const EditSweep& sweep, int64_t index,
                       const PlausibleRange& range);

/// Moves unedited prototypes along with edited ones as they correlate in real images. A prototype j with the
/// same value in `activation` and `edited` [N, P] moves by cov(j, k) / var(k) times the change of k, the
/// changed prototype with which it correlates most over `population` [M, P], if |correlation| is at least
/// `least` (0 .. 1).
at::Tensor move_correlated(const at::Tensor& activation, const at::Tensor& edited,
                           const at::Tensor& population, double least);

/// Parses "0,3,red hat" into a list of distinct numbers, and "all" into an empty one; else throws
/// ConfigError.
std::vector<int64_t> parse_prototypes(const std::string& text, const PrototypeNames& names = {});

/// The `requested` prototypes of a model with `count` of them, or all if none are requested. Throws
/// ConfigError as check_prototypes does.
std::vector<int64_t> chosen_prototypes(const std::vector<int64_t>& requested, int64_t count);

/// Throws ConfigError if `prototypes` has a number that a model with `count` prototypes does not have.
void check_prototypes(const std::vector<int64_t>& prototypes, int64_t count);
/// Throws ConfigError if `prototypes` has a number that `trained` does not have, or a disabled prototype,
/// whose activation stays at its mean.
void check_prototypes(const std::vector<int64_t>& prototypes, const TrainedModel& trained);

}  // namespace patronus
