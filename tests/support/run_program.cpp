#include "support/run_program.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace patronus::test {

namespace fs = std::filesystem;

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

Outcome run_command(const std::string& program, const std::vector<std::string>& arguments,
                    const fs::path& folder) {
  const TemporaryFolder streams;
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    if (chdir(folder.c_str()) != 0) _exit(127);
    if (!freopen((streams / "out").c_str(), "w", stdout) || !freopen((streams / "err").c_str(), "w", stderr))
      _exit(127);
    execvp(program.c_str(), argv.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return {code, file_text(streams / "out"), file_text(streams / "err")};
}

Outcome run_patronus(const std::vector<std::string>& arguments, const fs::path& folder) {
  return run_command(PATRONUS_PROGRAM, arguments, folder);
}

}  // namespace patronus::test
