#pragma once
#include <filesystem>
#include <functional>
#include <string>

namespace patronus {

/// Replaces the results of a command in `folder`, which must exist, by what `write` writes into the empty
/// folder that it is given: all together, and only when all is written. A command that fails or is killed
/// before leaves the earlier results as they were. `files.csv` lists the files and the command that wrote
/// them: the next call of the same command removes those that it does not write itself, and nothing else.
/// Where that list is damaged a warning says that none is removed. An Error of `write` passes unchanged; a
/// file that cannot be put in its place is an Error that names it. One process at a time may do this
/// (FolderLock).
void replace_results(const std::filesystem::path& folder, const std::string& command,
                     const std::function<void(const std::filesystem::path& draft)>& write);

}  // namespace patronus
