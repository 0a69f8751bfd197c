#pragma once
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace patronus {

/// Exit status of the program for each kind of failure.
enum class ExitCode : int {
  kOther = 1,
  kUsage = 2,
  kData = 3,
  kDiverged = 4,
  kHungUp = 129,
  kInterrupted = 130,
  kTerminated = 143
};

/// A failure that a user can understand and act on: one line, "where: what; expected what; what to do".
/// Mistakes of our own are TORCH_CHECK failures instead.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode code = ExitCode::kOther)
      : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Wrong usage, configuration, device, or a checkpoint that does not fit.
struct ConfigError : Error {
  explicit ConfigError(const std::string& message) : Error(message, ExitCode::kUsage) {}
};

/// Missing, damaged or inconsistent data files.
struct DataError : Error {
  explicit DataError(const std::string& message) : Error(message, ExitCode::kData) {}
};

/// The loss is no longer finite.
struct DivergedError : Error {
  explicit DivergedError(const std::string& message) : Error(message, ExitCode::kDiverged) {}
};

/// The place of the candidate nearest to `name` by edit distance, the first of several, where it is near
/// enough for a likely typing mistake.
std::optional<size_t> nearest(std::string_view name, std::span<const std::string> candidates);

/// "; did you mean X?", the nearest candidate; empty where none is near enough.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

/// The place of `name` among `names`. ConfigError where it is none of them: `what`, as "part 'x':", that one
/// of them is expected, and the nearest one.
size_t index_of(std::string_view name, std::span<const std::string> names, const std::string& what);

/// What `act` gives; a DataError or ConfigError of it begins with `where`, a path or a setting.
template <class Act>
auto with_context(const std::string& where, const Act& act) {
  try {
    return act();
  } catch (const DataError& error) {
    throw DataError(where + ": " + error.what());
  } catch (const ConfigError& error) {
    throw ConfigError(where + ": " + error.what());
  }
}

}  // namespace patronus
