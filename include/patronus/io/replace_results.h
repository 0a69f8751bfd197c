#pragma once
#include <filesystem>
#include <functional>
#include <set>
#include <string>

namespace patronus {

/// ConfigError where `files.csv` in the folder is another's: replace_results would put its list there.
/// DataError where results that a killed process had ready there would be lost, since their list is damaged.
void require_results_folder(const std::filesystem::path& folder);

/// ConfigError where a folder that has no such list holds files of others, which results might replace:
/// hidden ones and `own` do not count. A folder that is not there is nobody's.
void refuse_files_of_others(const std::filesystem::path& folder, const std::set<std::string>& own);

/// Replaces the results of a command in `folder`, which must exist, by what `write` writes into the empty
/// folder that it is given, once all is written. A command that fails or is killed before leaves the earlier
/// results as they were; where one is killed while files change places, the next call in this folder first
/// puts the rest in place. `files.csv` lists the files and the command that wrote them: the next call of the
/// same command removes those that it does not write itself, and nothing else. Where that list is damaged a
/// warning says that none is removed. Fails as require_results_folder does. An Error of `write` passes
/// unchanged; where a file cannot take its place an Error names it, and the new one, which stays. One process
/// at a time may do this (FolderLock).
void replace_results(const std::filesystem::path& folder, const std::string& command,
                     const std::function<void(const std::filesystem::path& draft)>& write);

}  // namespace patronus
