#include "patronus/core/nearest_path.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

TEST(NearPath, IsTheNearestOfItsTypeInAnyCaseAndInANearFolder) {
  const test::TemporaryFolder folder;
  fs::create_directories(folder / "runs/celeba");
  std::ofstream(folder / "runs/celeba/Data.csv") << "";
  std::ofstream(folder / "runs/celebs") << "";
  const auto near_to = [&](const std::string& path, fs::file_type type) {
    const auto meant = nearest_path(folder / path, type);
    return meant ? meant->lexically_relative(folder.path()).string() : "";
  };
  EXPECT_EQ(near_to("runs/celeb", fs::file_type::directory), "runs/celeba");
  EXPECT_EQ(near_to("runs/CELEBA/", fs::file_type::directory), "runs/celeba");
  EXPECT_EQ(near_to("runs/celeb", fs::file_type::regular), "runs/celebs");
  EXPECT_EQ(near_to("run/celeba", fs::file_type::directory), "runs/celeba");
  EXPECT_EQ(near_to("run/celeb/data.csv", fs::file_type::regular), "runs/celeba/Data.csv");
  EXPECT_EQ(near_to("nowhere/celeba", fs::file_type::directory), "");
  EXPECT_EQ(near_to("runs/xylophone", fs::file_type::directory), "");
  EXPECT_EQ(did_you_mean_path(folder / "run", fs::file_type::directory),
            "; did you mean " + (folder / "runs").string() + "?");
  EXPECT_EQ(did_you_mean_path("", fs::file_type::directory), "");
}

}  // namespace
}  // namespace patronus
