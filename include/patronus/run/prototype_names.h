#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patronus {

/// User-defined names of prototypes from a run's `names.yaml`, one per line: `12: red hat`.
class PrototypeNames {
 public:
  /// No names.
  PrototypeNames() = default;
  /// Reads the names in a file, for a model with `count` prototypes; none if the file is missing. Throws
  /// ConfigError with file and line for an invalid name, one that options could not accept (a number, "all",
  /// "example", text with a comma, or another's name in a different case), a prototype that the model does
  /// not have, and one that is named twice.
  PrototypeNames(const std::filesystem::path& file, int64_t count);

  /// Name of a prototype, or empty.
  std::string name(int64_t prototype) const;
  /// Number and name: "12", or "12 red hat".
  std::string label(int64_t prototype) const;
  /// Prototypes with this name, ignoring case and surrounding blanks, ascending; may be empty.
  std::vector<int64_t> prototypes_named(std::string_view name) const;
  /// All names, in the order of the prototypes' numbers.
  std::vector<std::string> all() const;

 private:
  std::map<int64_t, std::string> names_;
};

}  // namespace patronus
