#include "patronus/analysis/emergence.h"

#include "command.h"
#include "image_selection.h"
#include "options.h"
#include "output.h"
#include "patronus/analysis/edit.h"
#include "patronus/core/log.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {

namespace fs = std::filesystem;

namespace {

struct EmergenceCommand {
  TrainedRunOptions run;
  ImageSelection selection;
  std::string out;
  std::string prototypes = "all";
  EmergenceOptions options;
};

int run_emergence(const EmergenceCommand& o) {
  EmergenceOptions options = o.options;
  TrainedModel trained = open_conditional_run(o.run);
  options.prototypes = parse_prototypes(o.prototypes, trained.names);
  const Dataset images = open_split(trained, o.selection);
  const Dataset real = open_real_images(trained, o.selection);
  const auto folder = output_folder(o.out, trained, "emergence");
  const Emergence emergence = measure_emergence(trained, images, real, options, folder);
  log_info(states_text(emergence));
  const EmergenceStrips strips = emergence_strips(trained, images, real, emergence, options);
  return finish_analysis(
      o.run, trained, folder, "emergence", (folder / "emergence.md").string() + " and emergence.png",
      [&](const auto& draft) { write_emergence(draft, trained, emergence, strips, options); });
}

}  // namespace

void add_emergence(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<EmergenceCommand>();
  auto* cmd =
      app.add_subcommand("emergence", "Show at which timesteps prototypes emerge and the condition is used");
  cmd->footer(
      "Examples: patronus emergence --run runs/demo\n"
      "          patronus emergence --run runs/demo --prototypes 3,12 --count 200 --steps 50\n"
      "          patronus emergence --run runs/demo --strongest 8");
  add_analysis_options(*cmd, o->run);
  add_image_source(*cmd, o->selection);
  cmd->add_option("--prototypes", o->prototypes, "prototypes to raise, e.g. 0,3,7 (default all)");
  cmd->add_option("--strongest", o->options.strongest,
                  "how many to raise, strongest response first (default all)")
      ->check(at_least(1));
  cmd->add_option("--count", o->options.images, "number of random images")->check(at_least(2));
  cmd->add_option("--starts", o->options.starts, "number of timesteps at which late edits begin")
      ->check(at_least(1));
  add_range_options(*cmd, o->options.range);
  add_strength(*cmd, o->options.regenerate);
  add_regenerate_options(*cmd, o->options.regenerate);
  add_setting(*cmd, o->run.settings, "--seed", "seed", "seed for choosing images");
  add_out(*cmd, o->out, "results", "emergence");
  cmd->callback([o, &invocation] { share_analysis(invocation, o->run, [o] { return run_emergence(*o); }); });
}

}  // namespace patronus::cli
