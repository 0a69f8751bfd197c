#include "patronus/core/child_process.h"

#include <c10/util/ScopeExit.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "patronus/core/error.h"
#include "patronus/core/interrupt.h"

namespace patronus {
namespace {

/// The child's streams and process group, for posix_spawn.
class SpawnSettings {
 public:
  explicit SpawnSettings(int output) {
    posix_spawn_file_actions_init(&streams_);
    posix_spawn_file_actions_addopen(&streams_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_adddup2(&streams_, output, stream);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);  // group 0: its own
  }
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&streams_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* streams() const { return &streams_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t streams_{};
  posix_spawnattr_t attributes_{};
};

/// Null-terminated, as posix_spawn expects.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// This process's environment with `changes` applied.
std::vector<std::string> changed_environment(const std::vector<std::string>& changes) {
  std::vector<std::string> environment = changes;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry, name = text.substr(0, text.find('=') + 1);
    const bool is_changed = std::any_of(changes.begin(), changes.end(),
                                        [&](const auto& change) { return change.starts_with(name); });
    if (!is_changed) environment.push_back(text);
  }
  return environment;
}

pid_t start(const ChildProgram& program) {
  const SpawnSettings settings(program.output);
  const auto environment = changed_environment(program.environment);
  pid_t child = 0;
  const int error =
      posix_spawn(&child, program.argv.front().c_str(), settings.streams(), settings.attributes(),
                  pointers_to(program.argv).data(), pointers_to(environment).data());
  if (error != 0) throw Error(program.argv.front() + ": cannot be started: " + std::strerror(error));
  return child;
}

}  // namespace

int run_child(const ChildProgram& program) {
  constexpr int kLook = 20;  // milliseconds between looks for a signal to pass on
  signal(SIGCHLD, SIG_DFL);  // if ignored, waitpid would lose exit statuses
  const pid_t child = start(program);
  pollfd end{.fd = static_cast<int>(syscall(SYS_pidfd_open, child, 0)), .events = POLLIN, .revents = 0};
  const auto close_end = c10::make_scope_exit([&] { close(end.fd); });
  int status = 0, passed_on = 0;
  while (true) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) {
      throw Error(program.argv.front() + ": its end cannot be waited for: " + std::strerror(errno));
    }
    if (passed_on == 0 && interrupt_signal() != 0) {
      passed_on = interrupt_signal();
      kill(child, passed_on);
    }
    poll(&end, 1, kLook);
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string this_program() {
  constexpr std::string_view kReplaced = " (deleted)";  // appended by the kernel once the file is replaced
  std::error_code error;
  std::string path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (path.ends_with(kReplaced)) path.resize(path.size() - kReplaced.size());
  return path;
}

}  // namespace patronus
