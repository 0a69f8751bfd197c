#include "command.h"
#include "patronus/core/log.h"
#include "patronus/run/checkpoint.h"
#include "patronus/training/reference_checkpoint.h"

namespace patronus::cli {
namespace {

struct ExportCommand {
  std::string run;
  std::string config;
  std::string checkpoint;
  std::string weights = "auto";
  std::string out;
};

int run_export(const ExportCommand& o) {
  const auto path = checkpoint_path(o.run, o.config, o.checkpoint);
  const Checkpoint checkpoint = read_checkpoint(path);
  const bool ema = use_ema(checkpoint, weights_from(o.weights), path);
  // The optimiser's state belongs to the raw weights.
  write_reference_checkpoint(o.out, checkpoint.config, ema ? checkpoint.ema : checkpoint.model,
                             ema ? Dict() : checkpoint.optimizer);
  log_info("wrote ckpt.tar and config.txt to " + o.out + " (" + (ema ? "ema" : "raw") + " weights of step " +
           std::to_string(checkpoint.step) + ")");
  return 0;
}

}  // namespace

void add_export(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<ExportCommand>();
  auto* cmd =
      app.add_subcommand("export", "Write a ckpt.tar and config.txt that the reference implementation loads");
  cmd->footer("Example: patronus export --run runs/celeba --weights raw --out exported");
  cmd->add_option("--run", o->run, "folder of the run");
  cmd->add_option("--config", o->config, "configuration whose default run is meant: runs/<name>");
  cmd->add_option("--checkpoint", o->checkpoint, "a checkpoint other than the run's last one");
  cmd->add_option("--weights", o->weights, "auto (EMA where there is one), ema or raw");
  cmd->add_option("--out", o->out, "folder of the files")->required();
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_export(*o); }; });
}

}  // namespace patronus::cli
