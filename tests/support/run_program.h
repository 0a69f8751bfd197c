#pragma once
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

/// A command's words with `more` behind them.
std::vector<std::string> concat(std::vector<std::string> words, const std::vector<std::string>& more);

/// Turns this process, a fork, into `program` in `folder` with its streams in these files.
[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments,
                         const std::filesystem::path& folder, const std::filesystem::path& output,
                         const std::filesystem::path& errors);

/// Exit code, or 128 + signal, of what waitpid gives.
int exit_status(int status);

/// Runs `program` (looked for on the PATH) with `arguments` in `folder` and waits for it; status 127 when it
/// cannot.
Outcome run_command(const std::string& program, const std::vector<std::string>& arguments,
                    const std::filesystem::path& folder);

/// Does `work` in a fork of this process, in `folder`, and waits for it: what it gives is the status.
Outcome run_in_fork(const std::function<int()>& work, const std::filesystem::path& folder);

/// Runs `patronus` with `arguments` in `folder` and waits for it.
Outcome run_patronus(const std::vector<std::string>& arguments, const std::filesystem::path& folder);

/// Runs `patronus` with `arguments` in `folder`, sends it `signal` once `reached` says so (or after a
/// minute), and gives its exit status. Its output is thrown away.
int interrupt_patronus(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                       const std::function<bool()>& reached, int signal);

/// All bytes of a file; empty when there is none.
std::string file_text(const std::filesystem::path& path);

/// A new empty folder below the system's temporary one, removed when this object goes.
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
