#include "patronus/io/replace_results.h"

#include <algorithm>
#include <map>
#include <vector>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/table.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr const char* kList = "files.csv";
constexpr const char* kListColumns = "file,command";
constexpr const char* kReady = ".patronus-ready-";  // followed by the command

/// Maps each file, by its path in the folder, to the command that wrote it.
using ListedFiles = std::map<std::string, std::string>;

/// Folder for results until they are complete; the destructor removes it with its content.
class Draft {
 public:
  explicit Draft(const fs::path& folder) : path_(folder / ".patronus-draft") {
    fs::remove_all(path_);  // left by a killed process
    fs::create_directory(path_);
  }
  ~Draft() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  const fs::path& path() const { return path_; }

  ListedFiles files(const std::string& command) const {
    ListedFiles files;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      if (entry.is_regular_file()) files[entry.path().lexically_relative(path_).generic_string()] = command;
    }
    return files;
  }

 private:
  fs::path path_;
};

/// Throws DataError if the list is damaged.
ListedFiles read_list(const fs::path& folder) {
  const fs::path list = folder / kList;
  if (!fs::exists(list)) return {};
  const Table table = read_csv(list);
  if (join(table.columns, ",") != kListColumns) throw DataError(list.string() + ": is not a list of results");
  ListedFiles files;
  for (const auto& row : table.rows) files[row[0]] = row[1];
  return files;
}

/// Results in place. If the list is damaged, none, so that no file is removed.
ListedFiles listed_results(const fs::path& folder) {
  try {
    return read_list(folder);
  } catch (const DataError& error) {
    log_warning(std::string(error.what()) + "; files of an earlier call may be left in " + folder.string());
    return {};
  }
}

/// Complete results waiting to be moved. Throws if the list is damaged, as they would be lost.
ListedFiles ready_results(const fs::path& ready) {
  try {
    return read_list(ready);
  } catch (const DataError& error) {
    throw DataError(std::string(error.what()) + "; it lists results that are whole; remove " +
                    ready.string() + " to go on without them");
  }
}

void write_list(const fs::path& folder, const ListedFiles& files) {
  Table table{{"file", "command"}, {}};
  for (const auto& [file, command] : files) table.rows.push_back({file, command});
  write_csv(folder / kList, table);
}

bool lies_below(const fs::path& name) {
  return name.is_relative() && *name.lexically_normal().begin() != "..";
}

/// Moves a file, also to another file system, where a folder in `to` may be a symbolic link.
void move_file(const fs::path& from, const fs::path& to) {
  fs::create_directories(to.parent_path());
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return;
  if (error != std::errc::cross_device_link) {
    throw Error(to.string() + ": cannot be replaced: " + error.message() + "; the new one is " +
                from.string());
  }
  write_file(to, read_file(from));
  fs::remove(from);
}

/// Moves complete results into place: those listed in `ready`, except the ones that an earlier, killed
/// attempt already moved.
void publish(const fs::path& ready, const fs::path& folder, const std::string& command) {
  if (!fs::exists(ready / kList)) {  // killed just before removing the folder
    fs::remove_all(ready);
    return;
  }
  const ListedFiles files = ready_results(ready);
  for (const auto& [file, by] : files) {
    if (fs::exists(ready / file)) move_file(ready / file, folder / file);
  }
  ListedFiles listed = listed_results(folder);
  for (const auto& [file, by] : listed) {
    const bool goes = by == command && !files.contains(file) && lies_below(file);
    if (goes && fs::is_regular_file(folder / file)) fs::remove(folder / file);
  }
  std::erase_if(listed, [&](const auto& entry) { return entry.second == command; });
  for (const auto& [file, by] : files) listed[file] = by;  // whichever command wrote it before
  write_list(folder, listed);
  fs::remove_all(ready);
}

/// None of a folder that is absent. Another process may be moving files there.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); entry != fs::directory_iterator(); entry.increment(error))
    names.push_back(entry->path().filename().string());
  return names;
}

/// Folders of complete results left by killed processes, with their commands.
std::map<fs::path, std::string> ready_folders(const fs::path& folder) {
  const std::string prefix = kReady;
  std::map<fs::path, std::string> found;
  for (const auto& name : names_in(folder)) {
    if (name.starts_with(prefix)) found[folder / name] = name.substr(prefix.size());
  }
  return found;
}

}  // namespace

void require_results_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_regular_file(folder, error))
    throw ConfigError(folder.string() + ": is a file; expected a folder");
  const fs::path list = folder / kList;
  if (!fs::is_regular_file(list, error)) return;
  const std::string text = read_file(list);
  if (text.substr(0, text.find_first_of("\r\n")) == kListColumns) return;
  throw ConfigError(
      list.string() +
      ": is not a list of results, which would take its place; choose another folder with --out");
}

void refuse_files_of_others(const fs::path& folder, const std::set<std::string>& own) {
  const auto names = names_in(folder);
  const auto other = std::ranges::find_if(
      names, [&](const std::string& name) { return !name.starts_with('.') && !own.contains(name); });
  if (other == names.end()) return;
  // In this order: a list is there before the folder that its files were moved from is gone.
  std::error_code error;
  if (!ready_folders(folder).empty() || fs::exists(folder / kList, error)) return;
  throw ConfigError(folder.string() + ": holds files that are no results (" + *other +
                    "), which might be replaced; choose another folder with --out");
}

void require_whole_results(const fs::path& folder) {
  for (const auto& [ready, command] : ready_folders(folder)) ready_results(ready);
}

void replace_results(const fs::path& folder, const std::string& command,
                     const std::function<void(const fs::path& draft)>& write) {
  try {
    require_results_folder(folder);
    require_whole_results(folder);
    for (const auto& [ready, by] : ready_folders(folder)) publish(ready, folder, by);
    const Draft draft(folder);
    write(draft.path());
    write_list(draft.path(), draft.files(command));
    const fs::path ready = folder / (kReady + command);
    fs::rename(draft.path(), ready);
    publish(ready, folder, command);
  } catch (const fs::filesystem_error& failure) {
    const fs::path& path = failure.path2().empty() ? failure.path1() : failure.path2();
    throw Error(path.string() + ": cannot be written: " + failure.code().message());
  }
}

}  // namespace patronus
