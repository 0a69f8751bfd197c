// `patronus report` of a tiny run.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "cli/shared_run.h"
#include "patronus/io/atomic_file.h"
#include "support/python.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class ReportCommand : public test::SharedRun {
 protected:
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
  copy_run("bare");
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
  EXPECT_EQ(table("bare/report.csv").rows.size(), 6u);
  EXPECT_EQ(table("bare-page.csv").columns, (std::vector<std::string>{"prototype", "name"})) << "no analysis";
}

TEST_F(ReportCommand, ReplacesNoFileOfAnother) {
  copy_run("careful");
  const std::string data = test::file_text(path("careful/data.json"));
  write_file(path("celeba.csv"), "file,hat\n");
  EXPECT_EQ(workshop().mistake({"report", "--run", "careful", "--out", "careful/data.html"}),
            "2 error: careful/data.json: would be replaced, and is of no report; choose another --out");
  EXPECT_EQ(workshop().mistake({"report", "--run", "careful", "--out", "celeba.html"}),
            "2 error: celeba.csv: would be replaced, and is of no report; choose another --out");
  EXPECT_EQ(test::file_text(path("careful/data.json")), data);
  EXPECT_EQ(test::file_text(path("celeba.csv")), "file,hat\n");
  write_file(path("mine.html"), "%PDF-1.7");
  EXPECT_EQ(workshop().mistake({"report", "--run", "careful", "--out", "mine.html"}),
            "2 error: mine.html: would be replaced, and is of no report; choose another --out");
  EXPECT_EQ(on("careful", {"report"}).errors.find("will be replaced"), std::string::npos);
  const auto again = on("careful", {"report"});
  EXPECT_EQ(again.status, 0) << "its own";
  EXPECT_NE(
      again.errors.find("careful/report.html, careful/report.json, careful/report.csv: will be replaced\n"),
      std::string::npos)
      << again.errors;
  fs::remove(path("careful/report.html"));
  EXPECT_EQ(on("careful", {"report"}).status, 0) << "known by report.json";
  EXPECT_TRUE(fs::exists(path("careful/report.html")));
}

TEST_F(ReportCommand, ABrowserShowsAllOfItAndAsksForNothingElse) {
  const std::string name = "</script><b>hat</b> & \"co\"";
  copy_run("told", judged_run());
  write_file(path("told/names.yaml"), "0: '" + name + "'\n");
  analyse("told",
          {"visualize-prototypes", "--candidates", "4", "--steps", "3", "--nearest", "2", "--device", "cpu"});
  analyse("told",
          {"evaluate", "--control-images", "4", "--steps", "3", "--likelihood-images", "4", "--bound-steps",
           "3", "--features", "random", "--sets", "2", "--set-images", "6", "--device", "cpu"});
  analyse("told", {"evaluate", "--parts", "localisation", "--device", "cpu"});
  analyse("told", {"emergence", "--steps", "3", "--count", "4", "--device", "cpu"});
  analyse("told", {"diagnose", "data.faces.test_images=240", "--quick", "--images", "8", "--steps", "3",
                   "--generated", "20", "--seed", "0", "--device", "cpu"});
  analyse("told", {"report"});
  const Table all = table("told/report.csv"), views = table("told/visualize-prototypes/prototypes.csv");
  ASSERT_EQ(all.rows.size(), 6u);
  EXPECT_EQ(all.rows[0][1], name);
  for (const auto& row : views.rows) {
    const auto& found = all.rows[std::stoul(row[views.column("prototype")])];
    EXPECT_NEAR(std::stod(found[all.column("enhanced usage")]), std::stod(row[views.column("usage")]), 1e-6);
  }
  for (const char* column : {"tells", "control drift", "emergence state"}) all.column(column);
  // What diagnose cannot test, evaluate tells.
  const Table probed = table("told/evaluate/attributes.csv");
  const auto& first = probed.rows.front();
  const std::string attribute = first[probed.column("attribute")];
  EXPECT_NE(all.rows[std::stoul(first[probed.column("prototype")])][all.column("tells")].find(attribute),
            std::string::npos);
  const std::string json = read_file(path("told/report.json"));
  EXPECT_EQ(json.find("data:image"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(json)["tables"]["emergence/prototypes.csv"]["rows"].size(), 6u);
  const fs::path diagnosis = path("told/diagnose/diagnose.json");
  const std::string found = read_file(diagnosis);
  write_file(diagnosis,
             std::regex_replace(found, std::regex("\"verdict\": \"found\""), "\"verdict\": \"undecided\""));
  EXPECT_EQ(on("told", {"report", "--out", "undecided.html"}).status, 0);
  write_file(diagnosis, found);
  const auto python = test::python_with("selenium");
  if (!python || test::run_command("chromedriver", {"--version"}, ".").status != 0) {
    GTEST_SKIP() << "no Chromium with Python's selenium here (Debian: chromium-driver and python3-selenium)";
  }
  const auto seen = test::run_python(
      *python, read_file(fs::path(PATRONUS_SOURCE_DIR) / "tests/cli/report_page.py"),
      {path("told/report.html").string(), "6", name, path("told/evaluate/evaluation.json").string(),
       diagnosis.string(), path("undecided.html").string()});
  EXPECT_EQ(seen.status, 0) << seen.errors;
}

TEST_F(ReportCommand, MistakesAreOneLine) {
  EXPECT_EQ(workshop().mistake({"report", "--run", "nowhere"}),
            "2 error: nowhere: no such run; train first, or name another --run");
  fs::create_directories(path("empty-folder"));
  EXPECT_EQ(workshop().mistake({"report", "--run", "empty-folder"}),
            "2 error: empty-folder: not a run of this program (no status.json); name one with --run");
  EXPECT_EQ(workshop().mistake({"report", "--run", "run", "--out", "page.pdf"}),
            "2 error: out 'page.pdf': expected a page's name, as report.html");
  EXPECT_EQ(workshop().mistake({"report"}), "2 error: which run? give --run runs/<name> or --config <name>");
  copy_run("damaged");
  fs::create_directories(path("damaged/evaluate"));
  write_file(path("damaged/evaluate/evaluation.json"), "{\"step\": 12, ");
  EXPECT_EQ(workshop().mistake({"report", "--run", "damaged"}),
            "3 error: damaged/evaluate/evaluation.json: damaged, not a JSON object; make it again");
  EXPECT_FALSE(fs::exists(path("damaged/report.html")));
}

}  // namespace
}  // namespace patronus
