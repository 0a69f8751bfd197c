#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/run/checkpoint.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// The checkpoint that another run begins with: `source` itself, or the last one of the run in this folder.
/// ConfigError where there is none.
std::filesystem::path source_checkpoint(const std::filesystem::path& source);

/// The settings of a run that begins with the weights of `source`, before it changes any: those of its
/// checkpoint, but for where and how that ran (runtime.*).
RunConfig source_config(const std::filesystem::path& source);

/// The weights of a checkpoint that another run begins with: their moving average where there is one.
struct SourceWeights {
  std::filesystem::path checkpoint;
  Weights weights;  // kEma or kRaw
  int64_t step;
  RunConfig config;
  NamedTensors tensors;
};
SourceWeights source_weights(const std::filesystem::path& source);

/// "ema weights of step 3000 of runs/a/checkpoints/step-0003000.pt, 1a2b3c4d": their hash at last.
std::string source_text(const SourceWeights& source);

/// Settings of the model and its diffusion in which `config` differs from what the weights were trained with.
std::vector<std::string> other_model_settings(const SourceWeights& source, const RunConfig& config);

/// Keeps what these weights are in the run's `from.json`.
void write_source(const RunDirectory& run, const SourceWeights& source);

}  // namespace patronus
