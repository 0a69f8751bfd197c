#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/io/json_text.h"
#include "patronus/report/report.h"

namespace patronus {
namespace {

/// A table in `content` with one row per prototype and its number in the first column.
struct PrototypeColumns {
  const char* table;
  const char* prefix;  // added to its columns' names
};

constexpr PrototypeColumns kPrototypeTables[] = {{"visualize-prototypes/prototypes.csv", "enhanced"},
                                                 {"evaluate/control.csv", "control"},
                                                 {"emergence/prototypes.csv", "emergence"}};

constexpr const char* kEncoded = "diagnose/encoded.csv";
constexpr const char* kProbed = "evaluate/attributes.csv";

/// Text of a CSV cell; empty for null.
std::string cell(const Json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Appends the columns of a table, except prototype and name, to the rows of the same prototypes.
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

/// The table with this name; null if there is none.
const Json& table_named(const Json& tables, const char* name) {
  static const Json kNone;
  const auto found = tables.find(name);
  return found == tables.end() ? kNone : *found;
}

/// Calls `visit` for every row of a table, with a function that returns the row's cell for a column name.
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

/// For each prototype, the attributes that it predicts best of all prototypes, in descending order:
/// {"attribute", "auroc" (0.5 to 1), "rises"}. `evaluate` chooses prototypes on other images and is used only
/// for attributes for which `diagnose` has no prototype.
Json predicted_by_prototype(const Json& content) {
  const Json& tables = content.at("tables");
  std::vector<std::vector<Json>> predicted(content.at("prototypes").size());
  std::set<std::string> diagnosed;
  const auto add = [&](const auto& row, const char* auroc, bool rises) {
    if (row("prototype").is_null() || row(auroc).is_null()) return;
    const auto prototype = row("prototype").template get<size_t>();
    if (prototype >= predicted.size()) return;
    predicted[prototype].push_back(
        {{"attribute", row("attribute")}, {"auroc", row(auroc).template get<double>()}, {"rises", rises}});
  };
  for_each_row(table_named(tables, kEncoded), [&](const auto& row) {
    if (!row("prototype").is_null()) diagnosed.insert(row("attribute").template get<std::string>());
    if (row("not_testable").is_null()) add(row, "auroc", row("rises") == 1);
  });
  for_each_row(table_named(tables, kProbed), [&](const auto& row) {
    if (diagnosed.contains(row("attribute").template get<std::string>())) return;
    const Json& positive = row("positive_auroc");
    add(row, "prototype_auroc", positive.is_null() || positive.template get<double>() >= 0.5);
  });
  for (auto& list : predicted)
    std::ranges::stable_sort(list, std::greater(),
                             [](const Json& one) { return one["auroc"].get<double>(); });
  return predicted;
}

/// "hat, hair (falls)"; (falls): the attribute lowers the activation.
std::string predicted_text(const Json& predicted) {
  std::vector<std::string> texts;
  for (const auto& one : predicted)
    texts.push_back(one["attribute"].get<std::string>() + (one["rises"].get<bool>() ? "" : " (falls)"));
  return join(texts);
}

/// Returns the result of `compute`. Throws DataError for its JSON errors: a table is not in its command's
/// format.
template <class Compute>
auto of_tables(const Compute& compute) {
  try {
    return compute();
  } catch (const Json::exception& e) {
    throw DataError("a table of prototypes or attributes is not as its command writes it: " +
                    std::string(e.what()));
  }
}

/// As report_table, but throws Json::exception for a table that is not in its command's format.
Table table_of_prototypes(const Json& content) {
  Table all{.columns = {"prototype", "name"}};
  for (const auto& name : content.at("prototypes")) {
    all.rows.push_back({std::to_string(all.rows.size()), name.get<std::string>()});
  }
  const Json& tables = content.at("tables");
  const bool is_known = !table_named(tables, kEncoded).is_null() || !table_named(tables, kProbed).is_null();
  if (is_known) {
    all.columns.push_back("tells");
    const Json predicted = predicted_by_prototype(content);
    for (size_t k = 0; k < all.rows.size(); ++k) all.rows[k].push_back(predicted_text(predicted[k]));
  }
  for (const auto& [name, prefix] : kPrototypeTables) {
    if (const Json& table = table_named(tables, name); !table.is_null()) add_columns(all, table, prefix);
  }
  return all;
}

}  // namespace

Table report_table(const Json& content) {
  return of_tables([&] { return table_of_prototypes(content); });
}

Json predicted_attributes(const Json& content) {
  return of_tables([&] { return predicted_by_prototype(content); });
}

Json report_json(const Json& content) {
  Json json{{"format", kReportFormat}};
  json.update(content);
  remove_pictures(json);
  return json;
}

}  // namespace patronus
