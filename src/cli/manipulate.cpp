#include "patronus/analysis/manipulate.h"

#include <cmath>

#include "command.h"
#include "image_selection.h"
#include "options.h"
#include "output.h"
#include "patronus/analysis/example_direction.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/evaluation/evaluate.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {

namespace {

struct ManipulateCommand {
  TrainedRunOptions run;
  ImageSelection selection;
  std::string out;
  std::vector<std::string> edits;
  std::vector<std::string> sweeps;
  bool captured = false;
  bool arrive = false;
  Examples examples;
  ManipulateOptions options;
};

/// The prototypes that capture attributes, named after these: "hat", or "no hat" if a high activation
/// indicates its absence. Throws ConfigError if there are none.
std::vector<Contrast> captured_contrasts(TrainedModel& trained, const Dataset& real) {
  std::vector<Contrast> contrasts;
  const auto captured = with_context(
      "--captured", [&] { return captured_attributes(trained, real, EvaluateOptions{}.probe_images); });
  for (const auto& [name, prototype, inverse] : captured) {
    contrasts.push_back({(inverse ? "no " : "") + name, prototype});
  }
  if (contrasts.empty()) {
    throw ConfigError(
        "--captured: no attribute is captured by a single prototype; patronus evaluate lists the best one of "
        "each");
  }
  return contrasts;
}

/// "; median gain 0.46"; empty if no edit requests enough change to measure a gain.
std::string gain_text(const Manipulation& manipulation) {
  const double gain = median_gain(manipulation);
  return std::isnan(gain) ? "" : "; median gain " + format_fixed(gain, 2);
}

int run_manipulate(const ManipulateCommand& o) {
  ManipulateOptions options = o.options;
  if (o.arrive) options.strength_search = StrengthSearchOptions{};
  const bool has_examples = !o.examples.towards.empty() || !o.examples.away.empty();
  if (!has_examples && (o.examples.strongest > 0 || options.amount != 1)) {
    throw ConfigError("--amount and --strongest are about examples; name them with --towards or --away");
  }
  if (has_examples && o.examples.towards == o.examples.away)
    throw ConfigError("--towards and --away are the same: there is no direction between them");
  TrainedModel trained = open_conditional_run(o.run);
  for (const auto& text : o.edits) options.edits.push_back(parse_edit(text, trained.names));
  for (const auto& text : o.sweeps) options.sweeps.push_back(parse_sweep(text, trained.names));
  const SelectedImages images = open_images(trained, o.selection);
  const Dataset real = open_real_images(trained, o.selection);
  const auto folder = output_folder(o.out, trained, "manipulate");
  if (has_examples) {
    options.direction = example_direction(trained, real, o.examples);
    options.example = examples_text(o.examples);
  }
  if (o.captured) options.contrasts = captured_contrasts(trained, real);
  const auto indices = at::arange(images.first, images.first + images.count);
  const Manipulation manipulation = manipulate(trained, images.dataset, indices, real, options);
  return finish_analysis(
      o.run, trained, folder, "manipulate",
      figure_text(folder / "manipulate", trained) + " and effects.csv" + gain_text(manipulation),
      [&](const auto& draft) { write_manipulation(draft, trained, manipulation); });
}

void add_edit_options(CLI::App& cmd, ManipulateCommand& o) {
  cmd.add_option("--edit", o.edits,
                 "12=max, 12=min, 12=0.8, 12=off, 12x1.5, 12+0.3 or 3,7=max; names from names.yaml also "
                 "work; repeatable")
      ->take_all()
      ->allow_extra_args(false);
  cmd.add_option("--sweep", o.sweeps,
                 "12=min:max:7 (seven values over the plausible range), 12=0:3:7 or example=0:2:5; given "
                 "twice: a grid of all pairs")
      ->take_all()
      ->allow_extra_args(false);
  cmd.add_flag("--captured", o.captured,
               "suppress and enhance each prototype that captures an attribute of the training images, to "
               "its plausible extremes");
  cmd.add_option("--towards", o.examples.towards,
                 "example images: a folder, or a condition on training images, e.g. hat=1");
  cmd.add_option("--away", o.examples.away, "examples to move away from (default: all training images)");
  cmd.add_option("--amount", o.options.amount, "factor on the examples' difference")->check(finite());
  cmd.add_option("--strongest", o.examples.strongest, "number of prototypes to move (default all)")
      ->check(at_least(1));
  cmd.add_option("--correlated", o.options.correlated,
                 "also move prototypes with at least this absolute correlation to an edited one")
      ->check(finite(0, 1));
  cmd.add_flag("--arrive", o.arrive,
               "search, per image, for the strength (from --strength up to 16) at which the requested "
               "activation is reached");
}

}  // namespace

void add_manipulate(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<ManipulateCommand>();
  auto* cmd = app.add_subcommand("manipulate", "Edit the activations of images and regenerate them");
  cmd->footer(
      "Examples: patronus manipulate --run runs/demo --edit 12=max --count 8\n"
      "          patronus manipulate --run runs/demo --edit 12=2.5 --arrive\n"
      "          patronus manipulate --run runs/demo --sweep 12=0:3:7 --sweep 3=0:3:7\n"
      "          patronus manipulate --run runs/demo --captured --count 2\n"
      "          patronus manipulate --run runs/demo --towards hat=1 --away hat=0");
  add_analysis_options(*cmd, o->run);
  add_image_selection(*cmd, o->selection, 8);
  add_edit_options(*cmd, *o);
  add_range_options(*cmd, o->options.range);
  add_strength(*cmd, o->options.regenerate);
  add_regenerate_options(*cmd, o->options.regenerate);
  add_patch_rule(*cmd, o->options.patch);
  add_setting(*cmd, o->run.settings, "--seed", "seed", "seed for choosing training images");
  add_out(*cmd, o->out, "pictures", "manipulate");
  cmd->callback([o, &invocation] { share_analysis(invocation, o->run, [o] { return run_manipulate(*o); }); });
}

}  // namespace patronus::cli
