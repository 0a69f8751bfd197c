#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/core/describe.h"

namespace patronus {

// A configuration file is a YAML mapping with the keys that a struct describes (describe.h). Reading is
// strict: an unknown key, a duplicate key, a value of the wrong kind or out of range is a ConfigError
// "<file>:<line>: <what>; <expected or near name>". Keys that are absent keep their defaults.

/// Reads `path` into `fields`.
void read_yaml_file(const Fields& fields, const std::filesystem::path& path);

/// Reads YAML `text`; `source` stands for the file in messages.
void read_yaml_text(const Fields& fields, const std::string& text, const std::string& source);

/// The keys that `name`, which is none, may stand for: a near one or, where it has no section, those whose
/// last part it is, or else begins, or has the initials of, if they are three at most: training.learning_rate
/// and latent.learning_rate for lr.
std::vector<std::string> keys_meant(const Fields& fields, const std::string& name);

/// Applies one `a.b=value` word of the command line.
void apply_override(const Fields& fields, const std::string& word);

/// Every field with its present value, as YAML that `read_yaml_text` reads back to the same struct.
std::string write_yaml(const Fields& fields);

/// Keys whose values differ between two instances of the same struct.
std::vector<std::string> differing_keys(const Fields& a, const Fields& b);

}  // namespace patronus
