#include "command.h"
#include "image_selection.h"
#include "options.h"
#include "output.h"
#include "patronus/analysis/conditioned_samples.h"
#include "patronus/analysis/encode.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/analysis/unconditional_samples.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/models/module_state.h"
#include "patronus/run/checkpoint.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {

namespace {

struct SampleCommand {
  TrainedRunOptions run;
  ImageSelection selection;
  std::string activations;
  std::string out;
  ConditionedSamplesOptions sampling;
  bool unconditional = false;
};

struct Drawn {
  ConditionedSamples samples;
  SampleSources sources;
  Json record = Json::object();  // describes the latent model; empty if the samples do not come from it
};

Drawn draw_unconditionally(const SampleCommand& o, TrainedModel& trained) {
  if (o.selection.count == 0) {
    throw ConfigError(
        "--count 0: samples that come from no images have no end; say how many, or give --split");
  }
  const LatentRange range{o.selection.first, o.selection.count};
  const auto sources = [&](const char* name) {
    return SampleSources{std::vector<std::string>(static_cast<size_t>(o.selection.count), name)};
  };
  if (!trained.model.unet->is_conditional()) {
    return {sample_unconditional(trained, range, o.sampling), sources("no condition")};
  }
  const LatentModel latent = load_latent_model(trained, o.run.settings.all());
  Drawn drawn{sample_unconditional(trained, latent, range, o.sampling), sources("latent model")};
  add_latent_model(drawn.record, latent);
  return drawn;
}

/// `first`: position of the first vector among all vectors, from which it is numbered, so that a vector gives
/// the same images regardless of --first and --count.
ConditionedSamplesOptions numbered_from(const SampleCommand& o, int64_t first) {
  ConditionedSamplesOptions options = o.sampling;
  options.first = first;
  return options;
}

Drawn draw_from_file(const SampleCommand& o, TrainedModel& trained) {
  const Encoding encoding = read_encoding(o.activations, trained.config.model.prototypes.count);
  if (!encoding.weights.empty() && encoding.weights != weights_hash(module_state(*trained.model.encoder))) {
    log_warning(o.activations + ": encoded with other weights, whose prototypes mean something else");
  }
  const auto [first, count] = selected_part(o.selection, encoding.activation.size(0), "vectors");
  return {sample_conditioned(trained, encoding.activation.slice(0, first, first + count),
                             numbered_from(o, first)),
          {{encoding.files.begin() + first, encoding.files.begin() + first + count}}};
}

Drawn draw_from_images(const SampleCommand& o, TrainedModel& trained) {
  const SelectedImages images = open_images(trained, o.selection);
  const Encoding encoding =
      encode_images(trained.model.encoder, images.dataset, images.first, images.count, trained.ranks);
  return {sample_conditioned(trained, encoding.activation, numbered_from(o, images.first)),
          {encoding.files, images.dataset.slice(images.first, std::min(images.count, kShownSamples))}};
}

Json sample_json(const TrainedModel& trained, const Drawn& drawn) {
  const SamplerSettings& sampling = trained.config.sampling;
  Json json{{"sampling",
             {{"sampler", to_string(sampling.sampler)},
              {"steps", checked_steps(sampling, trained.schedule)},
              {"eta", sampling.eta}}}};
  json.update(drawn.record);
  return json;
}

int run_sample(SampleCommand o) {
  TrainedModel trained = o.unconditional ? open_trained_run(o.run) : open_conditional_run(o.run);
  o.sampling.sampling = trained.config.sampling;
  const auto folder = output_folder(o.out, trained, "sample");
  const Drawn drawn = o.unconditional         ? draw_unconditionally(o, trained)
                      : o.activations.empty() ? draw_from_images(o, trained)
                                              : draw_from_file(o, trained);
  return finish_analysis(
      o.run, trained, folder, "sample", figure_text(folder / "samples", trained),
      [&](const auto& draft) { write_conditioned_samples(draft, trained, drawn.samples, drawn.sources); },
      sample_json(trained, drawn));
}

}  // namespace

void add_sample(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<SampleCommand>();
  auto* cmd =
      app.add_subcommand("sample", "Sample images from the latent model, or from the activations of images");
  cmd->footer(
      "Examples: patronus sample --run runs/demo --count 64\n"
      "          patronus sample --run runs/demo --split test --steps 20 --sampler dpm-solver");
  add_analysis_options(*cmd, o->run);
  add_image_selection(*cmd, o->selection, 16);
  cmd->get_option("--split")->description(
      "draw from the activations of a split: train, test or validation (default: from the latent model)");
  cmd->add_option("--activations", o->activations,
                  "draw from the vectors in a .pt file, e.g. one from encode")
      ->excludes("--images")
      ->excludes("--split")
      ->excludes("--select")
      ->excludes("--where");
  cmd->add_option("--per-image", o->sampling.per_condition, "images per vector")->check(at_least(1));
  add_noise_choice(*cmd, o->sampling.noise);
  add_sampler_options(*cmd, o->run.settings);
  add_setting(*cmd, o->run.settings, "--seed", "seed", "seed of the noise");
  add_batch_size(*cmd, o->sampling.batch_size);
  add_out(*cmd, o->out, "pictures", "sample");
  cmd->callback([o, cmd, &invocation] {
    const bool of_images =
        cmd->count("--images") + cmd->count("--split") + cmd->count("--select") + cmd->count("--where") > 0;
    o->unconditional = o->activations.empty() && !of_images;
    share_analysis(invocation, o->run, [o] { return run_sample(*o); });
  });
}

}  // namespace patronus::cli
