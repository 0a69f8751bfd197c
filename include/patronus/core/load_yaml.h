#pragma once
#include <yaml-cpp/yaml.h>

#include <string>

namespace patronus {

/// Parses YAML; `source` stands for the file in messages. ConfigError for more than 256 KiB, which names what
/// was `expected` ("a configuration"), and "<source>:<line>: not valid YAML: ..." where it is none.
YAML::Node load_yaml(const std::string& text, const std::string& source, const std::string& expected);

/// "<source>:<line>: " of a node.
std::string position(const YAML::Node& node, const std::string& source);

}  // namespace patronus
