#include "patronus/analysis/control.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "patronus/analysis/settings_json.h"
#include "patronus/core/log.h"
#include "patronus/core/to_vector.h"
#include "patronus/interop/result_cache.h"

namespace patronus {
namespace {

constexpr int64_t kControlVersion = 7;  // version of the saved file

/// The tensors by their keys in the saved file.
template <class Result>
auto control_tensors(Result& control) {
  return std::vector<std::pair<std::string, decltype(&control.effect)>>{
      {"images", &control.images},
      {"deviation", &control.deviation},
      {"effect", &control.effect},
      {"target_change", &control.target_change},
      {"change", &control.change},
      {"change_elsewhere", &control.change_elsewhere},
      {"change_map", &control.change_map},
      {"gain", &control.gain},
      {"drift", &control.drift},
      {"inside", &control.inside},
      {"area", &control.area},
      {"without", &control.without},
      {"appears", &control.appears},
      {"vanishes", &control.vanishes},
      {"changes", &control.changes},
      {"judged_change", &control.judged_change},
      {"judge_accuracy", &control.judge_accuracy}};
}

}  // namespace

Json control_protocol(Json identity, const ControlOptions& options, int64_t images) {
  identity["prototypes"] = options.prototypes;
  identity["images"] = std::min(options.images, images);
  if (options.lowers) identity["lowers"] = true;
  add_settings(identity, options.regenerate);
  add_settings(identity, options.range);
  return identity;
}

void save_control(const std::filesystem::path& path, const Control& control, const std::string& protocol) {
  Dict file;
  file.set("lowers", control.lowers);
  file.set("real_directions", control.real_directions);
  file.set("prototypes", at::tensor(control.prototypes));
  file.set("attributes", List(control.attributes.begin(), control.attributes.end()));
  for (const auto& [name, tensor] : control_tensors(control)) {
    if (tensor->defined()) file.set(name, *tensor);
  }
  write_cached_result(path, {kControlVersion, protocol}, std::move(file));
}

std::optional<Control> load_control(const std::filesystem::path& path, const std::string& protocol) {
  Control control;
  const bool is_known = read_cached_result(path, {kControlVersion, protocol}, [&](const Dict& file) {
    control.lowers = file.at("lowers").integer() != 0;
    control.real_directions = file.at("real_directions").number();
    control.prototypes = to_vector<int64_t>(file.at("prototypes").tensor());
    for (const auto& name : file.at("attributes").list()) control.attributes.push_back(name.text());
    for (const auto& [name, tensor] : control_tensors(control)) {
      if (const Value* found = file.find(name)) *tensor = found->tensor();
    }
  });
  return is_known ? std::optional(std::move(control)) : std::nullopt;
}

Control load_or_measure_control(const std::filesystem::path& path, const std::string& protocol,
                                const ProcessGroup& ranks, const std::function<Control()>& measure) {
  if (auto known = load_control(path, protocol); ranks.all(known.has_value())) {
    log_info("control: known from " + path.string());
    return std::move(*known);
  }
  Control control = measure();
  if (ranks.is_first()) save_control(path, control, protocol);
  return control;
}

}  // namespace patronus
