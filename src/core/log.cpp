#include "patronus/core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace patronus {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::logger& logger() {
  static auto instance = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_pattern("%v");
    sink->set_level(spdlog::level::info);
    auto created = std::make_shared<spdlog::logger>("patronus", sink);
    created->set_level(spdlog::level::debug);
    created->flush_on(spdlog::level::debug);
    return created;
  }();
  return *instance;
}

}  // namespace

void set_log_level(LogLevel level) {
  logger().sinks().front()->set_level(spdlog_level(level));
}

void add_log_file(const std::filesystem::path& path) {
  auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
  sink->set_pattern("%Y-%m-%d %H:%M:%S %l %v");
  logger().sinks().push_back(std::move(sink));
}

void log_debug(const std::string& message) {
  logger().debug("{}", message);
}
void log_info(const std::string& message) {
  logger().info("{}", message);
}
void log_warning(const std::string& message) {
  logger().warn("warning: {}", message);
}
void log_error(const std::string& message) {
  logger().error("error: {}", message);
}

}  // namespace patronus
