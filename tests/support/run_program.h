#pragma once
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace patronus::test {

struct Outcome {
  int status = 0;      // exit code, or 128 + signal
  std::string output;  // standard output
  std::string errors;  // standard error
};

/// `words` followed by `more`.
std::vector<std::string> concat(std::vector<std::string> words, const std::vector<std::string>& more);

/// Replaces this process, a fork, by `program`, searched on the PATH; returns 127 if it cannot be started.
int execute(const std::string& program, const std::vector<std::string>& arguments);

/// Starts `work` in a fork of this process, in `folder`, with its streams redirected to these files; its
/// return value is the status. Returns the process.
pid_t start_in_fork(const std::function<int()>& work, const std::filesystem::path& folder,
                    const std::filesystem::path& output, const std::filesystem::path& errors);

/// Exit code, or 128 + signal, from waitpid's status.
int exit_status(int status);

/// Runs `program` (execute) with `arguments` in `folder` and waits for it.
Outcome run_command(const std::string& program, const std::vector<std::string>& arguments,
                    const std::filesystem::path& folder);

/// Runs `work` in a fork of this process, in `folder`, and waits for it; its return value is the status.
Outcome run_in_fork(const std::function<int()>& work, const std::filesystem::path& folder);

/// Runs `patronus` with `arguments` in `folder` and waits for it.
Outcome run_patronus(const std::vector<std::string>& arguments, const std::filesystem::path& folder);

/// Runs `patronus` with `arguments` in `folder`, sends it `signal` once `reached` returns true (or after a
/// minute), and returns its exit status. Discards its output.
int interrupt_patronus(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                       const std::function<bool()>& reached, int signal);

/// Content of a file; empty if it does not exist.
std::string file_text(const std::filesystem::path& path);

/// A new empty folder in the system's temporary folder; removed by the destructor.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace patronus::test
