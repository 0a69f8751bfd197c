#include "patronus/core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <set>
#include <utility>

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

/// Messages logged before a log file is added; null afterwards.
std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt>& early_messages() {
  constexpr size_t kMax = 1000;
  static auto sink = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(kMax);
  return sink;
}

/// Sink for standard error: messages and, on a terminal, a progress bar below them.
class Console : public spdlog::sinks::stderr_sink_mt {
 public:
  Console() {
    set_pattern("%v");
    set_level(spdlog::level::info);
  }

  void log(const spdlog::details::log_msg& message) override {
    const std::lock_guard lock(screen_);
    erase();
    spdlog::sinks::stderr_sink_mt::log(message);
  }

  void draw(const std::string& bar) {
    const std::lock_guard lock(screen_);
    std::fprintf(stderr, "%s%s", kErase, bar.c_str());
    has_bar_ = true;
  }
  void remove_bar() {
    const std::lock_guard lock(screen_);
    erase();
  }
  bool has_bar() {
    const std::lock_guard lock(screen_);
    return has_bar_;
  }

 private:
  static constexpr const char* kErase = "\r\033[K";

  void erase() {
    if (std::exchange(has_bar_, false)) std::fputs(kErase, stderr);
  }

  std::mutex screen_;
  bool has_bar_ = false;
};

const std::shared_ptr<Console>& console() {
  static const auto sink = std::make_shared<Console>();
  return sink;
}

/// Reports once that the log file cannot be written; this must not stop training.
void say_once(const std::string& failure) {
  static std::once_flag said;
  std::call_once(said, [&] {
    console()->remove_bar();
    std::fprintf(stderr, "warning: %s\n", failure.c_str());
  });
}

spdlog::logger& logger() {
  static auto instance = [] {
    const spdlog::sinks_init_list sinks{console(), early_messages()};
    auto created = std::make_shared<spdlog::logger>("patronus", sinks);
    created->set_level(spdlog::level::debug);
    created->flush_on(spdlog::level::debug);
    created->set_error_handler(say_once);
    return created;
  }();
  return *instance;
}

/// Whether this is the first call with `message`.
bool is_news(const std::string& message) {
  static std::mutex mutex;
  static std::set<std::string> said;
  const std::lock_guard lock(mutex);
  return said.insert(message).second;
}

/// Replaces control characters, which names and file contents may hold and a terminal would obey.
std::string on_one_line(std::string message) {
  std::replace_if(
      message.begin(), message.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }, '?');
  return message;
}

}  // namespace

void set_log_level(LogLevel level) {
  console()->set_level(spdlog_level(level));
}

bool is_shown(LogLevel level) {
  return console()->should_log(spdlog_level(level));
}

void add_log_file(const std::filesystem::path& path) {
  auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
  sink->set_pattern("%Y-%m-%d %H:%M:%S %v");
  auto& sinks = logger().sinks();
  if (auto& early = early_messages()) {
    for (const auto& message : early->last_raw()) sink->log(message);
    std::erase(sinks, early);
    early.reset();
  }
  sinks.push_back(std::move(sink));
}

void log_debug(const std::string& message) {
  logger().debug("{}", on_one_line(message));
}
void log_info(const std::string& message) {
  logger().info("{}", on_one_line(message));
}
void log_warning(const std::string& message) {
  logger().warn("warning: {}", on_one_line(message));
}
void log_info_once(const std::string& message) {
  if (is_news(message)) log_info(message);
}
void log_warning_once(const std::string& message) {
  if (is_news(message)) log_warning(message);
}
void log_error(const std::string& message) {
  logger().error("error: {}", on_one_line(message));
}

void draw_bar(const std::string& bar) {
  console()->draw(bar);
}
void remove_bar() {
  console()->remove_bar();
}
bool bar_is_drawn() {
  return console()->has_bar();
}

}  // namespace patronus
