#pragma once
#include <filesystem>
#include <string>

#include "patronus/run/checkpoint.h"

namespace patronus {

/// Common structure of all checkpoints: {"format", "version", "step", "checksum", "content"}. The checksum,
/// over names, texts and tensors of the content, detects damaged files.
struct CheckpointFile {
  int64_t step;
  Dict content;
};

/// Writes atomically. Throws Error with the file's name if the disk is full.
void write_checkpoint_file(const std::filesystem::path& path, const std::string& format,
                           const CheckpointFile& file);

/// Returns a function that writes a copy of `file` to the path it is given.
CheckpointWriter writer_of_copy(const std::string& format, const CheckpointFile& file);

/// Throws DataError for a damaged file, and "<path>: not <expected>" for one of another format; ConfigError
/// for an unsupported version.
CheckpointFile read_checkpoint_file(const std::filesystem::path& path, const std::string& format,
                                    const std::string& expected);

/// CRC-32 over names, texts and tensors of `content`, in order; `checksum` is the initial value.
uint32_t checksum_of(const Dict& content, uint32_t checksum = 0);

/// Stores a configuration in a checkpoint's content: as text, which Python can read, and as bytes too if
/// paths in it make it invalid UTF-8.
void set_config(Dict& content, const RunConfig& config);

/// Configuration in a checkpoint's content. Throws DataError or ConfigError naming `path`.
RunConfig config_in(const Dict& content, const std::filesystem::path& path);

}  // namespace patronus
