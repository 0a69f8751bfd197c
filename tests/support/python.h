#pragma once
#include <optional>
#include <string>
#include <vector>

#include "support/run_program.h"

namespace patronus::test {

/// A Python interpreter that has these `modules` ("torch", "numpy, PIL"): $PATRONUS_PYTHON, else the one
/// that the LibTorch of this build belongs to, else python3, else the system's python3. Tests that get none
/// skip aloud: Python is not needed to build.
std::optional<std::string> python_with(const std::string& modules);

/// Runs `script` (its text) with the interpreter and sys.argv[1:] = `arguments`.
Outcome run_python(const std::string& python, const std::string& script,
                   const std::vector<std::string>& arguments = {});

}  // namespace patronus::test
