#include "patronus/run/checkpoint.h"

#include <zlib.h>

#include "patronus/core/error.h"

namespace patronus {
namespace {

constexpr int64_t kVersion = 1;
constexpr const char* kFormat = "patronus-checkpoint";

uint32_t checksum_of(const Dict& dict, uint32_t checksum = 0) {
  for (const auto& [key, value] : dict.entries()) {
    checksum = crc32_z(checksum, reinterpret_cast<const Bytef*>(key.data()), key.size());
    if (const auto* inner = std::get_if<Dict>(&value)) {
      checksum = checksum_of(*inner, checksum);
    } else if (const auto* tensor = std::get_if<at::Tensor>(&value)) {
      const auto bytes = tensor->cpu().contiguous();
      checksum = crc32_z(checksum, static_cast<const Bytef*>(bytes.const_data_ptr()), bytes.nbytes());
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      checksum = crc32_z(checksum, reinterpret_cast<const Bytef*>(text->data()), text->size());
    }
  }
  return checksum;
}

}  // namespace

Dict to_dict(const NamedTensors& tensors) {
  Dict dict;
  for (const auto& [name, tensor] : tensors) dict.set(name, tensor.detach());
  return dict;
}

NamedTensors to_named_tensors(const Dict& dict) {
  NamedTensors tensors;
  for (const auto& [name, value] : dict.entries()) tensors.emplace_back(name, value.tensor());
  return tensors;
}

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  Dict content;
  content.set("config", to_yaml(checkpoint.config));
  content.set("model", to_dict(checkpoint.model));
  content.set("ema", to_dict(checkpoint.ema));
  content.set("optimizer", checkpoint.optimizer);
  const auto checksum = static_cast<int64_t>(checksum_of(content));

  Dict file;
  file.set("format", std::string(kFormat));
  file.set("version", kVersion);
  file.set("step", checkpoint.step);
  file.set("checksum", checksum);
  file.set("content", content);
  write_tensor_file(path, file);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  const Dict file = read_tensor_file(path);
  const Value* format = file.find("format");
  if (!format || !std::holds_alternative<std::string>(*format) || format->text() != kFormat) {
    throw DataError(path.string() +
                    ": not a checkpoint of this program; `patronus import` reads the reference's ckpt.tar");
  }
  if (const int64_t version = file.at("version").integer(); version != kVersion) {
    throw ConfigError(path.string() + ": checkpoint format version " + std::to_string(version) +
                      ", expected " + std::to_string(kVersion));
  }
  const Dict& content = file.at("content").dict();
  if (static_cast<int64_t>(checksum_of(content)) != file.at("checksum").integer()) {
    throw DataError(path.string() + ": damaged: the checksum does not match its content");
  }
  return {.step = file.at("step").integer(),
          .config = run_config_from_yaml(content.at("config").text(), path.string()),
          .model = to_named_tensors(content.at("model").dict()),
          .ema = to_named_tensors(content.at("ema").dict()),
          .optimizer = content.at("optimizer").dict()};
}

}  // namespace patronus
