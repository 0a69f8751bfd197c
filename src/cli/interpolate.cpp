#include "patronus/analysis/interpolate.h"

#include "command.h"
#include "image_selection.h"
#include "options.h"
#include "output.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {

namespace {

struct InterpolateCommand {
  TrainedRunOptions run;
  ImageSelection selection;
  std::vector<std::string> pairs;  // from, to, from, to, ...
  int64_t count = 6;
  PairRule rule;
  InterpolateOptions options;
  std::string out;
};

std::vector<ImagePair> chosen_pairs(const InterpolateCommand& o, const TrainedModel& trained,
                                    const Dataset& images) {
  if (o.pairs.empty()) return draw_pairs(images, o.count, trained.config.seed, o.rule);
  const auto image = [&](size_t i) { return selected_image(trained, o.selection, images, o.pairs[i]); };
  std::vector<ImagePair> pairs;
  for (size_t i = 0; i + 1 < o.pairs.size(); i += 2) pairs.push_back({image(i), image(i + 1)});
  return pairs;
}

/// Validator for --pair: in "--pair 3 --steps 2" the parser would take --steps as the second image.
std::string refuse_option(const std::string& image) {
  return image.starts_with("--") ? "expected two images, as --pair 3 7, got " + image + " for one of them"
                                 : "";
}

int run_interpolate(const InterpolateCommand& o) {
  TrainedModel trained = open_conditional_run(o.run);
  const Dataset images = open_split(trained, o.selection);
  const auto pairs = chosen_pairs(o, trained, images);
  const auto folder = output_folder(o.out, trained, "interpolate");
  const Interpolations interpolations = interpolate(trained, images, pairs, o.options);
  return finish_analysis(o.run, trained, folder, "interpolate", figure_text(folder / "interpolate", trained),
                         [&](const auto& draft) { write_interpolations(draft, trained, interpolations); });
}

}  // namespace

void add_interpolate(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<InterpolateCommand>();
  auto* cmd = app.add_subcommand("interpolate", "Interpolate between pairs of images");
  cmd->footer(
      "Examples: patronus interpolate --run runs/demo --count 6 --frames 8\n"
      "          patronus interpolate --run runs/demo --images photos --pair a.png b.png\n"
      "          patronus interpolate --run runs/fashion-mnist --same label");
  add_analysis_options(*cmd, o->run);
  add_image_source(*cmd, o->selection);
  auto* pair = cmd->add_option("--pair", o->pairs, "two images, by file name or number; repeatable")
                   ->type_size(2)
                   ->expected(1, -1)
                   ->allow_extra_args(false)
                   ->check(refuse_option);
  cmd->add_option("--count", o->count, "random pairs if no --pair is given")->check(at_least(1));
  auto* same = cmd->add_option("--same", o->rule.attribute,
                               "draw pairs with the same value of this attribute, e.g. label")
                   ->excludes(pair);
  cmd->add_option_function<std::string>(
         "--different",
         [o](const std::string& attribute) {
           o->rule = {attribute, false};
         },
         "draw pairs that differ in this attribute")
      ->excludes(pair)
      ->excludes(same);
  cmd->add_option("--frames", o->options.frames, "images per strip, both ends included")->check(at_least(2));
  add_regenerate_options(*cmd, o->options.regenerate);
  add_setting(*cmd, o->run.settings, "--seed", "seed", "seed for choosing pairs");
  add_out(*cmd, o->out, "pictures", "interpolate");
  cmd->callback(
      [o, &invocation] { share_analysis(invocation, o->run, [o] { return run_interpolate(*o); }); });
}

}  // namespace patronus::cli
