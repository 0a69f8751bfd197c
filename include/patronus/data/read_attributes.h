#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/attribute_table.h"

namespace patronus {

/// Reads the attributes of the images `files`, in that order, from a text table (docs/data.md). Its column of
/// file names has the data set's names, or these without folder and extension; other rows are ignored. Throws
/// DataError, naming the first, if images are missing or named twice.
AttributeTable read_attributes(const std::filesystem::path& table, const std::vector<std::string>& files);

}  // namespace patronus
