#include "sweep/point_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>

#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"

namespace patronus {
namespace {

constexpr const char* kCommandMark = "$ ";
constexpr const char* kErrorMark = "error: ";

void wait_for_right(const OpenFile& file) {
  constexpr auto kLook = std::chrono::milliseconds(100);
  while (!file.try_lock_or_warn("working on this point") && interrupt_signal() == 0) {
    log_info_once(file.path().stem().string() +
                  ": another process, or a command of a sweep that was killed, still "
                  "works on it; waiting until that ends");
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace

PointLog::PointLog(const std::filesystem::path& path) : file_(OpenFile::create(path, O_WRONLY | O_APPEND)) {
  wait_for_right(file_);
}

void PointLog::write(const std::string& line) const {
  const std::string text = kCommandMark + line + "\n";
  if (::write(descriptor(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    log_warning(path().string() + ": cannot be written: " + std::strerror(errno));
}

std::string PointLog::last_error() const {
  std::string error;
  std::ifstream file(path());
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kCommandMark)) error.clear();
    if (line.starts_with(kErrorMark)) error = line.substr(std::strlen(kErrorMark));
  }
  return error;
}

}  // namespace patronus
