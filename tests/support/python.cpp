#include "support/python.h"

#include <cstdlib>
#include <map>

namespace patronus::test {
namespace {

// To import torch would take seconds.
constexpr char kFindModules[] = R"(
import importlib.util, sys
sys.exit(any(importlib.util.find_spec(module) is None for module in sys.argv[1].split(", ")))
)";

std::optional<std::string> find_python_with(const std::string& modules) {
  const char* chosen = std::getenv("PATRONUS_PYTHON");
  for (const std::string candidate : {chosen ? chosen : "", PATRONUS_PYTHON, "python3", "/usr/bin/python3"}) {
    if (!candidate.empty() && run_python(candidate, kFindModules, {modules}).status == 0) return candidate;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> python_with(const std::string& modules) {
  static std::map<std::string, std::optional<std::string>> known;
  const auto found = known.find(modules);
  return found != known.end() ? found->second : known[modules] = find_python_with(modules);
}

Outcome run_python(const std::string& python, const std::string& script,
                   const std::vector<std::string>& arguments) {
  return run_command(python, concat({"-c", script}, arguments), ".");
}

}  // namespace patronus::test
