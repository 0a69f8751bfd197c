// Every `patronus ...` that the documentation and the commands' own examples tell people to type is
// understood.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <regex>
#include <sstream>

#include "cli/commands.h"
#include "patronus/core/config_files.h"
#include "patronus/run/run_config.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const fs::path kSource = PATRONUS_SOURCE_DIR;

/// A command line of a page, and where it stands: "docs/sample.md: patronus sample --count 64".
struct Documented {
  std::string where;
  Words words;
};

/// The words of a shell's line; operators that end a command, and comments, end them.
Words shell_words(const std::string& line) {
  Words words;
  std::optional<std::string> word;
  char quote = 0;
  for (const char c : line) {
    if (quote) {
      if (c == quote) {
        quote = 0;
      } else {
        *word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      if (!word) word.emplace();
    } else if (std::string("&|;>").find(c) != std::string::npos || (c == '#' && !word)) {
      break;
    } else if (c != ' ' && c != '\n') {
      word = word.value_or("") + c;
    } else if (word) {
      words.push_back(*word);
      word.reset();
    }
  }
  if (word) words.push_back(*word);
  return words;
}

/// What stands behind the program's name in each line of `text` where it begins a command.
void find_commands(const std::string& page, const std::string& text, std::vector<Documented>& found) {
  static const std::regex program(R"((^|\s)patronus(\s))");
  std::istringstream lines(std::regex_replace(text, std::regex(R"(\\\n\s*)"), ""));
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_search(line, match, program)) continue;
    const Words words = shell_words(match.suffix());
    if (!words.empty()) found.push_back({page + ": " + line, words});
  }
}

/// Of a page of Markdown: blocks of shell, and text set as code that names more than a command.
std::vector<Documented> commands_of_page(const fs::path& path) {
  const std::string page = fs::relative(path, kSource).string(), text = test::file_text(path);
  std::vector<Documented> found;
  const std::regex block(R"(```sh\n([^]*?)```)");
  for (std::sregex_iterator match(text.begin(), text.end(), block), end; match != end; ++match)
    find_commands(page, match->str(1), found);
  const std::regex span(R"(`(patronus [\w-]+ [^`]+)`)");
  for (std::sregex_iterator match(text.begin(), text.end(), span), end; match != end; ++match)
    find_commands(page, match->str(1), found);
  return found;
}

/// Of a command's source: the examples of its --help.
std::vector<Documented> commands_of_source(const fs::path& path) {
  const std::string text = test::file_text(path);
  std::vector<Documented> found;
  const std::regex example(R"("(?:Examples?:)? +(patronus [^"\\]+))");
  for (std::sregex_iterator match(text.begin(), text.end(), example), end; match != end; ++match)
    find_commands(fs::relative(path, kSource).string(), match->str(1), found);
  return found;
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  return files;
}

/// Settings and shipped configurations among `words` are known, too.
void check_settings(const Words& words) {
  static const std::regex setting(R"([a-z_]+(\.[a-z_]+)+=.*)");
  std::vector<fs::path> configs;
  Words overrides;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--config") configs.push_back(find_config(words.at(i + 1)));
    if (std::regex_match(words[i], setting)) overrides.push_back(words[i]);
  }
  load_run_config(configs, overrides);
}

/// Empty, or what is wrong with it.
std::string complaint_about(const Words& words) {
  try {
    cli::Invocation invocation;
    cli::parse_command_line(words, invocation);
    check_settings(words);
    return invocation.selected ? "" : "selects nothing";
  } catch (const std::exception& error) {
    return error.what();
  }
}

void expect_understood(const std::vector<Documented>& commands) {
  for (const auto& [where, words] : commands) EXPECT_EQ(complaint_about(words), "") << where;
}

TEST(DocumentedCommands, OfEveryPageAreUnderstood) {
  std::vector<fs::path> pages = files_in(kSource / "docs", ".md");
  pages.push_back(kSource / "README.md");
  std::erase(pages, kSource / "docs/errors.md");  // mistakes, which errors_test.cpp makes
  size_t count = 0;
  for (const auto& page : pages) {
    const auto commands = commands_of_page(page);
    expect_understood(commands);
    count += commands.size();
  }
  EXPECT_GT(count, 90u);
}

TEST(DocumentedCommands, OfEveryHelpAreUnderstood) {
  for (const auto& source : files_in(kSource / "src/cli", ".cpp")) {
    if (test::file_text(source).find("add_subcommand(") == std::string::npos) continue;
    const auto commands = commands_of_source(source);
    EXPECT_FALSE(commands.empty()) << source << " has no example";
    expect_understood(commands);
  }
}

TEST(DocumentedCommands, AreRefusedWhereTheyAreStale) {
  EXPECT_EQ(complaint_about({"sampel"}),
            "unknown command sampel; did you mean sample? (patronus --help lists them)");
  EXPECT_NE(complaint_about({"sample", "--run", "runs/demo", "--colour", "red"}), "");
  EXPECT_NE(complaint_about({"sample", "--run", "runs/demo", "sampling.stepps=3"}), "");
  EXPECT_NE(complaint_about({"train", "--config", "no-such-data"}), "");
  EXPECT_EQ(shell_words("sample --run 'my run' --count 2 # two && more"),
            (Words{"sample", "--run", "my run", "--count", "2"}));
}

}  // namespace
}  // namespace patronus
