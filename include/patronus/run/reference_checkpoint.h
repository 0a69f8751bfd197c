#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/models/patronus_model.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_config.h"

namespace patronus {

// The authors' released code saves a model as `ckpt.tar`, {"opt", "scaler", "model"} of torch.save, and its
// settings both as `config.txt`, a printed Python dictionary, and as `config.pickle`, from which it loads
// them.

/// Converts `config.txt` or `config.pickle` to a configuration. Missing settings keep our defaults, except
/// where the authors' code differs: no moving average, distinct margin 0.2. `data.path` stays empty. Throws
/// DataError with file and line or entry for a damaged or foreign file; ConfigError for an unsupported value.
RunConfig read_reference_config(const std::filesystem::path& path);

/// Infers settings from the shapes of a reference model's tensors: data.channels and all of `model` except
/// dropout and the encoder's strides and paddings (left empty); data.size stays 0. Throws DataError if the
/// tensors are not from such a model.
RunConfig infer_reference_config(const NamedTensors& model);

/// A reference checkpoint to import, with its settings.
struct ReferenceSource {
  std::filesystem::path checkpoint;  // ckpt.tar, or a folder with one in it or its subfolders
  std::filesystem::path config;      // empty: config.txt or config.pickle beside the checkpoint, if any
  // "key=value" settings, applied last. Without a config file they must include data.size,
  // model.encoder.strides and model.encoder.paddings, which cannot be inferred from tensors.
  std::vector<std::string> overrides;
};

/// Reads the authors' checkpoint: float32 weights in the order of PatronusModel::state(); AdamW's state under
/// our parameter names (empty if missing) with its step, learning rate (the settings', with a message, if it
/// has fallen to 0) and weight decay; no moving average. Throws DataError for damaged files and for weights
/// or moments that are not finite; ConfigError for a folder with no checkpoint or several, for invalid
/// settings, and, naming tensor and both shapes, if configuration and weights do not match.
Checkpoint read_reference_checkpoint(const ReferenceSource& source);

/// Throws ConfigError naming every setting of `config` that the authors' code cannot represent.
void require_reference_representable(const RunConfig& config);

/// Writes `folder`/ckpt.tar, config.txt and config.pickle for the authors' code, which loads the model onto
/// `device` ("cpu", "cuda" or "cuda:1"; else throws ConfigError). `weights`: PatronusModel::state() or its
/// moving average. Standardisation of the activations is folded into the first condition layer, exactly.
/// `optimizer`, from Optimization::optimizer(), becomes "opt" and "scaler". They are left out if it is empty,
/// with Muon, which the authors' code lacks, and with standardisation, as moments of the unfolded layer do
/// not carry over. Only one learning rate is kept. Returns whether the optimiser's state was written.
bool write_reference_checkpoint(const std::filesystem::path& folder, const RunConfig& config,
                                const NamedTensors& weights, const Dict& optimizer,
                                const std::string& device = "cpu");

}  // namespace patronus
