#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/run/checkpoint.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// Checkpoint from which another run starts: `source` itself, or the last one of the run in that folder.
/// Throws ConfigError if there is none.
std::filesystem::path source_checkpoint(const std::filesystem::path& source);

/// Initial settings of a run that starts from `source`: those of its checkpoint except runtime.*.
RunConfig source_config(const std::filesystem::path& source);

/// Weights of a checkpoint from which another run starts: the moving average if present.
struct SourceWeights {
  std::filesystem::path checkpoint;
  Weights weights;  // kEma or kRaw
  int64_t step;
  RunConfig config;
  NamedTensors tensors;
};
SourceWeights source_weights(const std::filesystem::path& source);

/// Describes the weights, with their hash: "ema weights of step 3000 of runs/a/checkpoints/step-0003000.pt,
/// 1a2b3c4d".
std::string source_text(const SourceWeights& source);

/// Settings of model and diffusion in which `config` differs from the weights' training.
std::vector<std::string> differing_model_settings(const SourceWeights& source, const RunConfig& config);

/// Saves the identity of these weights to the run's `from.json`.
void write_source(const RunDirectory& run, const SourceWeights& source);

/// Hash of the weights that the run began with, from its `from.json`; empty if it began with none.
std::string source_hash(const RunDirectory& run);

}  // namespace patronus
