#include "patronus/run/record.h"

#include <ATen/TensorOperators.h>

#include <c10/util/StringUtil.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "patronus/core/text.h"
#include "patronus/io/json_text.h"
#include "patronus/io/markdown.h"

namespace patronus {
namespace {

using Cells = std::vector<std::string>;

Json number_json(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

std::vector<int64_t> edges(const Box& box) {
  return {box.row0, box.row1, box.col0, box.col1};
}

struct ToJson {
  Json operator()(double number) const { return number_json(number); }
  Json operator()(const Estimate& e) const {
    return {{"value", number_json(e.value)}, {"low", number_json(e.low)}, {"high", number_json(e.high)}};
  }
  Json operator()(const MeanOver& m) const {
    if (m.count == 0) return nullptr;
    return {{"mean", m.mean}, {"sd", number_json(m.deviation)}, {m.over, m.count}};
  }
  Json operator()(const Box& box) const { return edges(box); }
  template <class Other>
  Json operator()(const Other& value) const {
    return value;
  }
};

struct ToColumns {
  const std::string& key;

  Cells operator()(const Estimate&) const { return {key, key + "_low", key + "_high"}; }
  Cells operator()(const MeanOver&) const { return {key, key + " sd"}; }
  Cells operator()(const Box&) const { return {"row0", "row1", "col0", "col1"}; }
  template <class Other>
  Cells operator()(const Other&) const {
    return {key};
  }
};

struct ToCells {
  Cells operator()(bool yes) const { return {yes ? "1" : "0"}; }
  Cells operator()(int64_t number) const { return {std::to_string(number)}; }
  Cells operator()(double number) const { return {number_cell(number)}; }
  Cells operator()(const std::string& text) const { return {text}; }
  Cells operator()(const Estimate& e) const {
    return {number_cell(e.value), number_cell(e.low), number_cell(e.high)};
  }
  Cells operator()(const MeanOver& m) const {
    if (m.count == 0) return {"", ""};
    return {number_cell(m.mean), number_cell(m.deviation)};
  }
  Cells operator()(const std::vector<int64_t>& list) const { return {c10::Join(" ", list)}; }
  Cells operator()(const Box& box) const {
    Cells cells;
    for (const int64_t edge : edges(box)) cells.push_back(std::to_string(edge));
    return cells;
  }
};

struct ToText {
  int digits;
  bool is_signed;

  std::string operator()(bool yes) const { return yes ? "yes" : "no"; }
  std::string operator()(int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return number_text(number, digits, is_signed); }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const Estimate& e) const { return estimate_text(e, digits, is_signed); }
  std::string operator()(const MeanOver& m) const {
    if (m.count == 0) return "not measured";
    return format_fixed(m.mean, digits) +
           (std::isfinite(m.deviation) ? " ± " + format_fixed(m.deviation, digits) : "");
  }
  std::string operator()(const std::vector<int64_t>& list) const { return c10::Join(", ", list); }
  std::string operator()(const Box& box) const { return c10::Join(", ", edges(box)); }
};

/// The column's head in Markdown, with what the ± of its numbers is.
std::string markdown_head_of(const RecordField& field) {
  const auto* mean = std::get_if<MeanOver>(&field.value);
  if (mean == nullptr || *mean->over == 0 || !std::isfinite(mean->deviation)) return field.head;
  return field.head + " (± sd over " + mean->over + ")";
}

/// JSON pointer for a dotted key.
Json::json_pointer place_of(std::string key) {
  std::replace(key.begin(), key.end(), '.', '/');
  return Json::json_pointer("/" + key);
}

Cells columns_of(const Record& record) {
  Cells columns;
  for (const auto& field : record) {
    if (field.key.empty()) continue;
    for (auto& column : std::visit(ToColumns{field.key}, field.value)) columns.push_back(std::move(column));
  }
  return columns;
}

Cells cells_of(const Record& record) {
  Cells cells;
  for (const auto& field : record) {
    if (field.key.empty()) continue;
    Cells some = std::visit(ToCells{}, field.value);
    if (!field.is_known) some.assign(some.size(), "");
    cells.insert(cells.end(), some.begin(), some.end());
  }
  return cells;
}

}  // namespace

RecordField shown(const std::string& head, const std::string& text) {
  return {.key = "", .value = text, .head = head};
}

Record known_if(bool is_known, Record fields) {
  for (auto& field : fields) field.is_known = is_known;
  return fields;
}

Record concat(Record record, const Record& more) {
  record.insert(record.end(), more.begin(), more.end());
  return record;
}

Json record_json(const Record& record) {
  Json json = Json::object();
  for (const auto& field : record) {
    if (field.is_known && !field.key.empty()) json[place_of(field.key)] = std::visit(ToJson{}, field.value);
  }
  return json;
}

Json records_json(const std::vector<Record>& records) {
  Json json = Json::array();
  for (const auto& record : records) json.push_back(record_json(record));
  return json;
}

Table record_table(const std::vector<Record>& records, const Record& fields) {
  Table table{columns_of(records.empty() ? fields : records.front()), {}};
  for (const auto& record : records) table.rows.push_back(cells_of(record));
  return table;
}

std::string record_markdown(const std::vector<Record>& records) {
  std::string text;
  for (const auto& record : records) {
    Cells heads, cells;
    for (const auto& field : record) {
      if (field.head.empty()) continue;
      heads.push_back(markdown_head_of(field));
      cells.push_back(field.is_known ? std::visit(ToText{field.digits, field.is_signed}, field.value) : "-");
    }
    if (text.empty()) text = markdown_head(heads);
    text += markdown_line(cells);
  }
  return text;
}

Table matrix_table(const std::string& corner, const std::vector<int64_t>& rows,
                   const std::vector<int64_t>& columns, const at::Tensor& numbers) {
  Table table{{corner}, {}};
  for (const int64_t column : columns) table.columns.push_back(std::to_string(column));
  for (int64_t i = 0; i < numbers.size(0); ++i) {
    table.rows.push_back({std::to_string(rows[i])});
    for (int64_t j = 0; j < numbers.size(1); ++j)
      table.rows.back().push_back(number_cell(numbers[i][j].item<double>()));
  }
  return table;
}

std::string number_text(double value, int digits, bool is_signed) {
  if (!std::isfinite(value)) return "-";
  if (value == 0) value = 0;  // drops the sign of -0
  return (is_signed && value >= 0 ? "+" : "") + format_fixed(value, digits);
}

std::string estimate_text(const Estimate& e, int digits, bool is_signed) {
  if (!std::isfinite(e.value)) return "-";
  if (std::isnan(e.low) && std::isnan(e.high)) return number_text(e.value, digits, is_signed);
  const auto text = [&](double number) { return number_text(number, digits, is_signed); };
  return text(e.value) + " (" + text(e.low) + " to " + text(e.high) + ")";
}

}  // namespace patronus
