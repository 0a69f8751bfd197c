#pragma once
#include <exception>
#include <string>

#include "patronus/core/error.h"

namespace patronus::cli {

/// What a command ends with.
struct Failure {
  std::string message;  // one line
  ExitCode code = ExitCode::kOther;
};

/// The line and the exit status that any exception stands for. Of one of LibTorch's, the calls that led to it
/// are logged for --verbose.
Failure failure_of(const std::exception& exception);

}  // namespace patronus::cli
