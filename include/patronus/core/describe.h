#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "patronus/core/named_enum.h"
#include "patronus/core/text.h"

namespace patronus {

/// A setting whose value is one of an enumeration's names, or a list of them.
struct Choice {
  std::vector<std::string> names;  // of all values
  bool is_list;
  std::function<std::vector<std::string>()> get;
  std::function<void(const std::vector<std::string>&)> set;  // takes existing names only

  /// The chosen names in YAML syntax.
  std::string text(const std::vector<std::string>& chosen) const;

  template <NamedEnum E>
  static Choice of(E& value) {
    return {enum_names(E{}), false, [&value] { return std::vector{to_string(value)}; },
            [&value](const auto& chosen) { value = parse_enum<E>(chosen.front(), "value"); }};
  }

  template <NamedEnum E>
  static Choice of(std::vector<E>& values) {
    const auto get = [&values] {
      std::vector<std::string> chosen;
      for (const E value : values) chosen.push_back(to_string(value));
      return chosen;
    };
    const auto set = [&values](const auto& chosen) {
      values.clear();
      for (const auto& name : chosen) values.push_back(parse_enum<E>(name, "value"));
    };
    return {enum_names(E{}), true, get, set};
  }
};

/// Pointer to the setting described by a field.
using FieldValue = std::variant<bool*, int64_t*, double*, std::string*, std::vector<int64_t>*,
                                std::vector<std::string>*, Choice>;

/// Allowed numbers of a field: `text` describes them ("1 to 4096"), `holds`, if set, checks one.
struct Range {
  std::string text;
  std::function<bool(double)> holds;
};

Range between(double low, double high);
Range at_least(double low);
Range above(double low);
Range one_of_numbers(std::vector<int64_t> numbers);

/// One setting of a configuration. Its key, meaning and range are defined nowhere else.
struct Field {
  std::string key;  // dotted, from the root of the configuration
  FieldValue value;
  std::string help;
  Range range;
};

/// Collects the fields of a configuration struct. A field of a named enumeration (named_enum.h) accepts its
/// names. Every configuration struct has a member
///   void describe(Fields& field) { field("count", count, "number of prototypes P", between(1, 4096)); }
/// which describes nested structs with `field.section("prototypes", prototypes)`. Reading, writing,
/// overriding, checking and documenting a configuration are loops over `Fields::list()`.
class Fields {
 public:
  /// `config` must outlive this object, which keeps pointers into it.
  template <class Config>
  explicit Fields(Config& config) {
    config.describe(*this);
  }

  template <class T>
  void operator()(const std::string& key, T& value, const std::string& help, Range range = {}) {
    if constexpr (requires { Choice::of(value); }) {
      const Choice choice = Choice::of(value);
      list_.push_back({prefix_ + key, choice, help, {join(choice.names, " | "), {}}});
    } else {
      list_.push_back({prefix_ + key, FieldValue(&value), help, std::move(range)});
    }
  }

  template <class Config>
  void section(const std::string& key, Config& config) {
    const std::string outer = prefix_;
    prefix_ += key + ".";
    config.describe(*this);
    prefix_ = outer;
  }

  const std::vector<Field>& list() const { return list_; }

  /// The field with this dotted key, or nullptr.
  const Field* find(const std::string& key) const;

 private:
  std::string prefix_;
  std::vector<Field> list_;
};

/// The field's value in YAML and command-line syntax: `0.001`, `true`, `[1, 2, 4]`, `fashion-mnist`.
std::string value_text(const Field& field);

/// The kind of value that the field takes: "an integer", "a list of integers", ...
std::string value_kind(const Field& field);

/// Describes why the current value is invalid ("must be 1 to 4096, got 0"); nothing if it is valid.
std::optional<std::string> range_violation(const Field& field);

}  // namespace patronus
