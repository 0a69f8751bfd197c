#include "patronus/diagnosis/diagnose.h"

#include "command.h"
#include "options.h"
#include "output.h"
#include "patronus/analysis/settings_json.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {

namespace {

struct DiagnoseCommand {
  TrainedRunOptions run;
  DiagnoseOptions options;
  bool quick = false;
  std::string out;
};

/// Settings for a first look: fewer images and steps, two kinds of edit. Keeps what is set on the command
/// line.
DiagnoseOptions quick(DiagnoseOptions options, const CLI::App& command) {
  const auto set = [&](const char* name, int64_t& option, int64_t value) {
    if (command.count(name) == 0) option = value;
  };
  options.kinds = {EditKind::kSingle, EditKind::kExample};
  set("--steps", options.experiment.regenerate.inversion.steps, 10);
  set("--images", options.experiment.images, 24);
  set("--generated", options.generated, 100);
  set("--control-images", options.control_images, 12);
  options.judge.steps = 400;
  return options;
}

int run_diagnose(const DiagnoseCommand& o) {
  TrainedModel trained = open_conditional_run(o.run);
  DiagnoseOptions options = o.options;
  options.latent = try_load_latent_model(trained, o.run.settings.all());
  options.encoded.seed = options.experiment.seed = options.finding.seed = options.judge.seed =
      options.tie.seed = trained.config.seed;
  const auto folder = output_folder(o.out, trained, "diagnose");
  options.judge.cache_file = folder / "judge.pt";
  options.control_folder = folder;
  const Diagnosis diagnosis = diagnose(trained, options);
  Json latent = Json::object();
  if (options.latent) add_latent_model(latent, *options.latent);
  return finish_analysis(
      o.run, trained, folder, "diagnose", (folder / "diagnose.md").string() + " and diagnose.json",
      [&](const auto& draft) { write_diagnosis(draft, trained, diagnosis); }, latent);
}

void add_diagnosis_options(CLI::App& cmd, DiagnoseOptions& options) {
  cmd.add_option("--attributes", options.csv, "attribute table instead of the data set's");
  cmd.add_option("--judge", options.judge.data,
                 "data.* settings of other images to train the attribute judge on: all words that follow");
  cmd.add_option("--dependent", options.dependent,
                 "CSV of pairs dependent by construction: attribute, other, reason");
  cmd.add_option("--balance", options.balance,
                 "attribute to alternate in suspects.png, e.g. Male for CelebA");
  cmd.add_option("--images", options.experiment.images, "test images to edit every attribute in")
      ->check(at_least(8));
  cmd.add_option("--generated", options.generated,
                 "images to draw per source (test activations, latent model) to compare associations")
      ->check(at_least(10));
  cmd.add_option("--control-images", options.control_images,
                 "test images to raise and lower every prototype in, for effect matrices and ties; 0: none")
      ->check(at_least(0));
  cmd.add_option("--least-effect", options.finding.least_effect, "minimum probability change that counts")
      ->check(finite(0, 1));
  cmd.add_option("--correlated", options.experiment.correlated,
                 "minimum absolute correlation to follow an edited prototype")
      ->check(finite(0, 1));
}

}  // namespace

void add_diagnose(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<DiagnoseCommand>();
  o->options.experiment.regenerate.inversion.steps = 20;
  auto* cmd = app.add_subcommand("diagnose", "Find prototypes and attributes that the model ties together");
  cmd->footer(
      "Examples: patronus diagnose --run runs/demo\n"
      "          patronus diagnose --run runs/biased --judge data.faces.correlation=0\n"
      "          patronus diagnose --run runs/demo --quick");
  add_analysis_options(*cmd, o->run);
  add_diagnosis_options(*cmd, o->options);
  cmd->add_flag("--quick", o->quick, "first look: two kinds of edit, 24 images, 10 steps");
  add_strength(*cmd, o->options.experiment.regenerate);
  add_regenerate_options(*cmd, o->options.experiment.regenerate);
  add_setting(*cmd, o->run.settings, "--seed", "seed", "random seed");
  add_out(*cmd, o->out, "results", "diagnose");
  cmd->callback([o, cmd, &invocation] {
    if (o->quick) o->options = quick(o->options, *cmd);
    share_analysis(invocation, o->run, [o] { return run_diagnose(*o); });
  });
}

}  // namespace patronus::cli
