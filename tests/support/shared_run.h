#pragma once
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/io/table.h"
#include "support/workshop.h"

namespace patronus::test {

/// Tests of commands on one tiny trained run, `run`, which all of them share: it is trained once, and must
/// not be changed.
class SharedRun : public testing::Test {
 protected:
  static const Workshop& workshop();
  static std::filesystem::path path(const std::string& name) { return workshop().path() / name; }
  /// A copy of the shared run, to be changed, in place of an earlier one.
  static void copy_run(const std::string& name);

  /// Runs a command on the shared run, on the CPU.
  static Outcome outcome(std::vector<std::string> words);
  /// The same; it must succeed.
  static void run(const std::vector<std::string>& words);
  /// Its exit status and first line of errors: "2 error: ...".
  static std::string mistake(std::vector<std::string> words);

  static at::Tensor tensor(const std::string& file, const std::string& key);
  static Table table(const std::string& file) { return read_csv(path(file)); }

  /// A folder of `count` drawn faces, face-0.png ..., each `factor` times as large as the run's images.
  static void write_photos(const std::string& folder, int64_t count, int64_t factor = 1);
};

}  // namespace patronus::test
