#pragma once
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace patronus {

/// Exit status of the program for each kind of failure; those of signals are 128 + the signal.
enum class ExitCode : int {
  kOther = 1,
  kUsage = 2,
  kData = 3,
  kDiverged = 4,
  kHungUp = 129,
  kInterrupted = 130,
  kTerminated = 143
};

/// A failure that the user can understand and fix. The message is one line, "where: what; expected what; what
/// to do". Programming errors are TORCH_CHECK failures instead.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode code = ExitCode::kOther)
      : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Wrong usage, configuration or device, or an incompatible checkpoint.
struct ConfigError : Error {
  explicit ConfigError(const std::string& message) : Error(message, ExitCode::kUsage) {}
};

/// Missing, damaged or inconsistent data files.
struct DataError : Error {
  explicit DataError(const std::string& message) : Error(message, ExitCode::kData) {}
};

/// The loss is not finite any more.
struct DivergedError : Error {
  explicit DivergedError(const std::string& message) : Error(message, ExitCode::kDiverged) {}
};

/// Index of the candidate that the unknown `name` most likely means: the nearest by edit distance, ignoring
/// case (the first of several), if at most a third of the letters of `name` are wrong; else the only one that
/// begins with `name` or that `name` begins with.
std::optional<size_t> nearest_name(std::string_view name, std::span<const std::string> candidates);

/// "; did you mean X?" with that candidate; empty if there is none.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

/// Index of `name` among `names`. Throws ConfigError if it is missing: `what` (such as "part 'x':"), the
/// expected names and the nearest one.
size_t index_of(std::string_view name, std::span<const std::string> names, const std::string& what);

/// Calls `act` and returns its result; prefixes DataError and ConfigError with `where`, a path or a setting.
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
