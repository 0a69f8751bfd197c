#include "patronus/run/reference_checkpoint.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "patronus/core/config.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "run/reference_config.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

NamedTensors float_tensors(const Dict& state_dict) {
  NamedTensors tensors;
  for (const auto& [name, value] : state_dict.entries()) {
    const auto* tensor = std::get_if<at::Tensor>(&value);
    if (!tensor) throw DataError("model." + name + " is " + value.kind() + "; expected a tensor");
    tensors.emplace_back(name, tensor->to(at::kFloat));
  }
  require_finite(tensors);
  return tensors;
}

/// Removes the prefixes that PyTorch's DataParallel and torch.compile add to every name.
NamedTensors without_wrappers(NamedTensors tensors, const fs::path& checkpoint) {
  for (bool found = true; found;) {
    found = false;
    for (const std::string prefix : {"module.", "_orig_mod."}) {
      const bool everywhere =
          !tensors.empty() && std::all_of(tensors.begin(), tensors.end(), [&](const auto& tensor) {
            return tensor.first.starts_with(prefix);
          });
      if (!everywhere) continue;
      for (auto& [name, tensor] : tensors) name.erase(0, prefix.size());
      log_info(checkpoint.string() + ": dropped '" + prefix + "' before the tensors' names");
      found = true;
    }
  }
  return tensors;
}

void require_settings_no_tensor_tells(const RunConfig& config, const fs::path& checkpoint) {
  const auto& encoder = config.model.encoder;
  const size_t layers = encoder.channels.size();
  if (config.data.size > 0 && encoder.strides.size() == layers && encoder.paddings.size() == layers) return;
  RunConfig shown = config;
  std::vector<std::string> known;
  const Fields fields(shown);
  for (const auto& field : fields.list()) {
    for (const char* key : {"data.channels", "model.prototypes.count", "model.encoder.channels",
                            "model.encoder.kernels", "model.unet.base_channels", "model.unet.multipliers"}) {
      if (field.key == key) known.push_back(field.key + "=" + value_text(field));
    }
  }
  throw ConfigError(checkpoint.string() +
                    ": no config.txt or config.pickle beside it, and tensors do not tell strides, paddings "
                    "and image size (they tell " +
                    join(known) +
                    "); name the authors' settings, or give data.size, model.encoder.strides and "
                    "model.encoder.paddings, one entry a layer");
}

/// The only parameter group of the reference's optimiser, which must contain all parameters.
const Dict& only_group(const Dict& optimizer, const NamedTensors& model) {
  const List& groups = optimizer.at("param_groups").list();
  if (groups.size() != 1 || groups[0].dict().at("params").list().size() != model.size()) {
    throw DataError("opt.param_groups does not fit the model; expected one group of all parameters");
  }
  return groups[0].dict();
}

/// Finds the checkpoint if `given` is a folder: the authors' weights come in nested folders.
fs::path checkpoint_of(const fs::path& given) {
  if (!fs::exists(given)) {
    throw DataError(given.string() +
                    ": no such file or folder; expected the reference's ckpt.tar, or a folder that holds it");
  }
  if (!fs::is_directory(given)) return given;
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(given)) {
    if (entry.path().filename() == "ckpt.tar") found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  if (found.empty()) throw ConfigError(given.string() + ": there is no ckpt.tar in it, nor below");
  if (found.size() > 1)
    throw ConfigError(given.string() + ": holds several checkpoints; name one of " + join(found));
  if (fs::path(found[0]) != given / "ckpt.tar") log_info("found " + found[0]);
  return found[0];
}

/// Path of the settings, as given or found beside the checkpoint; empty if there are none.
fs::path settings_of(const ReferenceSource& source) {
  if (!source.config.empty()) return source.config;
  for (const char* name : {"config.txt", "config.pickle"}) {
    const fs::path beside = source.checkpoint.parent_path() / name;
    if (fs::exists(beside)) return beside;
  }
  return {};
}

