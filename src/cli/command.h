#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "patronus/analysis/conditioned_samples.h"
#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/core/named_enum.h"
#include "patronus/data/dataset.h"
#include "patronus/distributed/process_group.h"
#include "patronus/run/run_config.h"
#include "patronus/run/trained_model.h"
#include "patronus/training/training_loop.h"

namespace patronus::cli {

/// Does `work` as one rank of the job that a launcher started, or alone without one; rank 0 alone talks.
int run_on_ranks(const RuntimeConfig& runtime, const std::function<int(const ProcessGroup&)>& work);

/// `key=value` settings from flags and trailing words. Flags beat words, which beat what a flag implies,
/// which beats the file.
struct Settings {
  std::vector<std::string> implied;
  std::vector<std::string> words;
  std::vector<std::string> flags;
  std::vector<std::string> all() const;
};

/// Adds `flag` as a short form of the setting `key`.
void add_setting(CLI::App& command, Settings& settings, const std::string& flag, const std::string& key,
                 const std::string& help);

/// Adds `flag`, which chooses a value of an enumeration by its name.
template <NamedEnum E>
void add_choice(CLI::App& command, const std::string& flag, E& value, const std::string& help) {
  command
      .add_option_function<std::string>(
          flag,
          [&value, what = flag.substr(2)](const std::string& name) { value = enum_from<E>(name, what); },
          help)
      ->default_str(to_string(value));
}

/// Adds --device, --threads, --precision and the trailing key=value words.
void add_runtime_settings(CLI::App& command, Settings& settings);

/// Adds --format, the formats of the figures that a command writes.
void add_figure_formats(CLI::App& command, Settings& settings);

/// The device that runtime settings ask for, without a run; sets the threads, too.
at::Device device_of(const Settings& settings);

/// Adds --maximum, --quantile and --subset.
void add_range_options(CLI::App& command, PlausibleRangeOptions& options);

/// Adds --strength.
void add_strength(CLI::App& command, RegenerateOptions& options);

/// Adds --patch.
void add_patch_rule(CLI::App& command, PatchRule& rule);

/// Adds --noise.
void add_noise_choice(CLI::App& command, NoiseChoice& noise);

/// Adds --sampler, --steps and --eta, by which images are drawn.
void add_sampler_options(CLI::App& command, Settings& settings);

/// Adds --steps, --inversion, --tolerance and --batch-size, by which images are inverted and regenerated.
void add_regenerate_options(CLI::App& command, RegenerateOptions& options);

/// Adds --config, which may be given more than once: later files win.
CLI::Option* add_config_option(CLI::App& command, std::vector<std::string>& configs, const std::string& help);

/// The configuration of files or shipped ones, of which later ones win, under these settings. `run`: the
/// folder that is trained in, if any, which may go on without the run that it began --from.
RunConfig configuration(const std::vector<std::string>& configs, const Settings& settings,
                        const std::filesystem::path& run = {});

/// How a command names a trained run: --run, --config or --checkpoint, and --weights.
struct TrainedRunOptions {
  std::string run;
  std::vector<std::string> configs;
  std::string checkpoint;
  Weights weights = Weights::kAuto;
  std::string disable = {};
  Settings settings;
  ProcessGroup ranks = {};  // that share the analysis
};
/// Adds --run, --config, --checkpoint and --weights.
void add_checkpoint_options(CLI::App& command, TrainedRunOptions& options);
/// The same, --data and the runtime settings.
void add_trained_run_options(CLI::App& command, TrainedRunOptions& options);
/// The same and --disable.
void add_analysis_options(CLI::App& command, TrainedRunOptions& options);

/// The folder of a run: `run` as given, or runs/<config name>, names of several joined by "-". ConfigError
/// when both are empty.
std::filesystem::path run_folder(const std::string& run, const std::vector<std::string>& configs);

/// `checkpoint` if given, else the run's last one. ConfigError when there is no such run or checkpoint.
std::filesystem::path checkpoint_path(const TrainedRunOptions& options);
TrainedModel open_trained_run(const TrainedRunOptions& options);
/// The same; ConfigError for a run without condition, whose prototypes mean nothing.
TrainedModel open_conditional_run(const TrainedRunOptions& options);

/// Lets the ranks of a launcher's job share what the command does: `analyse`, with the run opened on each
/// rank's own device. All have the same results; rank 0 writes them.
void share_analysis(Invocation& invocation, TrainedRunOptions& run, const std::function<int()>& analyse);

/// `out` if given, else the folder `name` of the run that the model comes from ("sample-without-4-12" of a
/// model without these prototypes); made when it is not there. Until this process ends no other one writes
/// there: where one does, this waits for it.
std::filesystem::path output_folder(const std::string& out, const TrainedModel& trained,
                                    const std::string& name);

/// Writes the results of the command `name` into its output folder, in the place of earlier ones
/// (io/replace_results.h); gives the folder.
std::filesystem::path publish_results(const std::string& out, const TrainedModel& trained,
                                      const std::string& name,
                                      const std::function<void(const std::filesystem::path& draft)>& write);

/// Which images a command works on: --images, --split, --select, --where, --first, --count.
struct ImageSelection {
  std::string images;
  Split split = Split::kTest;
  std::vector<std::string> select = {};  // names or numbers
  std::string where;                     // a condition on their attributes
  int64_t first = 0;
  int64_t count = 0;  // 0: all
};
void add_image_selection(CLI::App& command, ImageSelection& selection, int64_t default_count);
/// All but --first and --count, for commands that draw among the images.
void add_image_source(CLI::App& command, ImageSelection& selection);

/// Part of a list: `count` elements from `first` on.
struct ListPart {
  int64_t first;
  int64_t count;
};
/// What --first and --count select of `size` things; ConfigError when that is nothing.
ListPart selected_part(const ImageSelection& selection, int64_t size, const std::string& things);

/// A split of the run's data set, or the folder --images, whole, in its place; prepared as in training. Of
/// these the images that --select names, or for which --where holds, which is logged.
Dataset open_split(const TrainedModel& trained, const ImageSelection& selection);

/// What analyses compare with, whatever --images says: the training split of the run's data set. Where that
/// cannot be opened, the folder --images, with a warning.
Dataset open_real_images(const TrainedModel& trained, const ImageSelection& selection);

struct SelectedImages {
  Dataset dataset;
  int64_t first;
  int64_t count;
};
/// The images that all options select. ConfigError when there are none.
SelectedImages open_images(const TrainedModel& trained, const ImageSelection& selection);

/// Says how a training in `folder` ended and gives the exit status. `section` holds its settings: "training"
/// or "latent".
int finish_training(const TrainingOutcome& outcome, const std::filesystem::path& folder,
                    const std::string& section);

/// The files that a figure was written to, for a message: "runs/a/manipulate.png, runs/a/manipulate.pdf".
std::string figure_text(const std::filesystem::path& stem, const TrainedModel& trained);

/// Logs "wrote WHAT (ema weights of step 2250)".
void log_written(const std::string& what, const TrainedModel& trained);

/// Integers from `least` upwards; our own words in the message.
CLI::Validator at_least(int64_t least);

/// Refuses infinity and what is not a number.
CLI::Validator finite();

void add_train(CLI::App& app, Invocation& invocation);
void add_train_latent(CLI::App& app, Invocation& invocation);
void add_sample(CLI::App& app, Invocation& invocation);
void add_encode(CLI::App& app, Invocation& invocation);
void add_reconstruct(CLI::App& app, Invocation& invocation);
void add_visualize_prototypes(CLI::App& app, Invocation& invocation);
void add_evaluate(CLI::App& app, Invocation& invocation);
void add_diagnose(CLI::App& app, Invocation& invocation);
void add_emergence(CLI::App& app, Invocation& invocation);
void add_interpolate(CLI::App& app, Invocation& invocation);
void add_manipulate(CLI::App& app, Invocation& invocation);
void add_report(CLI::App& app, Invocation& invocation);
void add_info(CLI::App& app, Invocation& invocation);
void add_import(CLI::App& app, Invocation& invocation);
void add_export(CLI::App& app, Invocation& invocation);
void add_prepare(CLI::App& app, Invocation& invocation);
void add_cache(CLI::App& app, Invocation& invocation);
void add_bench(CLI::App& app, Invocation& invocation);
void add_sweep(CLI::App& app, Invocation& invocation);

}  // namespace patronus::cli
