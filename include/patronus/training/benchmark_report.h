#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "patronus/training/benchmark.h"

namespace patronus {

/// Medians with the lowest and highest round, in Markdown; ratios are of the same round.
std::string benchmark_markdown(const Benchmark& benchmark);
nlohmann::ordered_json benchmark_json(const Benchmark& benchmark);

}  // namespace patronus
