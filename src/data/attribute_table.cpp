#include "patronus/data/attribute_table.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "patronus/core/error.h"

namespace patronus {
namespace {

std::optional<int64_t> integer_from(const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

int64_t value_named(const std::vector<std::string>& words, const std::string& condition,
                    const std::string& value) {
  const auto named = std::find(words.begin(), words.end(), value);
  if (named != words.end()) return named - words.begin();
  const auto is_number = [](const std::string& word) { return integer_from(word).has_value(); };
  const auto number = integer_from(value);
  if (number && std::none_of(words.begin(), words.end(), is_number)) return *number;
  throw ConfigError("'" + condition + "': '" + value + "' is no value of it; expected " +
                    (words.empty() ? "0 or 1" : "one of " + join(words)));
}

}  // namespace

AttributeTable AttributeTable::rows(const at::Tensor& indices) const {
  return {names, values.index_select(0, indices), words};
}

AttributeTable AttributeTable::columns(const std::vector<std::string>& wanted) const {
  AttributeTable chosen{wanted, {}, {}};
  std::vector<int64_t> places;
  for (const auto& name : wanted) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      throw ConfigError("there is no attribute '" + name + "'; expected " +
                        (names.empty() ? "none" : join(names)) + did_you_mean(name, names));
    }
    places.push_back(found - names.begin());
    chosen.words.push_back(words[static_cast<size_t>(places.back())]);
  }
  chosen.values = values.index_select(1, at::tensor(places, at::kLong));
  return chosen;
}

at::Tensor images_where(const AttributeTable& table, const std::string& condition) {
  const size_t equals = std::min(condition.find('='), condition.size());
  const std::string name = condition.substr(0, equals);
  const std::string value = condition.substr(std::min(equals + 1, condition.size()));
  const auto column = std::find(table.names.begin(), table.names.end(), name);
  if (column == table.names.end()) {
    throw ConfigError("'" + condition + "': the images have no attribute '" + name + "'" +
                      (table.names.empty() ? "" : "; expected one of " + join(table.names)) +
                      did_you_mean(name, table.names));
  }
  const auto place = column - table.names.begin();
  const int64_t wanted = value_named(table.words[static_cast<size_t>(place)], condition, value);
  const auto indices = (table.values.select(1, place) == wanted).nonzero().squeeze(1);
  if (indices.numel() == 0 || wanted < 0) throw ConfigError("'" + condition + "': no image has this value");
  return indices;
}

}  // namespace patronus
