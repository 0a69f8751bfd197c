#include "command.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/io/atomic_file.h"
#include "patronus/run/reference_checkpoint.h"
#include "patronus/run/run_directory.h"
#include "patronus/run/run_lock.h"
#include "settings.h"

namespace patronus::cli {
namespace {

struct ImportCommand {
  ReferenceSource source;
  std::string run;
  Settings settings;
};

int run_import(ImportCommand o) {
  o.source.overrides = o.settings.all();
  const Checkpoint checkpoint = read_reference_checkpoint(o.source);
  const RunDirectory run(run_folder(o.run, {}));
  const RunLock lock(run);
  if (run.last_checkpoint())
    throw ConfigError(o.run + ": holds a run already; choose a new folder with --run");
  run.mark_as_run();
  write_checkpoint(run.checkpoint(checkpoint.step), checkpoint);
  run.register_checkpoint(checkpoint.step, checkpoint.config.training.keep_checkpoints);
  write_file(run.file("config.yaml"), to_yaml(checkpoint.config));
  run.write_status("done", checkpoint.step);
  log_info("imported step " + std::to_string(checkpoint.step) + " into " + o.run);
  return 0;
}

}  // namespace

void add_import(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<ImportCommand>();
  auto* cmd = app.add_subcommand("import", "Turn a ckpt.tar of the reference implementation into a run");
  cmd->footer("Example: patronus import ckpt.tar --settings config.txt --run runs/imported --data ~/celeba");
  cmd->add_option("checkpoint", o->source.checkpoint, "the reference's ckpt.tar, or a folder containing it")
      ->required();
  cmd->add_option("--settings", o->source.config,
                  "its config.txt or config.pickle (default: the one beside the checkpoint)");
  add_setting(*cmd, o->settings, "--data", "data.path", "folder of the data set");
  cmd->add_option("--run", o->run, "folder of the new run")->required();
  cmd->add_option("settings", o->settings.words, "key=value pairs that override what was read");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_import(*o); }; });
}

}  // namespace patronus::cli
