#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "patronus/io/json_text.h"
#include "patronus/sweep/sweep.h"

namespace patronus {

/// What has been done of a point, kept in `sweep.json` in its folder. It holds for the settings that the
/// point was trained with and the checkpoint that commands saw: where either is another now, nothing has been
/// done. Where the same images lie does not matter.
class PointRecord {
 public:
  /// The data set is listed where it lies elsewhere than in training: errors as DataListing's.
  PointRecord(const SweepPoint& point, const std::filesystem::path& folder);

  bool is_trained() const { return trained_; }
  /// How many of `commands` have been done, from the first on.
  size_t commands_done(const std::vector<std::vector<std::string>>& commands) const;

  /// Whether it is trained and all `commands` have been done.
  bool is_done(const std::vector<std::vector<std::string>>& commands) const {
    return is_trained() && commands_done(commands) == commands.size();
  }

  /// Its training has ended.
  void add_training();
  /// So has this command, after all that were done.
  void add_command(const std::vector<std::string>& command, size_t done_before);

 private:
  void write() const;

  const SweepPoint& point_;
  std::filesystem::path folder_;
  Json settings_;  // of the point, as far as they are not the defaults
  bool trained_ = false;
  std::vector<std::string> commands_;
};

}  // namespace patronus
