#include "command.h"
#include "output.h"
#include "patronus/analysis/encode.h"
#include "patronus/analysis/latent_report.h"
#include "patronus/core/log.h"
#include "patronus/training/latent_run.h"
#include "trained_run.h"

namespace patronus::cli {
namespace {

int run_train_latent(const TrainedRunOptions& o, const std::string& command_line) {
  TrainedModel trained = open_conditional_run(o);
  trained.config.validate();  // fails now rather than when sampling after training
  DataListing images(trained.config.data);
  const auto activations = [&](Split split) {
    return encode_activations(trained.model.encoder, images.open(split));
  };
  const auto train = activations(Split::kTrain);
  const auto test = images.size(Split::kTest) > 0 ? activations(Split::kTest) : train.slice(0, 0, 0);
  if (test.size(0) == 0) log_warning("there are no test images: test_loss is of vectors that are trained on");
  const LatentData data{train, test.size(0) > 0 ? test : train, images.report()};
  const TrainingOutcome outcome = run_latent_training(trained, data, command_line);
  const auto folder = latent_folder(trained);
  if (outcome.signal == 0 && latent_report_is_due(folder, outcome.step)) {
    const LatentModel latent = load_latent_model(trained, o.settings.all());
    write_latent_report(folder, trained, latent_report(trained, latent, train, test));
  }
  return finish_training(outcome, folder, "latent");
}

}  // namespace

void add_train_latent(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<TrainedRunOptions>();
  auto* cmd = app.add_subcommand("train-latent",
                                 "Train the latent model of activation vectors for unconditional images");
  cmd->footer("Example: patronus train-latent --run runs/demo latent.max_steps=3000");
  add_trained_run_options(*cmd, *o);
  add_figure_formats(*cmd, o->settings);
  add_setting(*cmd, o->settings, "--seed", "seed", "random seed");
  add_setting(*cmd, o->settings, "--batch-size", "latent.batch_size", "vectors per step");
  add_setting(*cmd, o->settings, "--max-steps", "latent.max_steps", "number of training steps");
  cmd->callback([o, &invocation] {
    invocation.selected = [o, &invocation] { return run_train_latent(*o, invocation.command_line); };
  });
}

}  // namespace patronus::cli
