#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace patronus {

/// Pointer to the setting that a field stands for.
using FieldValue =
    std::variant<bool*, int64_t*, double*, std::string*, std::vector<int64_t>*, std::vector<std::string>*>;

/// A restriction of a field's value: `text` says what is expected ("1 to 4096"), the predicates decide.
struct Range {
  std::string text;
  std::function<bool(double)> number;              // every number of the value, if set
  std::function<bool(const std::string&)> string;  // a string value, if set
};

Range between(double low, double high);
Range at_least(double low);
Range above(double low);
Range one_of(std::vector<std::string> names);
Range one_of_numbers(std::vector<int64_t> numbers);

/// One setting of a configuration: the only place where its key, meaning and range are written.
struct Field {
  std::string key;  // dotted, from the root of the configuration
  FieldValue value;
  std::string help;
  Range range;
};

/// Collects the fields of a configuration struct. Every such struct has a member
///   void describe(Fields& field) { field("count", count, "number of prototypes P", between(1, 4096)); }
/// and nested structs are described by `field.section("prototypes", prototypes)`. Reading, writing,
/// overriding, checking and documenting a configuration are all loops over `Fields::list()`.
class Fields {
 public:
  /// `config` must outlive the fields, which point into it.
  template <class Config>
  explicit Fields(Config& config) {
    config.describe(*this);
  }

  template <class T>
  void operator()(const std::string& key, T& value, const std::string& help, Range range = {}) {
    list_.push_back({prefix_ + key, FieldValue(&value), help, std::move(range)});
  }

  template <class Config>
  void section(const std::string& key, Config& config) {
    const std::string outer = prefix_;
    prefix_ += key + ".";
    config.describe(*this);
    prefix_ = outer;
  }

  const std::vector<Field>& list() const { return list_; }

  /// The field of this dotted key, or nullptr.
  const Field* find(const std::string& key) const;

 private:
  std::string prefix_;
  std::vector<Field> list_;
};

/// The value as YAML and command-line words write it: `0.001`, `true`, `[1, 2, 4]`, `fashion-mnist`.
std::string value_text(const Field& field);

/// What kind of value the field wants: "an integer", "a list of integers", ...
std::string value_kind(const Field& field);

/// What is wrong with the present value ("must be 1 to 4096, got 0"), or nothing.
std::optional<std::string> range_violation(const Field& field);

}  // namespace patronus
