#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "patronus/io/json_text.h"
#include "patronus/sweep/sweep.h"

namespace patronus {

/// Settings of the training in `folder` that are not the point's, as "training.max_steps (6, not 3)"; empty
/// without a checkpoint, or if training can go on or is done.
std::string other_training(const SweepPoint& point, const std::filesystem::path& folder);

/// What has been done for a point, saved as `sweep.json` in its folder. Valid for the settings that the point
/// was trained with and the checkpoint that commands used: if either has changed, nothing counts as done. The
/// location of the images does not matter.
class PointRecord {
 public:
  /// Lists the data set if it has moved since training; errors as DataListing's.
  PointRecord(const SweepPoint& point, const std::filesystem::path& folder);

  bool is_trained() const { return trained_; }
  /// How many of `commands`, counted from the first, have been done.
  size_t commands_done(const std::vector<std::vector<std::string>>& commands) const;

  /// Whether it is trained and all `commands` have been done.
  bool is_done(const std::vector<std::vector<std::string>>& commands) const {
    return is_trained() && commands_done(commands) == commands.size();
  }

  /// Records that training has ended.
  void add_training();
  /// Records this command as done, after `done_before` others.
  void add_command(const std::vector<std::string>& command, size_t done_before);

 private:
  void write() const;

  const SweepPoint& point_;
  std::filesystem::path folder_;
  Json settings_;  // of the point, where not the defaults
  bool trained_ = false;
  std::vector<std::string> commands_;
};

}  // namespace patronus
