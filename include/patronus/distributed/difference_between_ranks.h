#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "patronus/distributed/process_group.h"

namespace patronus {

/// Names of properties and their values.
using Properties = std::vector<std::pair<std::string, std::string>>;

/// What the first rank that differs from rank 0 has otherwise, the same text on every rank: "rank 2 (process
/// 7 on b): has another seed (1 instead of 0) than rank 0". Nothing when all ranks have the same. `topic`
/// tells such questions apart.
std::optional<std::string> difference_between_ranks(const ProcessGroup& group, const std::string& topic,
                                                    const Properties& own);

}  // namespace patronus
