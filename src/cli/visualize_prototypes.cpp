#include "patronus/analysis/write_prototype_views.h"

#include <string_view>

#include "command.h"
#include "image_selection.h"
#include "options.h"
#include "output.h"
#include "patronus/analysis/edit.h"
#include "patronus/core/error.h"
#include "patronus/core/parse_number.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {

namespace {

struct VisualizePrototypesCommand {
  TrainedRunOptions run;
  ImageSelection selection;
  std::string out;
  std::string prototypes = "all";
  std::string candidates = "20";
  VisualizePrototypesOptions options;
};

/// Parses the text of --candidates: "20", "random" or "random:50".
void set_candidates(const std::string& text, VisualizePrototypesOptions& options) {
  const std::string random = "random", of_number = random + ":";
  options.random = text == random || text.starts_with(of_number);
  if (text == random) return;
  std::string_view number = text;
  if (options.random) number.remove_prefix(of_number.size());
  const auto candidates = parse_number<int64_t>(number);
  if (!candidates || *candidates < 1) {
    throw ConfigError("--candidates " + text + ": expected a number of at least 1, random or random:50");
  }
  options.candidates = *candidates;
}

/// Name of the result folder. It contains the selected prototypes, so that a sheet of some prototypes does
/// not replace the sheet of all.
std::string folder_name(const VisualizePrototypesOptions& options) {
  return std::string("visualize-prototypes") +
         (options.prototypes.empty() ? "" : "-" + prototypes_in_name(options.prototypes)) +
         (options.random ? "-random" : "");
}

int run_visualize_prototypes(const VisualizePrototypesCommand& o) {
  VisualizePrototypesOptions options = o.options;
  set_candidates(o.candidates, options);
  TrainedModel trained = open_conditional_run(o.run);
  options.prototypes = parse_prototypes(o.prototypes, trained.names);
  const Dataset images = open_split(trained, o.selection);
  const Dataset real = open_real_images(trained, o.selection);
  const auto folder = output_folder(o.out, trained, folder_name(options));
  const PrototypeViews views = visualize_prototypes(trained, images, real, options);
  return finish_analysis(o.run, trained, folder, "visualize-prototypes",
                         figure_text(folder / "prototypes", trained) + " and a picture of each prototype",
                         [&](const auto& draft) { write_prototype_views(draft, trained, views); });
}

}  // namespace

void add_visualize_prototypes(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<VisualizePrototypesCommand>();
  auto* cmd =
      app.add_subcommand("visualize-prototypes",
                         "Show what prototypes represent: enhance them in images, and find real patches");
  cmd->footer("Example: patronus visualize-prototypes --run runs/demo --prototypes 0,3,7 --candidates 20");
  add_analysis_options(*cmd, o->run);
  add_image_source(*cmd, o->selection);
  cmd->add_option("--prototypes", o->prototypes, "prototypes to show, e.g. 0,3,7 (default all)");
  cmd->add_option("--candidates", o->candidates,
                  "images to enhance each prototype in, sorted by increase; random or random:50: unsorted");
  add_range_options(*cmd, o->options.range);
  add_strength(*cmd, o->options.regenerate);
  cmd->add_option("--nearest", o->options.nearest, "nearest real patches per prototype; 0: none")
      ->check(at_least(0));
  add_patch_rule(*cmd, o->options.patch);
  add_regenerate_options(*cmd, o->options.regenerate);
  add_setting(*cmd, o->run.settings, "--seed", "seed", "seed for choosing candidates");
  add_out(*cmd, o->out, "pictures", "visualize-prototypes");
  cmd->callback(
      [o, &invocation] { share_analysis(invocation, o->run, [o] { return run_visualize_prototypes(*o); }); });
}

}  // namespace patronus::cli
