#pragma once
#include <filesystem>
#include <string>

namespace patronus {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Sets the lowest level shown on standard error. Log files get all messages.
void set_log_level(LogLevel level);
/// Whether messages of `level` go to standard error.
bool is_shown(LogLevel level);

/// Appends all further messages, with their times, to `path`; the first log file also gets the earlier ones.
void add_log_file(const std::filesystem::path& path);

void log_debug(const std::string& message);
void log_info(const std::string& message);
void log_warning(const std::string& message);
/// Logs a message as `log_info` does, but only once per process.
void log_info_once(const std::string& message);
void log_warning_once(const std::string& message);
void log_error(const std::string& message);

/// Draws a line on standard error, a terminal, replacing the previous one. The next message removes it.
void draw_bar(const std::string& bar);
void remove_bar();
bool bar_is_drawn();

}  // namespace patronus
