#include "sweep/point_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>

#include "patronus/core/error.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"

namespace patronus {
namespace {

constexpr const char* kCommandMark = "$ ";
constexpr const char* kErrorMark = "error: ";

void wait_for_right(int descriptor, const std::filesystem::path& path) {
  constexpr auto kLook = std::chrono::milliseconds(100);
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && interrupt_signal() == 0) {
    if (errno != EWOULDBLOCK) {
      log_warning(path.string() + ": cannot be locked (" + std::strerror(errno) +
                  "): nothing keeps a second process from working on this point");
      return;
    }
    log_info_once(path.stem().string() +
                  ": another process, or a command of a sweep that was killed, still "
                  "works on it; waiting until that ends");
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace

PointLog::PointLog(const std::filesystem::path& path)
    : path_(path), descriptor_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) throw Error(path.string() + ": cannot be made: " + std::strerror(errno));
  wait_for_right(descriptor_, path);
}

PointLog::~PointLog() {
  close(descriptor_);
}

void PointLog::write(const std::string& line) const {
  const std::string text = kCommandMark + line + "\n";
  if (::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    log_warning(path_.string() + ": cannot be written: " + std::strerror(errno));
}

std::string PointLog::last_error() const {
  std::string error;
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kCommandMark)) error.clear();
    if (line.starts_with(kErrorMark)) error = line.substr(std::strlen(kErrorMark));
  }
  return error;
}

}  // namespace patronus
