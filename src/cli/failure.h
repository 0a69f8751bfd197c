#pragma once
#include <exception>
#include <string>

#include "patronus/core/error.h"

namespace patronus::cli {

/// How a command failed: error message and exit status.
struct Failure {
  std::string message;  // one line
  ExitCode code = ExitCode::kOther;
};

/// Message and exit status for an exception. For one of LibTorch's, the full text with the call stack is
/// logged at debug level (--verbose).
Failure failure_of(const std::exception& exception);

}  // namespace patronus::cli
