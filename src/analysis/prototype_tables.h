#pragma once
#include "patronus/analysis/visualize_prototypes.h"
#include "patronus/io/table.h"

namespace patronus {

/// One prototype in one candidate, as numbers.
struct CandidateNumbers {
  int64_t prototype;
  std::string name;
  int64_t rank;  // from 1, as candidates are shown
  int64_t candidate;
  std::string file;
  double before;  // the prototype's activation in the original
  double asked;
  double after;  // in the enhanced image
  double drift;  // mean absolute change of all other activations
  Box box;
};

struct NearestNumbers {
  int64_t prototype;
  int64_t rank;  // from 1
  std::string file;
  double activation;
  double distance;
  Box box;
};

/// The candidates of prototype number `k` of the views, as they are shown; its nearest real patches.
std::vector<CandidateNumbers> candidate_numbers(const PrototypeViews& views, int64_t k,
                                                const PrototypeNames& names);
std::vector<NearestNumbers> nearest_numbers(const PrototypeViews& views, int64_t k);

/// A row a prototype, by effect: effect, gain, consistency, and the candidate on the sheet out of all of
/// `candidates`.
Table prototype_table(const PrototypeViews& views, const std::vector<CandidateNumbers>& candidates);
Table candidate_table(const std::vector<CandidateNumbers>& rows);
Table nearest_table(const std::vector<NearestNumbers>& rows);

}  // namespace patronus
