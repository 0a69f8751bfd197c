#include "commands.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>

#include "command.h"
#include "failure.h"
#include "patronus/core/config.h"
#include "patronus/core/config_files.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/core/version.h"
#include "patronus/distributed/process_group.h"
#include "patronus/run/configs_for_data.h"
#include "patronus/run/run_config.h"
#include "patronus/run/run_directory.h"
#include "ranks.h"

namespace patronus::cli {
namespace {

namespace fs = std::filesystem;

/// In the order shown by `patronus --help`.
constexpr void (*kCommands[])(CLI::App&, Invocation&) = {
    add_train,    add_train_latent, add_sample,      add_reconstruct, add_visualize_prototypes,
    add_explain,  add_manipulate,   add_interpolate, add_evaluate,    add_emergence,
    add_diagnose, add_compare,      add_report,      add_encode,      add_info,
    add_import,   add_export,       add_prepare,     add_cache,       add_bench,
    add_sweep};

/// The command line, quoted for a shell: "patronus train --max-steps 3".
std::string command_line_of(const std::vector<std::string>& words) {
  return words.empty() ? "patronus" : "patronus " + shell_line(words);
}

/// Throws ConfigError unless the first word that is not an option is a command. The parser would only report
/// that a command is required.
void refuse_unknown_command(const CLI::App& app, std::vector<std::string> words) {
  const auto first = std::find_if(words.begin(), words.end(),
                                  [](const std::string& word) { return !word.starts_with("-"); });
  if (first == words.end()) return;
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  if (contains(names, *first)) return;
  // An option comes first, as in "--max-steps 3 train".
  const auto command = std::find_first_of(first, words.end(), names.begin(), names.end());
  if (first != words.begin() && command != words.end()) {
    std::rotate(words.begin(), command, command + 1);
    throw ConfigError("the command comes first: " + command_line_of(words));
  }
  throw ConfigError("unknown command " + *first + did_you_mean(*first, names) +
                    " (patronus --help lists them)");
}

/// Rewrites "help train" and "train help" as "train --help".
std::vector<std::string> without_help_command(std::vector<std::string> words) {
  if (words.size() == 2 && words.back() == "help") words.back() = "--help";
  if (words.empty() || words.front() != "help") return words;
  words.front() = "--help";
  std::ranges::rotate(words, words.begin() + 1);
  return words;
}

/// Suggestion for an unknown option --epochs: "; did you mean training.epochs=... or latent.epochs=...?";
/// empty if no setting has a similar name.
std::string setting_meant(const std::string& option) {
  std::string name = option.substr(2);
  std::ranges::replace(name, '-', '_');
  RunConfig config;
  auto settings = suggest_keys(Fields(config), name);
  for (auto& setting : settings) setting += "=...";
  return settings.empty() ? "" : "; did you mean " + join_or(settings) + "?";
}

/// Suggestion for an unknown option: "; did you mean --count?" with the most similar of `names`, or with the
/// only one that ends like it (--max-steps for --steps); else empty.
std::string option_meant(const std::string& option, const std::vector<std::string>& names) {
  std::vector<std::string> plain, meant;
  for (const auto& name : names) {
    plain.push_back(name.substr(2));
    if (option.starts_with("--") && name.ends_with(option.substr(1))) meant.push_back(name);
  }
  const size_t dashes = std::min(option.find_first_not_of('-'), option.size());
  if (const auto near = nearest_name(option.substr(dashes), plain)) meant = {names[*near]};
  return meant.size() == 1 ? "; did you mean " + meant.front() + "?" : "";
}

bool is_config(const std::string& word) {
  try {
    find_config(word);
    return true;
  } catch (const ConfigError&) {
    return false;
  }
}

/// Suggestion for an argument without its option: "; did you mean --run runs/demo?" with the one of `names`
/// that accepts what the argument refers to; empty if it refers to nothing known.
std::string option_of(const std::string& word, const std::vector<std::string>& names) {
  const auto meant = [&](const std::string& option, const std::string& value) {
    return contains(names, option) ? "; did you mean " + option + " " + shell_quoted(value) + "?" : "";
  };
  std::error_code error;
  if (RunDirectory(word).is_run()) return meant("--run", word);
  if (fs::is_directory(word, error)) return meant("--data", word);
  if (fs::path(word).extension() == ".pt") return meant("--checkpoint", word);
  if (is_config(word)) return meant("--config", word);
  const fs::path run = "runs" / fs::path(word);
  return RunDirectory(run).is_run() ? meant("--run", run.string()) : "";
}

/// Long names of the options of the program and of the selected command.
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  const auto add_options = [&](const CLI::App& of) {
    for (const auto* option : of.get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  };
  add_options(app);
  for (const auto* command : app.get_subcommands()) add_options(*command);
  return names;
}

/// Suggestion for the first unexpected argument that has one: an option, or a setting if the command accepts
/// settings for training or data. Else refers to --help.
std::string meant_instead(const CLI::App& app) {
  const auto names = option_names(app);
  const auto commands = app.get_subcommands();
  const std::string command = commands.empty() ? "" : commands.front()->get_name();
  const bool has_settings = command.starts_with("train") || command == "prepare" || command == "sweep";
  for (const auto& word : app.remaining(/*recurse=*/true)) {
    const std::string option = word.substr(0, word.find('='));
    if (contains(names, option)) return "; it belongs behind the command";
    std::string meant = word.starts_with("-") ? option_meant(option, names) : option_of(word, names);
    if (meant.empty() && has_settings && option.starts_with("--")) meant = setting_meant(option);
    if (!meant.empty()) return meant;
  }
  return "; patronus " + (command.empty() ? "" : command + " ") + "--help lists the options";
}

/// The words in the place of key=value settings of the selected command.
std::vector<std::string> setting_words(const CLI::App& app) {
  std::vector<std::string> words;
  for (const auto* command : app.get_subcommands()) {
    if (const auto* settings = command->get_option_no_throw("settings")) words = settings->results();
  }
  return words;
}

/// Throws ConfigError for an argument in the place of a key=value setting that lacks its option (option_of).
void refuse_words_without_option(const CLI::App& app) {
  for (const auto& word : setting_words(app)) {
    const auto meant = word.find('=') == std::string::npos ? option_of(word, option_names(app)) : "";
    if (!meant.empty()) throw ConfigError("'" + word + "': expected an option before it" + meant);
  }
}

/// Warning for each key that several key=value words of a command give different values, of which the last
/// one counts.
std::vector<std::string> warnings_of_contradictions(const CLI::App& app) {
  std::map<std::string, std::vector<std::string>> words_of_key;
  for (const auto& word : setting_words(app)) words_of_key[key_of_setting(word)].push_back(word);
  std::vector<std::string> warnings;
  for (const auto& [key, words] : words_of_key) {
    if (std::ranges::count(words, words.back()) < std::ssize(words))
      warnings.push_back(key + " is given different values: " + words.back() + " counts");
  }
  return warnings;
}

/// Replaces messages of the parser that are hard to understand.
std::string plain_complaint(const std::string& text) {
  static const std::regex missing("(.*): \\d+ required .* missing"), wrong("Could not convert: (.*) = (.*)");
  std::smatch parts;
  if (std::regex_match(text, parts, missing)) return parts.str(1) + ": a value is missing";
  if (std::regex_match(text, parts, wrong)) return parts.str(1) + ": cannot be " + parts.str(2);
  return text;
}

/// Help that includes default values. It omits which options exclude each other, as error messages say so.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_type_size() == 0) return "";
    return " " + option->get_type_name() + (option->get_expected_max() > 1 ? " ..." : "") +
           (option->get_required() ? " (required)" : "");
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    const std::string text = option->get_description(), value = option->get_default_str();
    const bool is_said = value.empty() || value == "[]" || text.find("(default") != std::string::npos;
    return text + (is_said ? "" : " (default " + value + ")");
  }
};

}  // namespace

