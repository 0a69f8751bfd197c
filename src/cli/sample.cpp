#include "command.h"
#include "patronus/analysis/conditioned_samples.h"
#include "patronus/analysis/encode.h"
#include "patronus/core/log.h"

namespace patronus::cli {
namespace {

struct SampleCommand {
  TrainedRunOptions run;
  ImageSelection selection;
  std::string activations;
  std::string out;
  ConditionedSamplesOptions sampling;
};

struct Conditions {
  at::Tensor activation;           // [N, P]
  std::vector<std::string> names;  // [N]
};

/// From a file that `encode` wrote, or by encoding the selected images.
Conditions conditions(const SampleCommand& o, TrainedModel& trained) {
  if (o.activations.empty()) {
    const SelectedImages images = open_images(trained, o.selection);
    const Encoding encoding =
        encode_images(trained.model.encoder, images.dataset, images.first, images.count);
    return {encoding.activation, encoding.files};
  }
  const Encoding encoding = read_encoding(o.activations, trained.config.model.prototypes.count);
  const auto [first, count] = selected_part(o.selection, encoding.activation.size(0), "vectors");
  return {encoding.activation.slice(0, first, first + count),
          {encoding.files.begin() + first, encoding.files.begin() + first + count}};
}

int run_sample(const SampleCommand& o) {
  TrainedModel trained = open_trained_run(o.run);
  const Conditions condition = conditions(o, trained);
  ConditionedSamplesOptions sampling = o.sampling;
  sampling.sampling = trained.config.sampling;
  const auto samples = sample_conditioned(trained, condition.activation, sampling);
  const auto folder = output_folder(o.out, trained, "sample");
  write_conditioned_samples(folder, samples, condition.names);
  log_info("wrote " + (folder / "samples.png").string() + " (" + trained.weights + " weights of step " +
           std::to_string(trained.step) + ")");
  return 0;
}

}  // namespace

void add_sample(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<SampleCommand>();
  auto* cmd = app.add_subcommand("sample", "Draw images from the activations of images, with random noise");
  cmd->footer("Example: patronus sample --run runs/demo --count 64 --steps 50 --sampler dpm-solver");
  add_trained_run_options(*cmd, o->run);
  add_image_selection(*cmd, o->selection, 16);
  cmd->add_option("--activations", o->activations, "draw from the vectors of a .pt file (encode writes one)");
  cmd->add_option("--per-image", o->sampling.per_condition, "images drawn for every vector")
      ->check(at_least_one());
  cmd->add_option_function<std::string>(
         "--sampler",
         [o](const std::string& name) {
           // Another sampler has its own number of steps; --steps comes later and beats this.
           auto& flags = o->run.settings.flags;
           flags.insert(flags.begin(), {"sampling.sampler=" + name, "sampling.steps=0"});
         },
         "ddim, ddpm or dpm-solver (sampling.sampler)")
      ->take_last();
  add_setting(*cmd, o->run.settings, "--steps", "sampling.steps", "denoising steps");
  add_setting(*cmd, o->run.settings, "--eta", "sampling.eta", "DDIM's share of fresh noise");
  add_setting(*cmd, o->run.settings, "--seed", "seed", "seed of the noise");
  cmd->add_option("--batch-size", o->sampling.batch_size, "images drawn at once")->check(at_least_one());
  cmd->add_option("--out", o->out, "folder of the pictures (default <run>/sample)");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_sample(*o); }; });
}

}  // namespace patronus::cli
