#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "support/run_program.h"

namespace patronus::test {

/// A temporary folder with `tiny.yaml`, the settings of small_run.h, whose data cache stays inside it; runs
/// the program in it.
class Workshop : public TemporaryFolder {
 public:
  Workshop();

  /// `patronus train --config tiny --run <run> ...` on the CPU with two threads.
  Outcome train(const std::string& run, const std::vector<std::string>& more = {}) const;
  Outcome patronus(const std::vector<std::string>& arguments) const;
  /// Its first line of errors behind its exit status: "2 error: ...".
  std::string mistake(const std::vector<std::string>& arguments) const;
};

/// The words of such a training.
std::vector<std::string> train_command(const std::string& run, const std::vector<std::string>& more = {});

}  // namespace patronus::test
