#include "patronus/evaluation/evaluate.h"

#include <algorithm>
#include <iostream>

#include "command.h"
#include "options.h"
#include "output.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/evaluation/compare_pictures.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {
namespace {

struct EvaluateCommand {
  TrainedRunOptions run;
  EvaluateOptions options;
  PictureComparison pictures;
  std::string twin;
  std::string out;
};

int run_comparison(const EvaluateCommand& o) {
  if (o.pictures.reference.empty() && o.pictures.statistics.empty()) {
    throw ConfigError("--images " + o.pictures.images +
                      ": compare with what? give --reference, or --statistics");
  }
  if (o.options.features.empty()) {
    throw ConfigError("--features is missing: inception:FILE, encoder:CHECKPOINT or random");
  }
  for (const auto& word : o.run.settings.words) {
    if (!word.starts_with("runtime."))
      throw ConfigError("'" + word + "': --images takes settings of runtime alone");
  }
  const ImageFeatures features =
      image_features(o.options.features, o.options.dimensions, device_of(o.run.settings));
  std::cout << compare_pictures(o.pictures, features);
  return 0;
}

/// Throws ConfigError for an unknown name.
std::vector<EvaluationPart> parts_from(const std::vector<std::string>& names) {
  std::vector<EvaluationPart> parts;
  for (const auto& name : names) parts.push_back(parse_enum<EvaluationPart>(name, "part"));
  return parts;
}

/// Throws ConfigError for "--parts a b", where the parser would take b as a setting.
void require_one_list_of_parts(const EvaluateCommand& o) {
  const auto& words = o.run.settings.words;
  if (o.options.parts.empty() || words.empty() || words[0].find('=') != std::string::npos) return;
  std::vector<std::string> parts;
  for (const auto part : o.options.parts) parts.push_back(to_string(part));
  throw ConfigError("'" + words[0] + "': --parts takes one list, with commas: --parts " + join(parts, ",") +
                    "," + words[0]);
}

int run_evaluate(const EvaluateCommand& o) {
  EvaluateOptions options = o.options;
  options.latent = o.run.settings.all();
  options.command = o.run.command_line;
  if (!o.pictures.reference.empty()) options.real = o.pictures.reference;
  if (!o.twin.empty()) options.twin = agreed_checkpoint(o.run.ranks, "--twin", o.twin);
  TrainedModel trained = open_trained_run(o.run);
  const auto folder = output_folder(o.out, trained, "evaluate");
  evaluate(trained, options, folder);
  log_written((folder / "evaluation.md").string() + " and evaluation.json", trained);
  return 0;
}

void add_run_options(CLI::App& cmd, EvaluateCommand& o) {
  cmd.add_option_function<std::vector<std::string>>(
         "--parts", [&o](const std::vector<std::string>& names) { o.options.parts = parts_from(names); },
         "representation, similarity, localisation, control, reconstruction, likelihood, generation "
         "(default: all possible)")
      ->delimiter(',')
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("NAME,...");
  add_choice(cmd, "--probe-split", o.options.probe_split, "split to probe: train, test or validation");
  cmd.add_option("--probe-images", o.options.probe_images, "random images to probe")->check(at_least(10));
  cmd.add_option("--masks", o.options.masks,
                 "folder with a folder of masks for each attribute, to compare the prototypes' patches with");
  cmd.add_option("--reconstructions", o.options.reconstructions, "random test images to regenerate")
      ->check(at_least(1));
  cmd.add_option("--control-images", o.options.control_images,
                 "random test images to raise every prototype in")
      ->check(at_least(1));
  cmd.add_option("--likelihood-images", o.options.likelihood.images,
                 "random test images for the likelihood bound")
      ->check(at_least(2));
  cmd.add_option("--bound-steps", o.options.likelihood.steps, "timesteps of the likelihood bound")
      ->check(at_least(2))
      ->default_str("50, or all T where fewer");
  cmd.add_option("--twin", o.twin,
                 "run, or its checkpoint, with model.unet.condition=off to compare the likelihood with");
  add_range_options(cmd, o.options.range);
  add_strength(cmd, o.options.regenerate);
  cmd.add_option("--sets", o.options.generation.sets, "sets of generated images")->check(at_least(1));
  cmd.add_option("--set-images", o.options.generation.set_images, "images per set")->check(at_least(2));
  cmd.add_option("--reference-images", o.options.generation.real_images,
                 "random real images to compare each set with; 0: all (default: as many as a set has)")
      ->check(at_least(0));
}

/// Adds the options for comparing generated with real images. Returns --images, which replaces the run.
CLI::Option* add_picture_options(CLI::App& cmd, EvaluateCommand& o) {
  cmd.add_option("--features", o.options.features,
                 "inception:FILE (pytorch-fid's weights), encoder:CHECKPOINT or random");
  cmd.add_option("--dimensions", o.options.dimensions,
                 "Inception feature size: 64, 192, 768 or 2048 (FID; the default)");
  cmd.add_option(
      "--reference", o.pictures.reference,
      "real images: test, conditions (those that a set starts from), train, validation, a folder, or an .npz "
      "of statistics (default test; train where too few test images are left)");
  auto* images =
      cmd.add_option("--images", o.pictures.images, "folder of images (or .npz) to compare instead of a run");
  cmd.add_option("--statistics", o.pictures.statistics,
                 "write the statistics of --images for pytorch-fid (.npz)")
      ->needs(images);
  return images;
}

/// Makes `images`, which replaces the run, exclude all options that only apply to a run.
void exclude_run_options(CLI::App& cmd, CLI::Option* images) {
  const std::vector<std::string> of_pictures{"--help",       "--images",   "--reference",
                                             "--statistics", "--features", "--dimensions",
                                             "--device",     "--threads",  "settings"};
  for (auto* option : cmd.get_options()) {
    const bool is_of_pictures =
        std::any_of(of_pictures.begin(), of_pictures.end(),
                    [&](const std::string& name) { return option->check_name(name); });
    if (!is_of_pictures) images->excludes(option);
  }
}

}  // namespace

void add_evaluate(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<EvaluateCommand>();
  auto* cmd = app.add_subcommand("evaluate", "Measure representation, reconstruction and generation");
  cmd->footer(
      "Examples: patronus evaluate --run runs/demo --features random --sets 2 --set-images 1000\n"
      "          patronus evaluate --images generated --reference real --features pt_inception.pth");
  add_analysis_options(*cmd, o->run);
  add_run_options(*cmd, *o);
  auto* images = add_picture_options(*cmd, *o);
  add_regenerate_options(*cmd, o->options.regenerate);
  add_setting(*cmd, o->run.settings, "--seed", "seed", "random seed");
  add_out(*cmd, o->out, "results", "evaluate");
  exclude_run_options(*cmd, images);
  cmd->callback([o, &invocation] {
    require_one_list_of_parts(*o);
    if (o->pictures.images.empty())
      return share_analysis(invocation, o->run, [o] { return run_evaluate(*o); });
    invocation.selected = [o] { return run_comparison(*o); };
  });
}

}  // namespace patronus::cli
