#include "support/run_program.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace patronus::test {

namespace fs = std::filesystem;

std::vector<std::string> concat(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "patronus-test-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

namespace {

/// Puts this process, a fork, into `folder`, and its streams into these files.
void settle(const fs::path& folder, const fs::path& output, const fs::path& errors) {
  ::signal(SIGHUP, SIG_DFL);  // whatever nohup these tests run under
  if (chdir(folder.c_str()) != 0) _exit(127);
  if (!freopen(output.c_str(), "w", stdout) || !freopen(errors.c_str(), "w", stderr)) _exit(127);
}

/// Ends this process, a fork, with the status that `work` gives, as the program ends. An exception must not
/// reach the tests that it is a copy of.
[[noreturn]] void end_with(const std::function<int()>& work) noexcept {
  const int status = work();
  std::fflush(nullptr);
  std::quick_exit(status);
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return exit_status(status);
}

Outcome outcome_of(pid_t child, const TemporaryFolder& streams) {
  const int status = wait_for(child);
  return {status, file_text(streams / "out"), file_text(streams / "err")};
}

}  // namespace

int execute(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execvp(program.c_str(), argv.data());
  return 127;
}

pid_t start_in_fork(const std::function<int()>& work, const fs::path& folder, const fs::path& output,
                    const fs::path& errors) {
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    settle(folder, output, errors);
    end_with(work);
  }
  return child;
}

int exit_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Outcome run_command(const std::string& program, const std::vector<std::string>& arguments,
                    const fs::path& folder) {
  return run_in_fork([&] { return execute(program, arguments); }, folder);
}

Outcome run_in_fork(const std::function<int()>& work, const fs::path& folder) {
  const TemporaryFolder streams;
  return outcome_of(start_in_fork(work, folder, streams / "out", streams / "err"), streams);
}

int interrupt_patronus(const std::vector<std::string>& arguments, const fs::path& folder,
                       const std::function<bool()>& reached, int signal) {
  const pid_t child =
      start_in_fork([&] { return execute(PATRONUS_PROGRAM, arguments); }, folder, "/dev/null", "/dev/null");
  for (int i = 0; i < 6000 && !reached(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  kill(child, signal);
  return wait_for(child);
}

Outcome run_patronus(const std::vector<std::string>& arguments, const fs::path& folder) {
  return run_command(PATRONUS_PROGRAM, arguments, folder);
}

}  // namespace patronus::test
