#include <algorithm>
#include <string>
#include <vector>

#include "patronus/report/report.h"

namespace patronus {
namespace {

using Json = nlohmann::ordered_json;

/// A table of the content with a row a prototype, whose number stands in its first column.
struct PrototypeColumns {
  const char* table;
  const char* prefix;  // of the columns' names
};

constexpr PrototypeColumns kPrototypeTables[] = {{"visualize-prototypes/prototypes.csv", "enhanced"},
                                                 {"evaluate/control.csv", "control"},
                                                 {"emergence/prototypes.csv", "emergence"}};

/// As a CSV file has it: nothing where nothing is known.
std::string cell(const Json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Adds the columns of a table but for prototype and name, to the row of the same prototype each.
void add_columns(Table& all, const Json& table, const std::string& prefix) {
  const auto columns = table.at("columns").get<std::vector<std::string>>();
  for (size_t c = 1; c < columns.size(); ++c) {
    if (columns[c] == "name") continue;
    all.columns.push_back(prefix + " " + columns[c]);
    for (auto& row : all.rows) row.emplace_back();
    for (const auto& row : table.at("rows")) {
      const auto prototype = row.at(0).get<size_t>();
      if (prototype < all.rows.size()) all.rows[prototype].back() = cell(row.at(c));
    }
  }
}

/// Attributes of which a prototype tells most, by diagnose.
std::string told_attributes(const Json& encoded, size_t prototype) {
  const auto columns = encoded.at("columns").get<std::vector<std::string>>();
  const auto place = [&](const char* name) {
    return static_cast<size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
  };
  std::string told;
  for (const auto& row : encoded.at("rows")) {
    if (row.at(place("prototype")) != prototype || !row.at(place("not_testable")).is_null()) continue;
    told += (told.empty() ? "" : ", ") + row.at(place("attribute")).get<std::string>();
  }
  return told;
}

void remove_pictures(Json& content) {
  if (!content.is_structured()) return;
  for (auto it = content.begin(); it != content.end();) {
    const bool is_picture = it->is_string() && it->get_ref<const std::string&>().starts_with("data:image/");
    if (is_picture) {
      it = content.erase(it);
    } else {
      remove_pictures(*it);
      ++it;
    }
  }
}

}  // namespace

Table report_table(const Json& content) {
  Table all{.columns = {"prototype", "name"}};
  for (const auto& name : content.at("prototypes")) {
    all.rows.push_back({std::to_string(all.rows.size()), name.get<std::string>()});
  }
  const Json& tables = content.at("tables");
  if (const Json& encoded = tables.at("diagnose/encoded.csv"); !encoded.is_null()) {
    all.columns.push_back("tells");
    for (size_t k = 0; k < all.rows.size(); ++k) all.rows[k].push_back(told_attributes(encoded, k));
  }
  for (const auto& [table, prefix] : kPrototypeTables) {
    if (tables.contains(table) && !tables.at(table).is_null()) add_columns(all, tables.at(table), prefix);
  }
  return all;
}

Json report_json(const Json& content) {
  Json json = content;
  remove_pictures(json);
  return json;
}

}  // namespace patronus
