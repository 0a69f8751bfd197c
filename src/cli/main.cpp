#include <c10/util/Exception.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "command.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/progress.h"

namespace patronus::cli {
namespace {

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// The first word that is no flag must be a subcommand; the parser itself would only say that one is
/// required.
void refuse_unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
    if (names.back() == argv[1]) return;
  }
  throw ConfigError("unknown command " + std::string(argv[1]) + did_you_mean(argv[1], names) +
                    " (patronus --help lists them)");
}

int run(int argc, char** argv) {
  CLI::App app{"Patronus: an interpretable diffusion model conditioned on learned prototypes", "patronus"};
  app.require_subcommand(1);
  app.set_version_flag("--version", PATRONUS_VERSION);
  app.fallthrough();
  bool verbose = false, quiet = false;
  app.add_flag("--verbose", verbose, "more detail, also in error messages");
  app.add_flag("--quiet", quiet, "warnings and errors only");
  Invocation invocation;
  for (int i = 0; i < argc; ++i) invocation.command_line += (i ? " " : "") + std::string(argv[i]);
  for (const auto add :
       {add_train, add_train_latent, add_sample, add_reconstruct, add_visualize_prototypes, add_manipulate,
        add_interpolate, add_evaluate, add_emergence, add_diagnose, add_report, add_encode, add_info,
        add_import, add_export, add_prepare, add_cache, add_bench}) {
    add(app, invocation);
  }
  try {
    if (argc < 2) throw ConfigError("a command is missing (patronus --help lists them)");
    refuse_unknown_command(app, argc, argv);
    app.parse(argc, argv);
    set_log_level(verbose ? LogLevel::kDebug : quiet ? LogLevel::kWarning : LogLevel::kInfo);
    Progress::set_enabled(!quiet);
    if (!invocation.takes_ranks) require_one_process();
    return invocation.selected();
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    log_error(first_line(e.what()));
    return static_cast<int>(ExitCode::kUsage);
  } catch (const LostRankError& e) {
    log_error(e.what());
    std::_Exit(static_cast<int>(e.code()));  // threads may wait for that rank for ever
  } catch (const Error& e) {
    log_error(e.what());
    return static_cast<int>(e.code());
  } catch (const c10::Error& e) {
    log_error(verbose ? e.what() : first_line(e.what_without_backtrace()));
    return static_cast<int>(ExitCode::kOther);
  } catch (const std::filesystem::filesystem_error& e) {  // of a path that cannot even be looked at
    log_error(e.path1().string() + ": " + e.code().message());
    return static_cast<int>(ExitCode::kUsage);
  } catch (const std::exception& e) {
    log_error(first_line(e.what()));
    return static_cast<int>(ExitCode::kOther);
  }
}

}  // namespace
}  // namespace patronus::cli

int main(int argc, char** argv) {
  return patronus::cli::run(argc, argv);
}
