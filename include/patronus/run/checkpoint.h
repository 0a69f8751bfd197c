#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Which weights of a checkpoint are used: the moving average where there is one (`kAuto`), or as named.
enum class Weights { kAuto, kEma, kRaw };
inline std::vector<std::string> enum_names(Weights) {
  return {"auto", "ema", "raw"};
}

/// Everything that a checkpoint file holds. It describes itself: the configuration travels with the weights,
/// and Python's `torch.load(weights_only=True)` opens it. A checksum over all tensors guards against damaged
/// files.
struct Checkpoint {
  int64_t step = 0;
  RunConfig config;
  NamedTensors model;               // raw weights, under the reference's names
  NamedTensors ema;                 // their moving average; empty when training.ema_decay is 0
  Dict optimizer;                   // Optimization::optimizer(); may be empty in an imported checkpoint
  NamedTensors decorrelation = {};  // the penalty's state (models/losses.h); may be empty

  /// The tensors of `used`, kEma or kRaw.
  const NamedTensors& weights(Weights used) const { return used == Weights::kEma ? ema : model; }
};

/// What `weights` means for this checkpoint: kEma or kRaw. ConfigError naming `path` when it has no moving
/// average.
Weights used_weights(const Checkpoint& checkpoint, Weights weights, const std::filesystem::path& path);

/// Writes atomically; Error naming the file when the disk is full.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Writes, as `write_checkpoint`, a state that does not change any more: later, and from any thread.
using CheckpointWriter = std::function<void(const std::filesystem::path&)>;
/// Copies the state of a model in training to the CPU.
CheckpointWriter snapshot(const Checkpoint& checkpoint);

/// DataError for a damaged or foreign file; ConfigError for a version that this program does not read.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// Identity of weights: eight hexadecimal digits of a CRC-32 over names and values, in order; the same on
/// every device and in every memory format.
std::string weights_hash(const NamedTensors& weights);

/// A named group of tensors as a dictionary of a tensor file, and back; DataError for tensors that are not
/// finite (models/module_state.h).
Dict to_dict(const NamedTensors& tensors);
NamedTensors to_named_tensors(const Dict& dict);

}  // namespace patronus
