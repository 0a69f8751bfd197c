#include "patronus/run/checkpoint.h"

#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "run/checkpoint_file.h"

namespace patronus {
namespace {

constexpr const char* kFormat = "patronus-checkpoint";

Dict content_of(const Checkpoint& checkpoint) {
  Dict content;
  set_config(content, checkpoint.config);
  content.set("model", to_dict(checkpoint.model));
  content.set("ema", to_dict(checkpoint.ema));
  content.set("optimizer", checkpoint.optimizer);
  content.set("decorrelation", to_dict(checkpoint.decorrelation));
  return content;
}

}  // namespace

Weights used_weights(const Checkpoint& checkpoint, Weights weights, const std::filesystem::path& path) {
  if (weights == Weights::kEma && checkpoint.ema.empty()) {
    throw ConfigError(path.string() + ": holds no EMA weights (training.ema_decay was 0); use --weights raw");
  }
  return weights == Weights::kRaw || checkpoint.ema.empty() ? Weights::kRaw : Weights::kEma;
}

Dict to_dict(const NamedTensors& tensors) {
  Dict dict;
  for (const auto& [name, tensor] : tensors) dict.set(name, tensor.detach());
  return dict;
}

NamedTensors to_named_tensors(const Dict& dict) {
  NamedTensors tensors;
  for (const auto& [name, value] : dict.entries()) tensors.emplace_back(name, value.tensor());
  require_finite(tensors);
  return tensors;
}

std::string weights_hash(const NamedTensors& weights) {
  return hexadecimal(checksum_of(to_dict(weights)), 8);
}

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  write_checkpoint_file(path, kFormat, {checkpoint.step, content_of(checkpoint)});
}

CheckpointWriter snapshot(const Checkpoint& checkpoint) {
  return writer_of_copy(kFormat, {checkpoint.step, content_of(checkpoint)});
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  const auto [step, content] = read_checkpoint_file(
      path, kFormat, "a checkpoint of this program; `patronus import` reads the reference's ckpt.tar");
  const Value* decorrelation = content.find("decorrelation");  // absent in early runs
  const RunConfig config = config_in(content, path);
  return with_context(path.string(), [&]() -> Checkpoint {
    return {.step = step,
            .config = config,
            .model = to_named_tensors(content.at("model").dict()),
            .ema = to_named_tensors(content.at("ema").dict()),
            .optimizer = content.at("optimizer").dict(),
            .decorrelation = decorrelation ? to_named_tensors(decorrelation->dict()) : NamedTensors{}};
  });
}

}  // namespace patronus
