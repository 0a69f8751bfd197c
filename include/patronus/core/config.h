#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/core/describe.h"

namespace patronus {

// A configuration file is a YAML mapping with the keys that a struct describes (describe.h). Reading is
// strict: an unknown key, a duplicate key, or a value of the wrong kind or out of range throws ConfigError
// "<file>:<line>: <what>; <expected or near name>". Missing keys keep their defaults.

/// Reads `path` into `fields`.
void read_yaml_file(const Fields& fields, const std::filesystem::path& path);

/// Reads YAML `text`; `source` is the file name shown in messages.
void read_yaml_text(const Fields& fields, const std::string& text, const std::string& source);

/// Suggests keys for the unknown key `name`: the nearest one if any is near; else, if at most three, those
/// whose last part is that of `name`, or else begins with it or has it as initials, or else is how it ends.
/// For lr: training.learning_rate and latent.learning_rate; for image_size: data.size. If `name` begins with
/// a section, keys of that section are tried first.
std::vector<std::string> suggest_keys(const Fields& fields, const std::string& name);

/// Applies one `a.b=value` argument of the command line.
void apply_override(const Fields& fields, const std::string& word);

/// Writes every field with its current value as YAML, which `read_yaml_text` reads back to the same struct.
std::string write_yaml(const Fields& fields);

/// Keys whose values differ between two instances of the same struct.
std::vector<std::string> differing_keys(const Fields& a, const Fields& b);

}  // namespace patronus
