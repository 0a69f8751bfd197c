#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patronus {

/// Names that people give to prototypes in a run's `names.yaml`, a line each: `12: red hat`.
class PrototypeNames {
 public:
  /// No names.
  PrototypeNames() = default;
  /// Reads the names in a file, of a model with `count` prototypes; none where the file is absent.
  /// ConfigError with file and line for what is no name, or none that options could take (a number, "all",
  /// "example", a text with a comma, another's name in another case), for a prototype that the model does not
  /// have, and for one that is named twice.
  PrototypeNames(const std::filesystem::path& file, int64_t count);

  /// The name, or an empty text.
  std::string name(int64_t prototype) const;
  /// "12", or "12 red hat".
  std::string label(int64_t prototype) const;
  /// The prototypes that have this name, in whatever case and with blanks around it or not, ascending; none
  /// where nothing is called so.
  std::vector<int64_t> called(std::string_view name) const;
  /// All names, by their prototypes' numbers.
  std::vector<std::string> all() const;

 private:
  std::map<int64_t, std::string> names_;
};

}  // namespace patronus
