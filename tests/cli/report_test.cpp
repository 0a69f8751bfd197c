// `patronus report` of a tiny run.
#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/python.h"
#include "support/shared_run.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class ReportCommand : public test::SharedRun {
 protected:
  /// A copy of the shared run, which may be changed.
  static fs::path copy_of_run(const std::string& name) {
    workshop();
    fs::copy(path("run"), path(name), fs::copy_options::recursive);
    for (const char* folder : {"visualize-prototypes", "evaluate", "emergence", "diagnose"}) {
      fs::remove_all(path(name) / folder);  // of other tests
    }
    return path(name);
  }
  static test::Outcome on(const std::string& run, std::vector<std::string> words) {
    words.insert(words.end(), {"--run", run});
    return workshop().patronus(words);
  }
  static void analyse(const std::string& run, const std::vector<std::string>& words) {
    const auto result = on(run, words);
    ASSERT_EQ(result.status, 0) << result.errors;
  }
};

TEST_F(ReportCommand, SaysWhatIsMissingAndHowToMakeIt) {
  copy_of_run("bare");
  const auto result = on("bare", {"report"});
  ASSERT_EQ(result.status, 0) << result.errors;
  for (const char* command : {"visualize-prototypes", "evaluate", "emergence", "diagnose"}) {
    EXPECT_NE(result.errors.find("it is made by: patronus " + std::string(command) + " --run bare\n"),
              std::string::npos)
        << result.errors;
  }
  EXPECT_TRUE(fs::exists(path("bare/report.html")));
  EXPECT_EQ(on("bare", {"report", "--out", "bare-page.html"}).status, 0);
  EXPECT_EQ(test::file_text(path("bare-page.html")), test::file_text(path("bare/report.html")));
}

TEST_F(ReportCommand, ABrowserShowsAllOfItAndAsksForNothingElse) {
  const std::string name = "</script><b>hat</b> & \"co\"";
  write_file(copy_of_run("told") / "names.yaml", "0: '" + name + "'\n");
  analyse("told",
          {"visualize-prototypes", "--candidates", "4", "--steps", "3", "--nearest", "2", "--device", "cpu"});
  analyse("told", {"evaluate", "--parts", "representation,control,reconstruction", "--control-images", "4",
                   "--steps", "3", "--device", "cpu"});
  analyse("told", {"emergence", "--steps", "3", "--count", "4", "--device", "cpu"});
  analyse("told", {"diagnose", "data.faces.test_images=240", "--quick", "--images", "8", "--steps", "3",
                   "--device", "cpu"});
  analyse("told", {"report"});
  const auto python = test::python_with("selenium");
  if (!python || test::run_command("chromedriver", {"--version"}, ".").status != 0) {
    GTEST_SKIP() << "no Chromium with Python's selenium here (Debian: chromium-driver and python3-selenium)";
  }
  const auto seen =
      test::run_python(*python, read_file(fs::path(PATRONUS_SOURCE_DIR) / "tests/cli/report_page.py"),
                       {path("told/report.html").string(), "6", name});
  EXPECT_EQ(seen.status, 0) << seen.errors;
}

TEST_F(ReportCommand, MistakesAreOneLine) {
  EXPECT_EQ(workshop().mistake({"report", "--run", "nowhere"}), "2 error: nowhere: no such run");
  fs::create_directories(path("empty-folder"));
  EXPECT_EQ(workshop().mistake({"report", "--run", "empty-folder"}),
            "2 error: empty-folder: not a run of this program (no status.json); name one with --run");
  EXPECT_EQ(workshop().mistake({"report"}), "2 error: which run? give --run runs/<name> or --config <name>");
  fs::create_directories(copy_of_run("damaged") / "evaluate");
  write_file(path("damaged/evaluate/evaluation.json"), "{\"step\": 12, ");
  EXPECT_EQ(workshop().mistake({"report", "--run", "damaged"}),
            "3 error: damaged/evaluate/evaluation.json: damaged, not a JSON object; make it again");
  EXPECT_FALSE(fs::exists(path("damaged/report.html")));
}

}  // namespace
}  // namespace patronus
