#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/models/patronus_model.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_config.h"

namespace patronus {

// The authors' released code keeps a model as `ckpt.tar`, {"opt", "scaler", "model"} of torch.save, and its
// settings as `config.txt`, a printed Python dictionary, and the same as `config.pickle`, which is what it
// loads them from.

/// Reads `config.txt` or `config.pickle` into our terms. What the file does not say keeps our default, but
/// for what the authors' code does differently: no moving average, distinct margin 0.2. `data.path` stays
/// empty. DataError with file and line or entry for a damaged or foreign file; ConfigError for a value that
/// we do not support.
RunConfig read_reference_config(const std::filesystem::path& path);

/// Settings that the shapes of a reference model's tensors tell: data.channels and all of `model` but strides
/// and paddings of the encoder (left empty), dropout; data.size is left 0. DataError when the tensors are not
/// such a model's.
RunConfig infer_reference_config(const NamedTensors& model);

/// What to import, and how it is described.
struct ReferenceSource {
  std::filesystem::path checkpoint;  // ckpt.tar, or a folder with one in it or somewhere below
  std::filesystem::path config;      // empty: config.txt or config.pickle beside the checkpoint, if any
  std::vector<std::string>
      overrides;  // "key=value", applied last; without settings they must give data.size,
                  // model.encoder.strides and model.encoder.paddings, which no tensor tells
};

/// Reads the authors' checkpoint: float32 weights in the order of PatronusModel::state(), AdamW's state under
/// our parameter names (empty where the file has none), its step, learning rate (the settings', said aloud,
/// where it has fallen to 0) and weight decay; no moving average. DataError for damaged files, and for
/// weights and moments that are not finite; ConfigError for a folder with no checkpoint or several, for
/// settings out of range, and naming tensor and both shapes where configuration and weights disagree.
Checkpoint read_reference_checkpoint(const ReferenceSource& source);

/// ConfigError naming every setting of `config` that the authors' code cannot represent, if there is one.
void require_reference_representable(const RunConfig& config);

/// Writes `folder`/ckpt.tar, config.txt and config.pickle for the authors' code, which loads the model onto
/// `device` ("cpu", "cuda" or "cuda:1"; ConfigError for another one). `weights`: PatronusModel::state() or
/// its moving average. Standardisation of the activations is folded into the first condition layer, exactly.
/// `optimizer` is Optimization::optimizer() and becomes "opt" and "scaler"; empty leaves them out, as do
/// Muon's, which theirs does not have, and standardisation: moments of the unfolded layer do not carry over.
/// Only one learning rate is kept. Returns whether the optimiser's state is in the checkpoint.
bool write_reference_checkpoint(const std::filesystem::path& folder, const RunConfig& config,
                                const NamedTensors& weights, const Dict& optimizer,
                                const std::string& device = "cpu");

}  // namespace patronus
