#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Weights to use from a checkpoint: the moving average if present (`kAuto`), or as named.
enum class Weights { kAuto, kEma, kRaw };
inline std::vector<std::string> enum_names(Weights) {
  return {"auto", "ema", "raw"};
}

/// Content of a checkpoint file, including the configuration. Python's `torch.load(weights_only=True)` opens
/// it. A checksum over all tensors detects damage.
struct Checkpoint {
  int64_t step = 0;
  RunConfig config;
  NamedTensors model;               // raw weights, with the reference's names
  NamedTensors ema;                 // moving average of the weights; empty if training.ema_decay is 0
  Dict optimizer;                   // Optimization::optimizer(); may be empty in an imported checkpoint
  NamedTensors decorrelation = {};  // state of the decorrelation penalty (models/losses.h); may be empty

  /// Tensors of kEma or kRaw.
  const NamedTensors& weights(Weights used) const { return used == Weights::kEma ? ema : model; }
};

/// Resolves `weights` to kEma or kRaw for this checkpoint. Throws ConfigError naming `path` if kEma is
/// requested but missing.
Weights used_weights(const Checkpoint& checkpoint, Weights weights, const std::filesystem::path& path);

/// Writes a checkpoint atomically. Throws Error naming the file if the disk is full.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Writes a copied state as `write_checkpoint` does; may be called later and from any thread.
using CheckpointWriter = std::function<void(const std::filesystem::path&)>;
/// Copies the state of a model in training to the CPU, for writing it later.
CheckpointWriter snapshot(const Checkpoint& checkpoint);

/// Reads a checkpoint. Throws DataError for a damaged or foreign file, ConfigError for an unsupported
/// version.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// Identity of weights: eight hexadecimal digits of a CRC-32 over names and values, in order; independent of
/// device and memory format.
std::string weights_hash(const NamedTensors& weights);

/// Converts named tensors to a dictionary of a tensor file, and back; throws DataError for tensors that are
/// not finite (models/module_state.h).
Dict to_dict(const NamedTensors& tensors);
NamedTensors to_named_tensors(const Dict& dict);

}  // namespace patronus
