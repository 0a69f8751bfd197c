#include "patronus/analysis/replace_files.h"

#include <set>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/io/table.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr const char* kColumn = "file";

std::vector<std::string> files_of_earlier_call(const fs::path& list) {
  if (!fs::exists(list)) return {};
  try {
    const Table table = read_csv(list);
    const size_t column = table.column(kColumn);
    std::vector<std::string> files;
    for (const auto& row : table.rows) files.push_back(row[column]);
    return files;
  } catch (const DataError& error) {
    log_warning(std::string(error.what()) + "; files of an earlier call may be left in " +
                list.parent_path().string());
    return {};
  }
}

bool lies_below(const fs::path& name) {
  return name.is_relative() && *name.lexically_normal().begin() != "..";
}

}  // namespace

void replace_files(const fs::path& folder, const std::vector<std::string>& files) {
  const fs::path list = folder / "files.csv";
  const std::set<std::string> stay(files.begin(), files.end());
  for (const auto& earlier : files_of_earlier_call(list)) {
    if (stay.contains(earlier) || !lies_below(earlier)) continue;
    if (fs::is_regular_file(folder / earlier)) fs::remove(folder / earlier);
  }
  Table table{{kColumn}, {}};
  for (const auto& file : files) table.rows.push_back({file});
  write_csv(list, table);
}

std::vector<std::string> names_of_figures(const std::vector<std::string>& stems,
                                          const std::vector<FigureFormat>& formats) {
  std::vector<std::string> names;
  for (const auto& stem : stems) {
    for (const auto& file : figure_files(stem, formats)) names.push_back(file.string());
  }
  return names;
}

}  // namespace patronus
