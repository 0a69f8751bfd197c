#include "patronus/data/prepare.h"

#include "command.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/io/make_folder.h"
#include "settings.h"

namespace patronus::cli {
namespace {

namespace fs = std::filesystem;

struct PrepareCommand {
  std::vector<std::string> configs;
  std::string out;
  Settings settings;
};

int run_prepare(const PrepareCommand& o) {
  const auto configs = configs_for_data(o.configs, o.settings.all());
  if (configs.empty()) {
    throw ConfigError(
        "--config is required: a configuration file, or the name of a shipped one; or --data with a folder "
        "of images");
  }
  RunConfig config = configuration(configs, o.settings);
  propose_format(config.data);
  set_threads(config.runtime.threads);
  const auto folder = o.out.empty() ? "prepared" / run_folder({}, configs).filename() : fs::path(o.out);
  const CreatedFolder made(folder);
  announce_prepared(folder);
  const PreparedData prepared = prepare_data(config.data);
  (prepared.survey.shared > 0 ? log_warning : log_info)(survey_line(prepared));
  write_prepared(folder, prepared, config.runtime.figures);
  log_info("wrote " + (folder / "data.md").string() + ", data.json and the contact sheet");
  return 0;
}

}  // namespace

void add_prepare(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<PrepareCommand>();
  auto* cmd = app.add_subcommand("prepare", "Decode a data set into the cache, check and describe it");
  cmd->footer("Example: patronus prepare --config celeba --data ~/celeba");
  add_config_option(*cmd, o->configs, "configuration that training will use");
  add_setting(*cmd, o->settings, "--data", "data.path", "folder of the data set");
  add_setting(*cmd, o->settings, "--where", "data.where", "images whose attributes meet a condition");
  add_setting(*cmd, o->settings, "--threads", "runtime.threads", "CPU threads");
  add_figure_formats(*cmd, o->settings);
  cmd->add_option("--out", o->out, "folder for the description (default prepared/<config name>)");
  cmd->add_option("settings", o->settings.words, "key=value pairs that override the configuration");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_prepare(*o); }; });
}

}  // namespace patronus::cli
