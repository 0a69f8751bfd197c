#pragma once
#include <filesystem>
#include <string>

#include "patronus/run/checkpoint.h"

namespace patronus {

/// What kinds of checkpoints have in common: {"format", "version", "step", "checksum", "content"}. The
/// checksum, over names, texts and tensors of the content, guards against damaged files.
struct CheckpointFile {
  int64_t step;
  Dict content;
};

/// Writes atomically; Error naming the file when the disk is full.
void write_checkpoint_file(const std::filesystem::path& path, const std::string& format,
                           const CheckpointFile& file);

/// Writes a copy of `file` whenever it is told where.
CheckpointWriter writer_of_copy(const std::string& format, const CheckpointFile& file);

/// DataError for a damaged file, and "<path>: not <what is expected>" for one of another format; ConfigError
/// for a version that this program does not read.
CheckpointFile read_checkpoint_file(const std::filesystem::path& path, const std::string& format,
                                    const std::string& expected);

/// CRC-32 over names, texts and tensors of a content, in order.
uint32_t checksum_of(const Dict& content, uint32_t checksum = 0);

/// Puts a configuration into a checkpoint's content: as text, which Python reads, and, where a path in it is
/// none, as bytes too.
void set_config(Dict& content, const RunConfig& config);

/// The configuration in a checkpoint's content. DataError or ConfigError naming `path`.
RunConfig config_in(const Dict& content, const std::filesystem::path& path);

}  // namespace patronus
