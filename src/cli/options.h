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

/// Integers from `least` upwards; our own words in the message.
CLI::Validator at_least(int64_t least);

/// Numbers from `least` to `most`; infinity is none.
CLI::Validator finite(double least = -std::numeric_limits<double>::infinity(),
                      double most = std::numeric_limits<double>::infinity());

/// Adds --maximum, --quantile and --subset.
void add_range_options(CLI::App& command, PlausibleRangeOptions& options);

/// Adds --strength.
void add_strength(CLI::App& command, RegenerateOptions& options);

/// Adds --patch.
void add_patch_rule(CLI::App& command, PatchRule& rule);

/// Adds --noise.
void add_noise_choice(CLI::App& command, NoiseChoice& noise);

/// Adds --out, the folder that takes the place of `name` in the run, of the `content` of an analysis. One in
/// which no results may lie (io/replace_results.h) is refused before anything is computed.
void add_out(CLI::App& command, std::string& out, const std::string& content, const std::string& name);

/// Adds --batch-size.
void add_batch_size(CLI::App& command, std::optional<int64_t>& batch_size, const std::string& meaning);

/// Adds --steps, --inversion, --tolerance and --batch-size, by which images are inverted and regenerated.
void add_regenerate_options(CLI::App& command, RegenerateOptions& options);

}  // namespace patronus::cli
