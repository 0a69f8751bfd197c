#include "patronus/io/replace_results.h"

#include <map>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/io/table.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr const char* kList = "files.csv";

/// The command that wrote each file, by its path in the folder.
using ListedFiles = std::map<std::string, std::string>;

/// Where results are written before they take their place; removed when it goes, whatever is in it.
class Draft {
 public:
  explicit Draft(const fs::path& folder) : path_(folder / ".draft") {
    fs::remove_all(path_);  // of a process that was killed
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

ListedFiles read_list(const fs::path& folder) {
  const fs::path list = folder / kList;
  if (!fs::exists(list)) return {};
  try {
    const Table table = read_csv(list);
    const size_t file = table.column("file"), command = table.column("command");
    ListedFiles files;
    for (const auto& row : table.rows) files[row[file]] = row[command];
    return files;
  } catch (const DataError& error) {
    log_warning(std::string(error.what()) + "; files of an earlier call may be left in " + folder.string());
    return {};
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

void remove_listed(const fs::path& folder, const std::string& file) {
  if (lies_below(file) && fs::is_regular_file(folder / file)) fs::remove(folder / file);
}

/// The list names old and new files while they change places, so that none is forgotten if this is killed.
void publish(const Draft& draft, const fs::path& folder, const std::string& command) {
  const ListedFiles files = draft.files(command);
  ListedFiles listed = read_list(folder);
  for (const auto& [file, by] : files) listed[file] = by;
  write_list(folder, listed);
  for (const auto& [file, by] : files) {
    fs::create_directories((folder / file).parent_path());
    fs::rename(draft.path() / file, folder / file);
  }
  std::erase_if(listed, [&](const auto& entry) {
    const bool goes = entry.second == command && !files.contains(entry.first);
    if (goes) remove_listed(folder, entry.first);
    return goes;
  });
  write_list(folder, listed);
}

}  // namespace

void replace_results(const fs::path& folder, const std::string& command,
                     const std::function<void(const fs::path& draft)>& write) {
  try {
    const Draft draft(folder);
    write(draft.path());
    publish(draft, folder, command);
  } catch (const fs::filesystem_error& failure) {
    const fs::path& path = failure.path2().empty() ? failure.path1() : failure.path2();
    throw Error(path.string() + ": cannot be written: " + failure.code().message());
  }
}

}  // namespace patronus
