#include "patronus/core/config_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "patronus/core/error.h"
#include "support/failure.h"
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

TEST(ConfigFiles, AFileAsGivenIsNearerThanOneWithAnEndingAndThatThanAShippedOne) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "shipped");
  const auto found = [&](const std::string& name) {
    return find_yaml(name, folder / "shipped", "study").lexically_relative(folder.path());
  };
  std::ofstream(folder / "shipped/mine.yaml") << "a: 1\n";
  EXPECT_EQ(found("mine"), "shipped/mine.yaml");
  EXPECT_EQ(found("mine.yaml"), "shipped/mine.yaml");
  std::ofstream(folder / "mine.yaml") << "a: 1\n";
  EXPECT_EQ(found((folder / "mine").string()), "mine.yaml");
  const auto here = test::run_in_fork(
      [&] { return find_yaml("mine", folder / "shipped", "study") == "mine.yaml" ? 0 : 1; }, folder.path());
  EXPECT_EQ(here.status, 0);
  EXPECT_EQ(here.errors,
            "warning: mine: is " + (folder / "mine.yaml").string() + ", not the shipped study\n");
  std::ofstream(folder / "mine") << "a: 1\n";
  EXPECT_EQ(found((folder / "mine").string()), "mine");
  std::filesystem::create_directory(folder / "folder");
  EXPECT_THROW(found((folder / "folder").string()), ConfigError) << "a folder is no file";
}

TEST(ConfigFiles, AMissingOneIsCalledByItsKindWithThoseThatShip) {
  const test::TemporaryFolder folder;
  for (const char* name : {"b.yaml", "a.yaml", "notes.txt"}) std::ofstream(folder / name) << "a: 1\n";
  EXPECT_EQ(test::message_of([&] { find_yaml("one-more", folder.path(), "study"); }),
            "one-more: no such study; the shipped ones are a, b");
  EXPECT_EQ(test::message_of([&] { find_yaml("sub/A.yaml", folder.path(), "study"); }),
            "sub/A.yaml: no such study; the shipped ones are a, b; did you mean a?");
  const std::string mistyped = (folder / "nots.txt").string();
  EXPECT_EQ(test::message_of([&] { find_yaml(mistyped, folder.path(), "study"); }),
            mistyped + ": no such study; the shipped ones are a, b; did you mean " +
                (folder / "notes.txt").string() + "?");
  EXPECT_THROW(find_yaml("sub/a", folder.path(), "study"), ConfigError) << "shipped ones have no folders";
}

TEST(HomeExpanded, TildeAloneOrBeforeASlashIsTheHomeFolder) {
  const char* before = std::getenv("HOME");
  const std::string kept = before ? before : "";
  setenv("HOME", "/home/me", 1);
  EXPECT_EQ(expand_home("~").lexically_normal(), "/home/me/");
  EXPECT_EQ(expand_home("~/a/b"), "/home/me/a/b");
  EXPECT_EQ(expand_home("~//a"), "/home/me/a");
  for (const char* path : {"", "a/~", "~you/a", "./~/a", "/a"}) EXPECT_EQ(expand_home(path), path);
  unsetenv("HOME");
  EXPECT_EQ(expand_home("~/a"), "~/a") << "nobody knows where";
  if (before) setenv("HOME", kept.c_str(), 1);
}

}  // namespace
}  // namespace patronus
