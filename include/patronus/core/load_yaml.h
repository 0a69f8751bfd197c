#pragma once
#include <yaml-cpp/yaml.h>

#include <string>

namespace patronus {

/// Parses YAML; `source` is the file name shown in messages. Throws ConfigError for more than 256 KiB, naming
/// what was `expected` ("a configuration"), for more than one document, and "<source>:<line>: not valid YAML:
/// ..." for a syntax error.
YAML::Node load_yaml(const std::string& text, const std::string& source, const std::string& expected);

/// Position of a node as a message prefix, "<source>:<line>: ".
std::string position(const YAML::Node& node, const std::string& source);

}  // namespace patronus
