#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/attribute_table.h"

namespace patronus {

/// The attributes that a table of text (docs/data.md) gives for the images `files`, in their order. Its
/// column of file names holds them as the data set names them, or without folder and ending; further rows are
/// not used. DataError, naming the first, when the table misses images or names one twice.
AttributeTable read_attributes(const std::filesystem::path& table, const std::vector<std::string>& files);

}  // namespace patronus
