#include "patronus/core/describe.h"

#include <c10/util/StringUtil.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <type_traits>

#include "patronus/core/contains.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == 0x7F;
}

bool needs_quotes(const std::string& text) {
  static const std::set<std::string> words{"true", "false", "null", "Null", "NULL", "~"};
  return text.empty() || text.find_first_of(":#'\"{}[],&*?|<>=!%@`") != std::string::npos ||
         text.front() == ' ' || text.back() == ' ' || text.front() == '-' || words.contains(text);
}

/// For text with control characters: in other quotes, YAML turns line breaks into blanks.
std::string in_double_quotes(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (is_control(c)) {
      result += "\\x" + hexadecimal(static_cast<unsigned char>(c), 2);
    } else {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + '"';
}

std::string in_quotes(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "''" : std::string(1, c);
  return result + "'";
}

std::string text_of(bool value) {
  return value ? "true" : "false";
}

std::string text_of(int64_t value) {
  return std::to_string(value);
}

std::string text_of(double value) {
  return format_shortest(value);
}

std::string text_of(const std::string& value) {
  if (std::any_of(value.begin(), value.end(), is_control)) return in_double_quotes(value);
  return needs_quotes(value) ? in_quotes(value) : value;
}

template <class Element>
std::string text_of(const std::vector<Element>& values) {
  std::vector<std::string> parts;
  for (const auto& value : values) parts.push_back(text_of(value));
  return "[" + join(parts) + "]";
}

}  // namespace

Range between(double low, double high) {
  return {format_shortest(low) + " to " + format_shortest(high),
          [=](double v) { return v >= low && v <= high; }};
}

Range at_least(double low) {
  return {"at least " + format_shortest(low), [=](double v) { return v >= low; }};
}

Range above(double low) {
  return {"above " + format_shortest(low), [=](double v) { return v > low; }};
}

Range one_of_numbers(std::vector<int64_t> numbers) {
  return {c10::Join(" | ", numbers),
          [numbers = std::move(numbers)](double v) { return contains(numbers, static_cast<int64_t>(v)); }};
}

const Field* Fields::find(const std::string& key) const {
  const auto found = std::find_if(list_.begin(), list_.end(), [&](const Field& f) { return f.key == key; });
  return found == list_.end() ? nullptr : &*found;
}

std::string Choice::text(const std::vector<std::string>& chosen) const {
  return is_list ? text_of(chosen) : text_of(chosen.front());
}

std::string value_text(const Field& field) {
  if (const auto* choice = std::get_if<Choice>(&field.value)) return choice->text(choice->get());
  return std::visit(
      [](const auto& value) -> std::string {
        if constexpr (std::is_pointer_v<std::decay_t<decltype(value)>>) return text_of(*value);
        return {};
      },
      field.value);
}

std::string value_kind(const Field& field) {
  static const char* const kinds[] = {"true or false", "an integer",         "a number",
                                      "a text",        "a list of integers", "a list of texts"};
  if (const auto* choice = std::get_if<Choice>(&field.value)) return choice->is_list ? kinds[5] : kinds[3];
  return kinds[field.value.index()];
}

std::optional<std::string> range_violation(const Field& field) {
  const auto number_fits = [&](double v) {
    return std::isfinite(v) && (!field.range.holds || field.range.holds(v));
  };
  const bool fits = std::visit(
      [&](const auto& value) {
        using T = std::remove_pointer_t<std::decay_t<decltype(value)>>;
        if constexpr (std::is_same_v<T, int64_t> || std::is_same_v<T, double>) {
          return number_fits(static_cast<double>(*value));
        }
        if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
          return std::all_of(value->begin(), value->end(),
                             [&](int64_t v) { return number_fits(static_cast<double>(v)); });
        }
        return true;
      },
      field.value);
  if (fits) return std::nullopt;
  const std::string expected = field.range.text.empty() ? "finite" : field.range.text;
  return "must be " + expected + ", got " + value_text(field);
}

}  // namespace patronus
