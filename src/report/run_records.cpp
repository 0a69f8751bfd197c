#include "report/run_records.h"

#include <yaml-cpp/binary.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/parse_number.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Whether a column contains names, which remain text even if they look like numbers.
bool holds_names(const std::string& column) {
  static const std::vector<std::string> names{"attribute", "other", "source", "target",
                                              "name",      "file",  "state"};
  return contains(names, column);
}

Json cell_json(const std::string& cell) {
  if (cell.empty()) return nullptr;
  if (const auto count = parse_number<int64_t>(cell)) return *count;
  const auto number = parse_number<double>(cell);
  return number ? Json(*number) : Json(cell);
}

}  // namespace

Json RunRecords::json(const std::string& name) const {
  if (!has(name)) return nullptr;
  const fs::path file = run_.file(name);
  Json json = read_json(file);
  if (!json.is_object()) throw DataError(file.string() + ": damaged, not a JSON object; make it again");
  return json;
}

Json RunRecords::table(const std::string& name) const {
  if (!has(name)) return nullptr;
  const Table table = read_csv(run_.file(name));
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    rows.push_back(Json::array());
    for (size_t c = 0; c < row.size(); ++c) {
      const bool is_name = !row[c].empty() && holds_names(table.columns[c]);
      rows.back().push_back(is_name ? Json(row[c]) : cell_json(row[c]));
    }
  }
  return {{"columns", table.columns}, {"rows", std::move(rows)}};
}

std::vector<std::string> RunRecords::pictures(const std::string& folder, const std::string& prefix) const {
  std::vector<std::string> names;
  if (!fs::is_directory(run_.file(folder))) return names;
  for (const auto& entry : fs::directory_iterator(run_.file(folder))) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && entry.path().extension() == ".png") names.push_back(folder + "/" + name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string png_uri(const std::string& png) {
  return "data:image/png;base64," +
         YAML::EncodeBase64(reinterpret_cast<const unsigned char*>(png.data()), png.size());
}

}  // namespace patronus
