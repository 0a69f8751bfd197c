#include "support/python.h"

#include <cstdlib>
#include <map>

namespace patronus::test {
namespace {

std::optional<std::string> find_python_with(const std::string& module) {
  const char* chosen = std::getenv("PATRONUS_PYTHON");
  for (const std::string candidate : {chosen ? chosen : "", PATRONUS_PYTHON, "python3", "/usr/bin/python3"}) {
    if (!candidate.empty() && run_python(candidate, "import " + module).status == 0) return candidate;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> python_with(const std::string& module) {
  static std::map<std::string, std::optional<std::string>> known;  // importing torch takes seconds
  const auto found = known.find(module);
  return found != known.end() ? found->second : known[module] = find_python_with(module);
}

Outcome run_python(const std::string& python, const std::string& script,
                   const std::vector<std::string>& arguments) {
  return run_command(python, concat({"-c", script}, arguments), ".");
}

}  // namespace patronus::test
