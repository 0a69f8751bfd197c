#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "patronus/distributed/process_group.h"

namespace patronus {

/// Names of properties and their values.
using Properties = std::vector<std::pair<std::string, std::string>>;

/// Compares properties between ranks. Describes how the first rank that differs from rank 0 does so, in the
/// same words on every rank: "rank 2 (process 7 on b): has another seed (1 instead of 0) than rank 0".
/// Returns nothing if all are equal. `topic` distinguishes comparisons.
std::optional<std::string> difference_between_ranks(const ProcessGroup& group, const std::string& topic,
                                                    const Properties& own);

}  // namespace patronus
