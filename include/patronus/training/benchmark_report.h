#pragma once
#include <string>

#include "patronus/io/json_text.h"
#include "patronus/training/benchmark.h"

namespace patronus {

/// Medians with the lowest and highest round as Markdown; ratios are between values of the same round.
std::string benchmark_markdown(const Benchmark& benchmark);
Json benchmark_json(const Benchmark& benchmark);

}  // namespace patronus
