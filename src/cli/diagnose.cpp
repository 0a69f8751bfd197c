#include "patronus/diagnosis/diagnose.h"

#include "command.h"
#include "options.h"
#include "output.h"
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

/// Fewer images and steps, and two kinds of edit: a first look. Options that `command` was given stay.
DiagnoseOptions quick(DiagnoseOptions options, const CLI::App& command) {
  const auto set = [&](const char* name, int64_t& option, int64_t value) {
    if (command.count(name) == 0) option = value;
  };
  options.kinds = {EditKind::kSingle, EditKind::kExample};
  set("--steps", options.experiment.regenerate.inversion.steps, 10);
  set("--images", options.experiment.images, 24);
  set("--generated", options.generated, 100);
  set("--control-images", options.control_images, 0);
  options.judge.steps = 400;
  return options;
}

int run_diagnose(const DiagnoseCommand& o) {
  TrainedModel trained = open_conditional_run(o.run);
  DiagnoseOptions options = o.options;
  options.latent = usable_latent_model(trained, o.run.settings.all());
  options.encoded.seed = options.experiment.seed = options.finding.seed = options.judge.seed =
      trained.config.seed;
  const auto folder = output_folder(o.out, trained, "diagnose");
  options.judge.kept = folder / "judge.pt";
  const Diagnosis diagnosis = diagnose(trained, options);
  return finish_analysis(o.run, trained, folder, "diagnose",
                         (folder / "diagnose.md").string() + " and diagnose.json",
                         [&](const auto& draft) { write_diagnosis(draft, trained, diagnosis); });
}

void add_diagnosis_options(CLI::App& cmd, DiagnoseOptions& options) {
  cmd.add_option("--attributes", options.csv, "table of attributes in place of the data set's");
  cmd.add_option("--judge", options.judge.data,
                 "data.* settings of other images that the judge of attributes learns from")
      ->take_all()
      ->allow_extra_args(false);
  cmd.add_option("--dependent", options.dependent,
                 "CSV of pairs that depend by construction: attribute, other, reason");
  cmd.add_option("--balance", options.balance,
                 "attribute that the images of suspects.png alternate in, as Male for CelebA");
  cmd.add_option("--images", options.experiment.images, "test images that every attribute is edited in")
      ->check(at_least(8));
  cmd.add_option("--generated", options.generated,
                 "images drawn, of the latent model as many again, to compare associations with the data's")
      ->check(at_least(10));
  cmd.add_option(
         "--control-images", options.control_images,
         "test images that every prototype is raised and lowered in, for the effect matrices; 0: none")
      ->check(at_least(0));
  cmd.add_option("--least-effect", options.finding.least_effect, "change of a probability that counts")
      ->check(finite(0, 1));
  cmd.add_option("--correlated", options.experiment.correlated,
                 "least correlation of the prototypes that follow an edited one")
      ->check(finite(0, 1));
}

}  // namespace

void add_diagnose(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<DiagnoseCommand>();
  o->options.experiment.regenerate.inversion.steps = 20;
  auto* cmd = app.add_subcommand("diagnose", "Find attributes that the model ties together");
  cmd->footer(
      "Examples: patronus diagnose --run runs/demo\n"
      "          patronus diagnose --run runs/biased --judge data.faces.correlation=0\n"
      "          patronus diagnose --run runs/demo --quick");
  add_analysis_options(*cmd, o->run);
  add_diagnosis_options(*cmd, o->options);
  cmd->add_flag("--quick", o->quick, "two kinds of edit in 24 images, 10 steps: a first look");
  add_strength(*cmd, o->options.experiment.regenerate);
  add_regenerate_options(*cmd, o->options.experiment.regenerate);
  add_setting(*cmd, o->run.settings, "--seed", "seed", "seed of the choice of images");
  add_out(*cmd, o->out, "results", "diagnose");
  cmd->callback([o, cmd, &invocation] {
    if (o->quick) o->options = quick(o->options, *cmd);
    share_analysis(invocation, o->run, [o] { return run_diagnose(*o); });
  });
}

}  // namespace patronus::cli
