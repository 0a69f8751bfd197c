#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>

#include "patronus/analysis/conditioned_samples.h"
#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/core/named_enum.h"

namespace patronus::cli {

/// Adds `flag`, which sets `value` by the name of an enumerator.
template <NamedEnum E>
CLI::Option* add_choice(CLI::App& command, const std::string& flag, E& value, const std::string& help) {
  return command
      .add_option_function<std::string>(
          flag,
          [&value, what = flag.substr(2)](const std::string& name) { value = parse_enum<E>(name, what); },
          help)
      ->default_str(to_string(value));
}

/// Accepts integers from `least` on. Its message is clearer than those of CLI11's validators.
CLI::Validator at_least(int64_t least);

/// Accepts finite numbers from `least` to `most`.
CLI::Validator finite(double least = -std::numeric_limits<double>::infinity(),
                      double most = std::numeric_limits<double>::infinity());

/// Adds --maximum, --quantile and --subset.
void add_range_options(CLI::App& command, PlausibleRangeOptions& options);

void add_strength(CLI::App& command, RegenerateOptions& options);

/// Adds --patch.
void add_patch_rule(CLI::App& command, PatchRule& rule);

/// Adds --noise.
void add_noise_choice(CLI::App& command, NoiseChoice& noise);

/// Adds --out, the folder for the `content` of an analysis; default: the folder `name` of the run. Rejects a
/// folder that must not receive results (io/replace_results.h) before anything is computed.
void add_out(CLI::App& command, std::string& out, const std::string& content, const std::string& name);

void add_batch_size(CLI::App& command, std::optional<int64_t>& batch_size);

/// Adds --steps, --inversion, --tolerance and --batch-size, the settings for inverting and regenerating
/// images.
void add_regenerate_options(CLI::App& command, RegenerateOptions& options);

}  // namespace patronus::cli