/// `optimizer`: state of the reference's optimiser, or null.
RunConfig imported_config(const ReferenceSource& source, const NamedTensors& model, const Value* optimizer) {
  const fs::path path = settings_of(source);
  RunConfig config =
      path.empty() ? with_context(source.checkpoint.string(), [&] { return infer_reference_config(model); })
                   : read_reference_config(path);
  if (optimizer) {
    with_context(source.checkpoint.string(), [&] {
      const Dict& group = only_group(optimizer->dict(), model);
      if (const double rate = group.at("lr").number(); rate != 0) {
        config.training.learning_rate = rate;
      } else {
        log_info(source.checkpoint.string() +
                 ": the optimizer's learning rate has fallen to 0; that of the settings is kept");
      }
      config.training.weight_decay = group.at("weight_decay").number();
    });
  }
  apply_overrides(config, source.overrides);
  config.data.resolve_paths();
  require_settings_no_tensor_tells(config, source.checkpoint);
  with_context(source.checkpoint.string(), [&] { check_ranges(config); });
  return config;
}

/// Tensors of `model`, checked against the configuration's model and in its order.
NamedTensors in_model_order(const NamedTensors& model, const RunConfig& config) {
  PatronusModel ours = make_model(config);
  ours.load_state(model);
  NamedTensors tensors;
  for (const auto& [name, tensor] : ours.state()) tensors.emplace_back(name, tensor.detach());
  return tensors;
}

/// Step count: a number or, since PyTorch 1.12, a tensor with one element.
int64_t step_in(const Value& value) {
  const auto* tensor = std::get_if<at::Tensor>(&value);
  if (tensor && tensor->numel() != 1)
    throw DataError(c10::str("opt.state step is a tensor ", tensor->sizes(), "; expected one number"));
  const double step = tensor ? tensor->to(at::kDouble).item<double>() : value.number();
  if (!(step >= 0 && step < 0x1p63) || std::trunc(step) != step)
    throw DataError("opt.state step is " + format_shortest(step) + "; expected a whole number from 0 on");
  return static_cast<int64_t>(step);
}

/// The reference's optimiser numbers all parameters, frozen ones included but without entries. These numbers
/// are positions in the state dict, which has no buffers.
void read_moments(const Dict& theirs, const NamedTensors& model, Checkpoint& checkpoint) {
  Dict exp_avg, exp_avg_sq;
  for (const auto& [position, state] : theirs.at("state").dict().entries()) {
    const size_t index = static_cast<size_t>(std::strtoull(position.c_str(), nullptr, 10));
    if (index >= model.size())
      throw DataError("opt.state has an entry " + position + " behind the last parameter");
    const auto& [name, tensor] = model[index];
    for (auto [key, moments] : {std::pair{"exp_avg", &exp_avg}, {"exp_avg_sq", &exp_avg_sq}}) {
      const auto& moment = state.dict().at(key).tensor();
      if (moment.sizes() != tensor.sizes()) {
        throw DataError(c10::str("opt.state ", key, " of ", name, " is ", moment.sizes(), ", the tensor ",
                                 tensor.sizes()));
      }
      moments->set(name, moment.to(at::kFloat));
      require_finite({{c10::str("opt.state ", key, " of ", name), moments->at(name).tensor()}});
    }
    checkpoint.step = step_in(state.dict().at("step"));
  }
  if (exp_avg.size() == 0) return;
  checkpoint.optimizer.set("step", checkpoint.step);
  checkpoint.optimizer.set("exp_avg", exp_avg);
  checkpoint.optimizer.set("exp_avg_sq", exp_avg_sq);
}

}  // namespace

Checkpoint read_reference_checkpoint(const ReferenceSource& given) {
  ReferenceSource source = given;
  source.checkpoint = checkpoint_of(given.checkpoint);
  const Dict file = read_tensor_file(source.checkpoint);
  if (file.find("format")) {
    throw DataError(
        source.checkpoint.string() +
        ": a checkpoint of this program already; use it with --checkpoint, or train on with --from");
  }
  const NamedTensors model = without_wrappers(
      with_context(source.checkpoint.string(), [&] { return float_tensors(file.at("model").dict()); }),
      source.checkpoint);
  Checkpoint checkpoint;
  const Value* optimizer = file.find("opt");
  checkpoint.config = imported_config(source, model, optimizer);
  with_context(source.checkpoint.string(), [&] {
    checkpoint.model = in_model_order(model, checkpoint.config);
    if (optimizer) read_moments(optimizer->dict(), model, checkpoint);
  });
  return checkpoint;
}

}  // namespace patronus
