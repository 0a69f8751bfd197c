#pragma once
#include <filesystem>
#include <string>

namespace patronus {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Messages go to standard error from `level` upwards, and, once a log file is named, all of them to it too.
void set_log_level(LogLevel level);
/// Whether messages of `level` go to standard error.
bool is_shown(LogLevel level);

/// Appends every message, with its time, to `path`: those from now on, and, of the first file that is named,
/// those before.
void add_log_file(const std::filesystem::path& path);

void log_debug(const std::string& message);
void log_info(const std::string& message);
void log_warning(const std::string& message);
/// Logs a message as `log_info` does, but each one only once in the process.
void log_info_once(const std::string& message);
void log_warning_once(const std::string& message);
void log_error(const std::string& message);

/// Draws a line on standard error, a terminal, in the place of the one before. The next message removes it.
void draw_bar(const std::string& bar);
void remove_bar();
bool bar_is_drawn();

}  // namespace patronus
