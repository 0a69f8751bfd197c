// The folder of recorded cases as a whole: that there is one when it is asked for, and that nothing in it is
// passed over in silence.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "support/parity.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Kinds that a test replays: the prefix of a case's file name.
const std::vector<std::string> kReplayed{
    "encoder_",   "receptive_field", "unet_",          "schedule", "sampling_", "train_",     "distinct_loss",
    "preprocess", "interpolation",   "reference_ckpt", "latent_",  "frechet",   "inception_", "metrics"};

bool is_of_kind(const std::string& name, const std::vector<std::string>& kinds) {
  return std::any_of(kinds.begin(), kinds.end(),
                     [&](const std::string& kind) { return name.starts_with(kind); });
}

/// Whether the folder must be there: it is asked for by name, or this is a CI whose checkout lies where the
/// folder's other parts do. A user's checkout has neither.
bool folder_is_owed() {
  return std::getenv("PATRONUS_PARITY_DIR") ||
         (std::getenv("CI") && fs::is_directory(test::parity_folder().parent_path()));
}

TEST(ParityFolder, HoldsCasesOfEveryKind) {
  if (!fs::is_directory(test::parity_folder()) && !folder_is_owed()) {
    GTEST_SKIP() << test::parity_folder() << " does not exist: no case of the reference is replayed";
  }
  size_t cases = 0;
  for (const auto& kind : kReplayed) {
    const size_t of_kind = test::parity_cases(kind).size();
    cases += of_kind;
    // Who names a folder may ask for some kinds alone.
    EXPECT_TRUE(of_kind > 0 || std::getenv("PATRONUS_PARITY_DIR")) << kind;
  }
  EXPECT_GT(cases, 0u) << "no case in " << test::parity_folder();
}

TEST(ParityFolder, EveryFileIsReplayed) {
  for (const auto& path : test::parity_cases("")) {
    const std::string name = path.filename().string();
    const bool replayed = is_of_kind(name, kReplayed);
    if (std::getenv("PATRONUS_PARITY_DIR")) {
      if (!replayed) std::cout << "of unknown kind: " << name << "\n";
    } else {
      EXPECT_TRUE(replayed) << name << " is replayed by no test";
    }
  }
}

}  // namespace
}  // namespace patronus
