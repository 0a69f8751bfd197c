#include "patronus/analysis/explain.h"

#include <ATen/Functions.h>

#include "command.h"
#include "image_selection.h"
#include "options.h"
#include "output.h"
#include "patronus/analysis/edit.h"
#include "patronus/core/text.h"
#include "patronus/metrics/quantile.h"
#include "patronus/run/record.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {

namespace {

struct ExplainCommand {
  TrainedRunOptions run;
  ImageSelection selection;
  std::string out;
  std::string prototypes = "all";
  ExplainOptions options;
};

int run_explain(const ExplainCommand& o) {
  ExplainOptions options = o.options;
  TrainedModel trained = open_conditional_run(o.run);
  options.prototypes = parse_prototypes(o.prototypes, trained.names);
  const SelectedImages images = open_images(trained, o.selection);
  const Dataset real = open_real_images(trained, o.selection);
  const auto folder = output_folder(o.out, trained, "explain");
  const auto indices = at::arange(images.first, images.first + images.count);
  const Explanations explanations = explain(trained, images.dataset, indices, real, options);
  const double explained = nan_median(explanations.explained).item<double>();
  return finish_analysis(o.run, trained, folder, "explain",
                         figure_text(folder / "explain", trained) + " and a picture of each image; " +
                             pluralize(explanations.strongest.size(1), "prototype") + " kept: " +
                             number_text(explained, 2) + " of the difference from a typical image (median)",
                         [&](const auto& draft) { write_explanations(draft, trained, explanations); });
}

}  // namespace

void add_explain(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<ExplainCommand>();
  auto* cmd = app.add_subcommand("explain", "Show what the model uses of single images, and where");
  cmd->footer(
      "Examples: patronus explain --run runs/demo --count 4\n"
      "          patronus explain --run runs/demo --images photos --select me.png --strongest 8");
  add_analysis_options(*cmd, o->run);
  add_image_selection(*cmd, o->selection, 4);
  cmd->add_option("--prototypes", o->prototypes, "prototypes that may explain an image (default all)");
  cmd->add_option("--strongest", o->options.strongest, "prototypes to show per image")->check(at_least(1));
  cmd->add_option("--nearest", o->options.nearest, "nearest real patches per prototype; 0: none")
      ->check(at_least(0));
  cmd->add_option("--subset", o->options.subset, "training images for typical activations")
      ->check(at_least(1));
  add_patch_rule(*cmd, o->options.patch);
  add_regenerate_options(*cmd, o->options.regenerate);
  add_setting(*cmd, o->run.settings, "--seed", "seed", "seed for choosing training images");
  add_out(*cmd, o->out, "pictures", "explain");
  cmd->callback([o, &invocation] { share_analysis(invocation, o->run, [o] { return run_explain(*o); }); });
}

}  // namespace patronus::cli
