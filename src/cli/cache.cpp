#include "patronus/data/cache_folder.h"

#include <ctime>
#include <iostream>

#include "command.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "settings.h"

namespace patronus::cli {
namespace {

struct CacheCommand {
  bool clear = false;
  Settings settings;
};

std::string day_of(std::filesystem::file_time_type time) {
  const auto system = std::chrono::time_point_cast<std::chrono::seconds>(
      time - std::filesystem::file_time_type::clock::now() + std::chrono::system_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(system);
  std::tm calendar{};
  char text[20];
  std::strftime(text, sizeof text, "%Y-%m-%d", localtime_r(&seconds, &calendar));
  return text;
}

/// "1.2 GB  2026-11-26  162770 images of 64 x 64 pixels, /data/celeba  celeba-train-0123.cache".
std::string line_of(const CacheEntry& entry) {
  const std::string size = std::to_string(entry.size);
  const std::string content = entry.images > 0 ? pluralize(entry.images, "image") + " of " + size + " x " +
                                                     size + " pixels, " + entry.source
                                               : "damaged, or of another version";
  return bytes_text(entry.bytes) + "  " + day_of(entry.last_used) + "  " + content + "  " +
         entry.file.filename().string() + "\n";
}

int run_cache(const CacheCommand& o) {
  const DataConfig data = load_run_config({}, o.settings.all()).data;
  const auto folder = cache_folder(data);
  if (o.clear) {
    log_info("removed " + bytes_text(clear_cache_folder(folder)) + " from " + folder.string());
    return 0;
  }
  sweep_cache_folder(folder);
  uintmax_t bytes = 0;
  for (const auto& entry : list_cache_folder(folder)) {
    std::cout << line_of(entry);
    bytes += entry.bytes;
  }
  std::cout << bytes_text(bytes) << " of decoded images in " << folder.string() << "\n";
  return 0;
}

}  // namespace

void add_cache(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<CacheCommand>();
  auto* cmd = app.add_subcommand("cache", "List decoded images, last used first, or remove them");
  cmd->footer("Examples: patronus cache\n          patronus cache --clear data.cache=/scratch/cache");
  cmd->add_flag("--clear", o->clear, "remove all of them; they are decoded again when needed");
  cmd->add_option("settings", o->settings.words, "key=value pairs; data.cache=FOLDER: another folder");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_cache(*o); }; });
}

}  // namespace patronus::cli
