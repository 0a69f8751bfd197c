#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/io/json_text.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// The files of a run's folder, named relative to it, as JSON: null where there is no such file. DataError
/// naming a damaged one.
class RunRecords {
 public:
  explicit RunRecords(const RunDirectory& run) : run_(run) {}

  const RunDirectory& run() const { return run_; }
  bool has(const std::string& name) const { return std::filesystem::exists(run_.file(name)); }
  Json json(const std::string& name) const;
  /// {"columns": [...], "rows": [[...]]} of a CSV file. Cells that are numbers become numbers, empty ones
  /// null.
  Json table(const std::string& name) const;
  /// Names of the PNG pictures in a sub-folder that begin with `prefix`, in order.
  std::vector<std::string> pictures(const std::string& folder, const std::string& prefix) const;

 private:
  const RunDirectory& run_;
};

/// A PNG file as a data URI.
std::string png_uri(const std::string& png);

}  // namespace patronus
