#include "run/checkpoint_file.h"

#include <ATen/Functions.h>
#include <zlib.h>

#include <algorithm>

#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/run/run_directory.h"

namespace patronus {
namespace {

constexpr int64_t kVersion = 1;

CheckpointFile read_whole_file(const std::filesystem::path& path, const std::string& format,
                               const std::string& expected) {
  const Dict file = read_tensor_file(path);
  return with_context(path.string(), [&]() -> CheckpointFile {
    const Value* found = file.find("format");
    if (!found || !std::holds_alternative<std::string>(*found) || found->text() != format) {
      throw DataError("not " + expected);
    }
    if (const int64_t version = file.at("version").integer(); version != kVersion) {
      throw ConfigError("checkpoint format version " + std::to_string(version) + ", expected " +
                        std::to_string(kVersion));
    }
    const Dict& content = file.at("content").dict();
    if (static_cast<int64_t>(checksum_of(content)) != file.at("checksum").integer()) {
      throw DataError("damaged: the checksum does not match its content");
    }
    return {file.at("step").integer(), content};
  });
}

bool is_whole(const std::filesystem::path& path, const std::string& format) {
  try {
    read_whole_file(path, format, "");
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Advice about the damaged checkpoint `path` of a run, "; remove it to go on from ..."; empty if no earlier
/// checkpoint is intact.
std::string advice_about(const std::filesystem::path& path, const std::string& format) {
  const auto found = RunDirectory(run_of_checkpoint(path)).checkpoints();
  auto at = std::find_if(found.rbegin(), found.rend(),
                         [&](const auto& other) { return other.filename() == path.filename(); });
  if (at == found.rend()) return "";
  at = std::find_if(at + 1, found.rend(), [&](const auto& earlier) { return is_whole(earlier, format); });
  if (at == found.rend()) return "";
  return "; remove it to go on from " + at->filename().string() + ", which is whole";
}

}  // namespace

uint32_t checksum_of(const Dict& content, uint32_t checksum) {
  for (const auto& [key, value] : content.entries()) {
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

void write_checkpoint_file(const std::filesystem::path& path, const std::string& format,
                           const CheckpointFile& file) {
  Dict dict;
  dict.set("format", format);
  dict.set("version", kVersion);
  dict.set("step", file.step);
  dict.set("checksum", static_cast<int64_t>(checksum_of(file.content)));
  dict.set("content", file.content);
  write_tensor_file(path, dict);
}

CheckpointWriter writer_of_copy(const std::string& format, const CheckpointFile& file) {
  return [format, copy = CheckpointFile{file.step, deep_copy(file.content)}](
             const std::filesystem::path& path) { write_checkpoint_file(path, format, copy); };
}

CheckpointFile read_checkpoint_file(const std::filesystem::path& path, const std::string& format,
                                    const std::string& expected) {
  const std::filesystem::path file = resolve_checkpoint(path);
  try {
    return read_whole_file(file, format, expected);
  } catch (const DataError& error) {
    throw DataError(error.what() + advice_about(file, format));
  }
}

void set_config(Dict& content, const RunConfig& config) {
  const std::string text = to_yaml(config);
  content.set("config", valid_utf8(text));
  if (is_utf8(text)) return;
  const auto bytes = at::empty({std::ssize(text)}, at::kByte);
  std::copy(text.begin(), text.end(), static_cast<char*>(bytes.mutable_data_ptr()));
  content.set("config_bytes", bytes);
}

RunConfig config_in(const Dict& content, const std::filesystem::path& path) {
  const std::string text = with_context(path.string(), [&]() -> std::string {
    const Value* bytes = content.find("config_bytes");
    if (!bytes) return content.at("config").text();
    const at::Tensor& all = bytes->tensor();
    return {static_cast<const char*>(all.const_data_ptr()), all.nbytes()};
  });
  return run_config_from_yaml(text, path.string());
}

}  // namespace patronus
