#pragma once
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cli/workshop.h"
#include "patronus/io/table.h"

namespace patronus::test {

/// Tests of commands on tiny trained runs, which all of them share: each is trained once, and must not be
/// changed. That of most tests is `run`.
class SharedRun : public testing::Test {
 protected:
  static const Workshop& workshop();
  static std::filesystem::path path(const std::string& name) { return workshop().path() / name; }
  /// A copy of a shared run as it was trained, to be changed, in place of an earlier one.
  static void copy_run(const std::string& name, const std::string& original = "trained");
  /// One of images of 16 pixels, of which judges of attributes learn four times as fast, and of 21 timesteps.
  /// Three attributes are encoded well enough to be edited in the test images that seed 0 draws.
  static std::string judged_run();
  /// A copy of that with a latent model.
  static std::string latent_run();

  /// Runs a command on a shared run, on the CPU.
  static Outcome outcome(std::vector<std::string> words, const std::string& name = "run");
  /// The same; it must succeed.
  static void run(const std::vector<std::string>& words, const std::string& name = "run");
  /// Of a command that fails on `run`, its exit status and first line of errors: "2 error: ...".
  static std::string mistake(std::vector<std::string> words);

  static at::Tensor tensor(const std::string& file, const std::string& key);
  static Table table(const std::string& file) { return read_csv(path(file)); }

  /// A folder of `count` drawn faces, face-0.png ..., each `factor` times as large as the run's images.
  static void write_photos(const std::string& folder, int64_t count, int64_t factor = 1);
};

}  // namespace patronus::test
