#include "patronus/core/config_files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "patronus/core/error.h"
#include "support/run_program.h"

namespace patronus {
namespace {

TEST(ConfigFiles, FindsFilesAsGivenAndSaysWhatShipsOtherwise) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "mine.yaml") << "rate: 1\n";
  EXPECT_EQ(find_config((folder / "mine").string()), folder / "mine.yaml");
  try {
    find_config("no-such-config");
    FAIL();
  } catch (const ConfigError& e) {
    EXPECT_TRUE(std::string(e.what()).starts_with(
        "no-such-config: no such configuration file; the shipped ones are celeba, "))
        << e.what();
  }
}

}  // namespace
}  // namespace patronus
