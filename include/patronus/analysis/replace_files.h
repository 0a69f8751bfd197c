#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/io/figure.h"

namespace patronus {

/// Makes place in an output folder for `files`, paths below it, which are to be written: removes those that
/// an earlier call wrote and this one does not. Which these are `files.csv` says, which then names the new
/// ones; nothing else is ever removed. Called before they are written, so that the next call finds those of a
/// call that was killed. For files that not every call writes; where `files.csv` is damaged a warning says
/// that none is removed.
void replace_files(const std::filesystem::path& folder, const std::vector<std::string>& files);

/// The files of figures `stems` in these formats, for the list above.
std::vector<std::string> names_of_figures(const std::vector<std::string>& stems,
                                          const std::vector<FigureFormat>& formats);

}  // namespace patronus
