#include "options.h"

#include "patronus/core/error.h"
#include "patronus/core/parse_number.h"
#include "patronus/core/text.h"
#include "patronus/io/replace_results.h"

namespace patronus::cli {

CLI::Validator at_least(int64_t least) {
  return CLI::Validator(
      [least](std::string& text) {
        const auto number = parse_number<int64_t>(text);
        return number && *number >= least ? std::string()
                                          : "must be at least " + std::to_string(least) + ", got " + text;
      },
      "");
}

CLI::Validator finite(double least, double most) {
  return CLI::Validator(
      [least, most](std::string& text) -> std::string {
        const auto number = parse_number<double>(text);
        if (!number) return "must be a finite number, got " + text;
        if (*number < least) return "must be at least " + format_float(least) + ", got " + text;
        if (*number > most) return "must be at most " + format_float(most) + ", got " + text;
        return {};
      },
      "");
}

void add_range_options(CLI::App& command, PlausibleRangeOptions& options) {
  add_choice(command, "--maximum", options.maximum,
             "largest activation per prototype, or over all: prototype or global");
  command
      .add_option("--quantile", options.quantile,
                  "quantile taken as the largest activation, 0.5 to 1; 1: the maximum")
      ->check(finite(0.5, 1));
  command.add_option("--subset", options.images, "training images to search for the largest activation")
      ->check(at_least(1));
}

void add_strength(CLI::App& command, RegenerateOptions& options) {
  command.add_option("--strength", options.strength, "guidance along the edit; 1: none")->check(finite());
}

void add_patch_rule(CLI::App& command, PatchRule& rule) {
  add_choice(command, "--patch", rule, "patch boxes: exact, or paper (without the first row and column)");
}

void add_noise_choice(CLI::App& command, NoiseChoice& noise) {
  add_choice(command, "--noise", noise,
             "initial noise: random, or fixed (the same for every activation vector)");
}

void add_out(CLI::App& command, std::string& out, const std::string& content, const std::string& name) {
  // Intermediate results that analyses store there for later calls. They do not count as files of others.
  static const std::set<std::string> kKept{"control.pt", "control-lowered.pt", "emergence.pt", "generation",
                                           "judge.pt"};
  const auto check = [](const std::string& folder) -> std::string {
    try {
      require_results_folder(folder);
      refuse_files_of_others(folder, kKept);
      return {};
    } catch (const ConfigError& refused) {
      return refused.what();
    }
  };
  command.add_option("--out", out, "folder for the " + content + " (default <run>/" + name + ")")
      ->check(CLI::Validator(check, ""));
}

void add_batch_size(CLI::App& command, std::optional<int64_t>& batch_size) {
  CLI::Option* option =
      command.add_option("--batch-size", batch_size, "images per batch")->check(at_least(1));
  option->default_str(batch_size ? std::to_string(*batch_size)
                                 : std::to_string(kMaxCpuBatchSize) + ", on a GPU as many as fit");
}

void add_regenerate_options(CLI::App& command, RegenerateOptions& options) {
  command.add_option("--steps", options.inversion.steps, "DDIM steps each way")->check(at_least(1));
  add_choice(command, "--inversion", options.inversion.method,
             "refined (iterated to --tolerance), plain (one evaluation per step) or reference");
  command
      .add_option("--tolerance", options.inversion.tolerance,
                  "refined inversion: largest root mean square error of a step")
      ->check(finite(0));
  add_batch_size(command, options.batch_size);
}

}  // namespace patronus::cli
