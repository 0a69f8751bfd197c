#include "patronus/analysis/visualize_prototypes.h"

#include "command.h"
#include "patronus/core/log.h"

namespace patronus::cli {
namespace {

struct VisualizePrototypesCommand {
  TrainedRunOptions run;
  ImageSelection selection;
  std::string out;
  std::string prototypes = "all";
  std::string maximum = "prototype";
  std::string patch = "exact";
  VisualizePrototypesOptions options;
};

int run_visualize_prototypes(const VisualizePrototypesCommand& o) {
  VisualizePrototypesOptions options = o.options;
  options.prototypes = prototypes_from(o.prototypes);
  options.patch = patch_rule_from(o.patch);
  options.maximum.global = is_global_maximum(o.maximum);
  TrainedModel trained = open_trained_run(o.run);
  const Dataset images = open_split(trained, o.selection, split_from(o.selection.split));
  const Dataset real = open_split(trained, o.selection, Split::kTrain);
  const PrototypeViews views = visualize_prototypes(trained, images, real, options);
  const auto folder = output_folder(o.out, trained, "visualize-prototypes");
  write_prototype_views(folder, trained, views);
  log_info("wrote " + (folder / "prototypes.png").string() + " and a picture of each prototype (" +
           trained.weights + " weights of step " + std::to_string(trained.step) + ")");
  return 0;
}

void add_enhancement_options(CLI::App& cmd, VisualizePrototypesCommand& o) {
  auto& options = o.options;
  cmd.add_option("--prototypes", o.prototypes, "which ones, as 0,3,7 (default all)");
  cmd.add_option("--candidates", options.candidates, "images that each prototype is enhanced in")
      ->check(at_least_one());
  cmd.add_option("--maximum", o.maximum,
                 "raise to the largest activation of each prototype, or of all: prototype or global");
  cmd.add_option("--quantile", options.maximum.quantile,
                 "of the activations taken for the largest; 1 is the maximum");
  cmd.add_option("--subset", options.maximum.images, "images that the largest activation is looked for in")
      ->check(at_least_one());
  cmd.add_option("--steps", options.regenerate.steps, "DDIM steps each way")->check(at_least_one());
  cmd.add_option("--strength", options.regenerate.strength, "guidance along the edit; 1 is none");
}

}  // namespace

void add_visualize_prototypes(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<VisualizePrototypesCommand>();
  auto* cmd =
      app.add_subcommand("visualize-prototypes",
                         "Show what prototypes stand for: enhance them in images, and find real patches");
  cmd->footer("Example: patronus visualize-prototypes --run runs/demo --prototypes 0,3,7 --candidates 20");
  add_trained_run_options(*cmd, o->run);
  add_image_source(*cmd, o->selection);
  add_enhancement_options(*cmd, *o);
  cmd->add_option("--nearest", o->options.nearest, "real patches shown for each prototype; 0 for none");
  cmd->add_option("--patch", o->patch, "exact, or paper: one pixel off, as in the paper's figures");
  cmd->add_option("--batch-size", o->options.regenerate.batch_size, "images worked on at once")
      ->check(at_least_one());
  add_setting(*cmd, o->run.settings, "--seed", "seed", "seed of the choice of candidates");
  cmd->add_option("--out", o->out, "folder of the pictures (default <run>/visualize-prototypes)");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_visualize_prototypes(*o); }; });
}

}  // namespace patronus::cli
