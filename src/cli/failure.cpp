#include "failure.h"

#include <c10/util/Exception.h>

#include <filesystem>
#include <new>
#include <sstream>
#include <system_error>

#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus::cli {
namespace {

constexpr const char* kLessMemory =
    "; lower training.batch_size or raise training.accumulate, or give an analysis a smaller --batch-size";

Failure failure_of_libtorch(const c10::Error& error) {
  std::istringstream whole(error.what());
  for (std::string line; std::getline(whole, line);) log_debug(line);
  const std::string said = first_line(error.what_without_backtrace());
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr)
    return {"the GPU's memory is full: " + said + kLessMemory};
  const bool of_host = said.find("DefaultCPUAllocator") != std::string::npos;
  return {of_host ? "memory is full: " + said + kLessMemory : said};
}

}  // namespace

Failure failure_of(const std::exception& exception) {
  if (const auto* error = dynamic_cast<const Error*>(&exception)) return {error->what(), error->code()};
  if (const auto* error = dynamic_cast<const c10::Error*>(&exception)) return failure_of_libtorch(*error);
  if (const auto* error = dynamic_cast<const std::filesystem::filesystem_error*>(&exception)) {
    const bool is_typed_wrong = error->code() == std::errc::filename_too_long;
    return {error->path1().string() + ": " + error->code().message(),
            is_typed_wrong ? ExitCode::kUsage : ExitCode::kOther};
  }
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr)
    return {std::string("memory is full") + kLessMemory};
  return {first_line(exception.what())};
}

}  // namespace patronus::cli
