#include "command.h"
#include "patronus/core/log.h"
#include "patronus/io/replaced_files.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/reference_checkpoint.h"
#include "trained_run.h"

namespace patronus::cli {
namespace {

struct ExportCommand {
  TrainedRunOptions run;
  std::string out;
  std::string device = "cpu";
};

int run_export(const ExportCommand& o) {
  const auto path = checkpoint_path(o.run);
  const Checkpoint checkpoint = read_checkpoint(path);
  const Weights used = used_weights(checkpoint, o.run.weights, path);
  const std::filesystem::path out = o.out;
  announce_replaced(
      {{out / "ckpt.tar", {"PK\x03\x04", "\x80\x02"}}, {out / "config.txt"}, {out / "config.pickle"}},
      "checkpoint");
  // The optimiser's state belongs to the raw weights, not to their moving average.
  const bool has_optimizer =
      write_reference_checkpoint(out, checkpoint.config, checkpoint.weights(used),
                                 used == Weights::kEma ? Dict() : checkpoint.optimizer, o.device);
  log_info("wrote ckpt.tar, config.txt and config.pickle to " + o.out + " (" + to_string(used) +
           " weights of step " + std::to_string(checkpoint.step) +
           (has_optimizer ? ")" : "; without the optimiser's state)"));
  return 0;
}

}  // namespace

void add_export(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<ExportCommand>();
  auto* cmd = app.add_subcommand("export", "Write a checkpoint for the reference implementation");
  cmd->footer("Example: patronus export --run runs/celeba --weights raw --out exported");
  add_checkpoint_options(*cmd, o->run);
  cmd->add_option("--out", o->out, "folder for the files")->required();
  cmd->add_option("--stored-device", o->device,
                  "device for the reference implementation: cpu, cuda or cuda:N");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_export(*o); }; });
}

}  // namespace patronus::cli
