#include "patronus/data/data_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

constexpr size_t kExamples = 3;
constexpr size_t kShownAttributes = 6;
constexpr size_t kShownValues = 10;

/// "12, 13, 14, ...": `names` are the first of `total` names.
std::string first_names(std::vector<std::string> names, size_t total) {
  if (total > names.size()) names.emplace_back("...");
  return join(names);
}

/// "hat (1: 12, 0: 10, unknown: 2)".
std::string counts_text(const AttributeCounts& attribute) {
  std::vector<std::string> values;
  for (const auto& [value, count] : attribute.values)
    values.push_back(value + ": " + std::to_string(count.total()));
  if (attribute.yes_or_no) std::reverse(values.begin(), values.end());
  const size_t total = values.size();
  values.resize(std::min(total, kShownValues));
  std::string text = attribute.name + " (" + first_names(values, total);
  if (attribute.unknown.total() > 0) text += ", unknown: " + std::to_string(attribute.unknown.total());
  return text + ")";
}

std::string attributes_text(const std::vector<AttributeCounts>& attributes) {
  if (attributes.empty()) return "no attributes";
  std::vector<std::string> texts;
  for (size_t a = 0; a < std::min(kShownAttributes, attributes.size()); ++a)
    texts.push_back(counts_text(attributes[a]));
  return (attributes.size() > kShownAttributes ? std::to_string(attributes.size()) + " attributes: " : "") +
         first_names(texts, attributes.size());
}

/// "20 training and 5 test images (25% held out, chosen by name)", or "25 images" if they are not divided.
std::string images_text(const DataReport& report) {
  if (report.division.empty()) return pluralize(report.images.total(), "image");
  return std::to_string(report.images[Split::kTrain]) + " training and " +
         pluralize(report.images[Split::kTest], "test image") + " (" + report.division + ")";
}

Json attribute_json(const AttributeCounts& attribute) {
  Json values = Json::object();
  for (const auto& [value, count] : attribute.values) values[value] = count_json(count);
  return {{"name", attribute.name}, {"values", values}, {"unknown", count_json(attribute.unknown)}};
}

}  // namespace

int64_t SplitCount::total() const {
  return (*this)[Split::kTrain] + (*this)[Split::kTest];
}

void LeftOutList::append(const LeftOutList& more) {
  for (const auto& left_out : more) add(left_out);
}

void LeftOutList::add(const LeftOut& more) {
  auto known = std::find_if(list_.begin(), list_.end(),
                            [&](const LeftOut& left_out) { return left_out.what == more.what; });
  if (known == list_.end()) known = list_.insert(known, {more.what, 0, {}, more.matters});
  known->count += more.count;
  for (const auto& name : more.examples) {
    if (known->examples.size() < kExamples) known->examples.push_back(name);
  }
}

void Copies::add(const std::string& example) {
  ++count;
  if (examples.size() < kExamples) examples.push_back(example);
}

std::string found_line(const DataReport& report) {
  std::string text = report.shown + ": " + images_text(report) + "; " + attributes_text(report.attributes);
  for (const auto& remark : report.remarks) text += "; " + remark;
  return text;
}

std::string left_out_line(const DataReport& report, bool matters) {
  std::vector<std::string> parts;
  for (const auto& left_out : report.left_out) {
    if (left_out.matters != matters) continue;
    parts.push_back(left_out.what + ": " + std::to_string(left_out.count) + " (" +
                    first_names(left_out.examples, static_cast<size_t>(left_out.count)) + ")");
  }
  return parts.empty() ? "" : report.shown + ": left out: " + join(parts, "; ");
}

std::string copies_line(const DataReport& report) {
  const auto& [count, examples] = report.copies;
  if (count == 0) return "";
  return report.shown + ": " + pluralize(count, "test image") + " with the pixels of a training image (" +
         first_names(examples, static_cast<size_t>(count)) + "); such images say nothing about new ones";
}

void log_left_out(const DataReport& report) {
  if (const auto line = left_out_line(report, false); !line.empty()) log_info_once(line);
  if (const auto line = left_out_line(report, true); !line.empty()) log_warning_once(line);
}

void log_report(const DataReport& report) {
  log_info_once(found_line(report));
  log_left_out(report);
}

Json count_json(const SplitCount& count) {
  Json json;
  for (const Split split : kSplits) json[to_string(split)] = count[split];
  return json;
}

Json to_json(const DataReport& report) {
  Json json{{"kind", report.kind},
            {"path", report.path},
            {"images", count_json(report.images)},
            {"division", report.division},
            {"preprocessing", report.preprocessing},
            {"attributes", Json::array()},
            {"remarks", report.remarks},
            {"left_out", Json::array()},
            {"copies", {{"count", report.copies.count}, {"examples", report.copies.examples}}},
            {"identity", Json::object()}};
  for (const auto& attribute : report.attributes) json["attributes"].push_back(attribute_json(attribute));
  for (const auto& left_out : report.left_out) {
    json["left_out"].push_back(
        {{"what", left_out.what}, {"count", left_out.count}, {"examples", left_out.examples}});
  }
  for (const auto& [what, value] : report.identity) json["identity"][what] = value;
  return json;
}

}  // namespace patronus
