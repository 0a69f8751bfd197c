#pragma once
#include <string>

namespace patronus {

/// What this program was built from.
struct ProgramVersion {
  const char* version;       // "0.1.0"
  const char* git_revision;  // "1a2b3c4", with "-dirty" if files differed from it; empty outside a repository
  const char* libtorch;      // "2.11.0"
};

extern const ProgramVersion kProgramVersion;

/// The program's version in one line: "0.1.0 1a2b3c4, LibTorch 2.11.0".
std::string program_version();

}  // namespace patronus
