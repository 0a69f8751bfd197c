#include "commands.h"

#include <algorithm>
#include <cstdlib>

#include "command.h"
#include "failure.h"
#include "patronus/core/config.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/distributed/process_group.h"
#include "patronus/run/run_config.h"
#include "patronus/run/run_directory.h"

namespace patronus::cli {
namespace {

/// In the order of `patronus --help`.
constexpr void (*kCommands[])(CLI::App&, Invocation&) = {
    add_train,      add_train_latent, add_sample,   add_reconstruct, add_visualize_prototypes,
    add_manipulate, add_interpolate,  add_evaluate, add_emergence,   add_diagnose,
    add_report,     add_encode,       add_info,     add_import,      add_export,
    add_prepare,    add_cache,        add_bench,    add_sweep};

/// "; did you mean X?" of the only one of `names` that `is_meant`; empty of none and of several.
template <class Condition>
std::string only_one_meant(std::vector<std::string> names, const Condition& is_meant) {
  std::erase_if(names, [&](const std::string& name) { return !is_meant(name); });
  return names.size() == 1 ? "; did you mean " + names.front() + "?" : "";
}

/// The first word that is no flag must be a subcommand; the parser itself would only say that one is
/// required.
void refuse_unknown_command(const CLI::App& app, const std::vector<std::string>& words) {
  const auto first = std::find_if(words.begin(), words.end(),
                                  [](const std::string& word) { return !word.starts_with("-"); });
  if (first == words.end()) return;
  const std::string& word = *first;
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
    if (names.back() == word) return;
  }
  std::string meant = did_you_mean(word, names);
  if (meant.empty()) {
    meant = only_one_meant(
        names, [&](const std::string& name) { return name.starts_with(word) || word.starts_with(name); });
  }
  throw ConfigError("unknown command " + word + meant + " (patronus --help lists them)");
}

/// The words of "patronus help train" as those of "patronus train --help".
std::vector<std::string> without_help_command(std::vector<std::string> words) {
  if (words.empty() || words.front() != "help") return words;
  words.front() = "--help";
  std::ranges::rotate(words, words.begin() + 1);
  return words;
}

/// "; did you mean training.epochs=... or latent.epochs=...?" of an option as --epochs.
std::string setting_meant(const std::string& option) {
  std::string name = option.substr(2);
  std::ranges::replace(name, '-', '_');
  RunConfig config;
  auto settings = keys_meant(Fields(config), name);
  for (auto& setting : settings) setting += "=...";
  return settings.empty() ? "" : "; did you mean " + join_or(settings) + "?";
}

/// "; did you mean --count?" of an option that the command which was typed does not have; a setting, where no
/// option is like it and the command trains.
std::string option_meant(const CLI::App& app) {
  std::vector<std::string> names;
  bool trains = false;
  const auto add_options = [&](const CLI::App& of) {
    for (const auto* option : of.get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  };
  add_options(app);
  for (const auto* command : app.get_subcommands()) {
    add_options(*command);
    trains = command->get_name().starts_with("train");
  }
  for (const auto& word : app.remaining(/*recurse=*/true)) {
    if (!word.starts_with("--")) continue;
    const std::string option = word.substr(0, word.find('='));
    if (option == "--") return "";
    if (contains(names, option)) return "; it belongs behind the command";
    if (const auto near = did_you_mean(option, names); !near.empty()) return near;
    // As --max-steps of --steps.
    const auto longer = only_one_meant(names, [&](const std::string& name) {
      return name.starts_with(option + "-") || name.ends_with(option.substr(1));
    });
    return longer.empty() && trains ? setting_meant(option) : longer;
  }
  return "";
}

/// Help with the defaults of options. Of those that exclude each other error messages tell.
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
  invocation.command_line = "patronus";
  for (const auto& word : words) invocation.command_line += " " + shell_quoted(word);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // it takes the last word first
  } catch (const CLI::Success& answer) {                                // --help, --version
    app.exit(answer);
    invocation.selected = [] { return 0; };
    invocation.takes_ranks = true;
  } catch (const CLI::ParseError& mistake) {
    const bool is_unknown = dynamic_cast<const CLI::ExtrasError*>(&mistake) != nullptr;
    throw ConfigError(first_line(mistake.what()) + (is_unknown ? option_meant(app) : ""));
  }
}

int run_command_line(const std::vector<std::string>& words) {
  Invocation invocation;
  try {
    parse_command_line(words, invocation);
    set_log_level(invocation.verbose ? LogLevel::kDebug
                  : invocation.quiet ? LogLevel::kWarning
                                     : LogLevel::kInfo);
    if (!invocation.takes_ranks) require_one_process();
    return invocation.selected();
  } catch (const LostRankError& e) {
    log_error(e.what());
    std::_Exit(static_cast<int>(e.code()));  // threads may wait for that rank for ever
  } catch (const std::exception& e) {
    const Failure failure = failure_of(e);
    log_error(failure.message);
    return static_cast<int>(failure.code);
  }
}

}  // namespace patronus::cli
