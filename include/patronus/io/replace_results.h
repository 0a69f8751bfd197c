#pragma once
#include <filesystem>
#include <functional>
#include <set>
#include <string>

namespace patronus {

/// Throws ConfigError if the folder is a file, or if its `files.csv`, where replace_results would write its
/// list, comes from something else. Another process may be replacing results there.
void require_results_folder(const std::filesystem::path& folder);

/// Throws ConfigError if a folder without such a list contains other files, which results might replace;
/// hidden files and `own` do not count. A missing folder is accepted. Another process may be replacing
/// results there.
void refuse_files_of_others(const std::filesystem::path& folder, const std::set<std::string>& own);

/// Throws DataError if finished results of a killed process in the folder would be lost because their list is
/// damaged. No other process may be replacing results there (FolderLock).
void require_whole_results(const std::filesystem::path& folder);

/// Replaces a command's results in `folder`, which must exist, by the files that `write` puts into the empty
/// folder passed to it, once all are written. If the command fails or is killed earlier, the old results are
/// unchanged; if it is killed while files are moved, the next call in this folder completes the move first.
/// `files.csv` lists the files and the command: the next call of the same command removes those that it does
/// not write itself, and no others; none, with a warning, if the list is damaged. Throws as
/// require_results_folder and require_whole_results. An Error of `write` is passed on; if a file cannot be
/// moved, an Error names it and its new version, which is kept. Only one process at a time may do this
/// (FolderLock).
void replace_results(const std::filesystem::path& folder, const std::string& command,
                     const std::function<void(const std::filesystem::path& draft)>& write);

}  // namespace patronus
