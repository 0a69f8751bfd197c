#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "patronus/core/error.h"
#include "patronus/io/json_text.h"
#include "patronus/report/report.h"

namespace patronus {
namespace {

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

/// The table of this name; null where there is none.
const Json& table_named(const Json& tables, const char* name) {
  static const Json kNone;
  const auto found = tables.find(name);
  return found == tables.end() ? kNone : *found;
}

/// Calls `visit` with every row of a table, as a function from a column's name to its cell.
template <class Visit>
void for_each_row(const Json& table, Visit visit) {
  if (table.is_null()) return;
  const auto columns = table.at("columns").get<std::vector<std::string>>();
  for (const auto& row : table.at("rows")) {
    visit([&](const char* name) -> const Json& {
      return row.at(static_cast<size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin()));
    });
  }
}

/// An attribute that a prototype tells better than any other does.
struct ToldAttribute {
  size_t prototype;
  double auroc;  // 0.5 to 1
  std::string text;
};

/// As on the page: those by diagnose, and by evaluate where diagnose knows nothing of the attribute; best
/// first.
std::vector<ToldAttribute> told_attributes(const Json& encoded, const Json& probed) {
  std::vector<ToldAttribute> told;
  std::set<std::string> diagnosed;
  const auto add = [&](const auto& row, const char* auroc, bool rises) {
    if (row("prototype").is_null() || row(auroc).is_null()) return;
    told.push_back({row("prototype").template get<size_t>(), row(auroc).template get<double>(),
                    row("attribute").template get<std::string>() + (rises ? "" : " (falls)")});
  };
  for_each_row(encoded, [&](const auto& row) {
    if (!row("prototype").is_null()) diagnosed.insert(row("attribute").template get<std::string>());
    if (row("not_testable").is_null()) add(row, "auroc", row("rises") == 1);
  });
  for_each_row(probed, [&](const auto& row) {
    if (diagnosed.contains(row("attribute").template get<std::string>())) return;
    const Json& positive = row("positive_auroc");
    add(row, "prototype_auroc", positive.is_null() || positive.template get<double>() >= 0.5);
  });
  std::stable_sort(told.begin(), told.end(), [](const auto& a, const auto& b) { return a.auroc > b.auroc; });
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

/// The table, of content whose tables are as their commands write them.
Table table_of_prototypes(const Json& content) {
  Table all{.columns = {"prototype", "name"}};
  for (const auto& name : content.at("prototypes")) {
    all.rows.push_back({std::to_string(all.rows.size()), name.get<std::string>()});
  }
  const Json& tables = content.at("tables");
  const Json &encoded = table_named(tables, "diagnose/encoded.csv"),
             &probed = table_named(tables, "evaluate/attributes.csv");
  if (!encoded.is_null() || !probed.is_null()) {
    all.columns.push_back("tells");
    for (auto& row : all.rows) row.emplace_back();
    for (const auto& [prototype, auroc, text] : told_attributes(encoded, probed)) {
      if (prototype >= all.rows.size()) continue;
      std::string& cell = all.rows[prototype].back();
      cell += (cell.empty() ? "" : ", ") + text;
    }
  }
  for (const auto& [name, prefix] : kPrototypeTables) {
    if (const Json& table = table_named(tables, name); !table.is_null()) add_columns(all, table, prefix);
  }
  return all;
}

}  // namespace

Table report_table(const Json& content) {
  try {
    return table_of_prototypes(content);
  } catch (const Json::exception& e) {
    throw DataError("a table of prototypes or attributes is not as its command writes it: " +
                    std::string(e.what()));
  }
}

Json report_json(const Json& content) {
  Json json = content;
  remove_pictures(json);
  return json;
}

}  // namespace patronus
