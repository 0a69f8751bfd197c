#include "patronus/core/version.h"

#include <torch/version.h>

namespace patronus {

const ProgramVersion kProgramVersion{PATRONUS_VERSION, PATRONUS_REVISION, TORCH_VERSION};

std::string program_version() {
  return std::string(kProgramVersion.version) + " " + kProgramVersion.git_revision + ", LibTorch " +
         kProgramVersion.libtorch;
}

}  // namespace patronus
