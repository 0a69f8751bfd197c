#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/io/json_text.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// Reads files in a run's folder, named by relative paths, as JSON; null for a missing file. Throws DataError
/// naming a damaged file.
class RunRecords {
 public:
  explicit RunRecords(const RunDirectory& run) : run_(run) {}

  const RunDirectory& run() const { return run_; }
  bool has(const std::string& name) const { return std::filesystem::exists(run_.file(name)); }
  Json json(const std::string& name) const;
  /// A CSV file as {"columns": [...], "rows": [[...]]}. Numeric cells become numbers, except in columns of
  /// names; empty cells become null.
  Json table(const std::string& name) const;
  /// Sorted paths, relative to the run, of the PNG files in a subfolder whose names begin with `prefix`.
  std::vector<std::string> pictures(const std::string& folder, const std::string& prefix) const;

 private:
  const RunDirectory& run_;
};

/// The bytes of a PNG file as a data URI.
std::string png_uri(const std::string& png);

}  // namespace patronus