void parse_command_line(const std::vector<std::string>& typed, Invocation& invocation) {
  const auto words = without_help_command(typed);
  CLI::App app{"Patronus: an interpretable diffusion model conditioned on learned prototypes", "patronus"};
  app.formatter(std::make_shared<HelpFormatter>());
  app.option_defaults()->always_capture_default();
  app.require_subcommand(1);
  app.set_version_flag("--version", program_version());
  app.fallthrough();
  app.add_flag("--verbose", invocation.verbose, "more detail, also in error messages");
  app.add_flag("--quiet", invocation.quiet, "warnings and errors only");
  for (const auto add : kCommands) add(app, invocation);
  if (words.empty()) throw ConfigError("a command is missing (patronus --help lists them)");
  refuse_unknown_command(app, words);
  invocation.command_line = command_line_of(words);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // the parser expects reverse order
  } catch (const CLI::Success& answer) {                                // --help or --version
    app.exit(answer);
    invocation.selected = [] { return 0; };
    invocation.takes_ranks = true;
  } catch (const CLI::ExtrasError& mistake) {
    throw ConfigError(first_line(mistake.what()) + meant_instead(app));
  } catch (const CLI::ParseError& mistake) {
    throw ConfigError(plain_complaint(first_line(mistake.what())));
  }
  refuse_words_without_option(app);
  invocation.warnings = warnings_of_contradictions(app);
}

int run_command_line(const std::vector<std::string>& words) {
  Invocation invocation;
  try {
    parse_command_line(words, invocation);
    set_log_level(invocation.verbose ? LogLevel::kDebug
                  : invocation.quiet ? LogLevel::kWarning
                                     : LogLevel::kInfo);
    quieten_other_ranks();
    for (const auto& warning : invocation.warnings) log_warning(warning);
    if (!invocation.takes_ranks) require_one_process();
    return invocation.selected();
  } catch (const LostRankError& e) {
    log_error(e.what());
    std::_Exit(static_cast<int>(e.code()));  // without cleanup: other threads may wait for that rank for ever
  } catch (const std::exception& e) {
    const Failure failure = failure_of(e);
    log_error(failure.message);
    return static_cast<int>(failure.code);
  }
}

}  // namespace patronus::cli
