#include "report/provenance.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "patronus/core/contains.h"
#include "patronus/core/text.h"
#include "patronus/io/file_hash.h"
#include "patronus/run/checkpoint.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

fs::path last_file(const RunDirectory& run) {
  return run.last_checkpoint().value_or("");
}

std::string hash_of(const fs::path& checkpoint) {
  return checkpoint.empty() ? "" : file_sha256(checkpoint);
}

bool has_hashes(const ModelIdentity& a, const ModelIdentity& b) {
  return !a.hash.empty() && !b.hash.empty();
}

/// Whether both are the same checkpoint. `made.hash` may be only the first digits of the hash.
bool is_same(const ModelIdentity& made, const ModelIdentity& now) {
  return has_hashes(made, now) ? now.hash.starts_with(made.hash) : made.step == now.step;
}

std::string step_text(const ModelIdentity& model) {
  return model.step < 0 ? "an unknown step" : "step " + std::to_string(model.step);
}

/// Describes the model that results come from: "of step 8 (ema weights), the run is at step 12".
std::string run_text(const ModelIdentity& made, const ModelIdentity& now, const std::string& weights) {
  const std::string step = step_text(made) + (weights.empty() ? "" : " (" + weights + " weights)");
  if (is_same(made, now)) {
    return "of " + step +
           (has_hashes(made, now) ? ", the run's last checkpoint"
                                  : ", the run's last step; no hash was kept");
  }
  if (made.step != now.step) return "of " + step + ", the run is at " + step_text(now);
  return "of another checkpoint of " + step + " than the run's last one";
}

std::string latent_text(const ModelIdentity& made, const ModelIdentity& now) {
  const std::string of_step = "the latent model of " + step_text(made);
  if (now.step < 0) return of_step + ", which is no longer there";
  if (is_same(made, now)) return of_step + ", its last checkpoint";
  if (made.step != now.step) return of_step + ", which is at " + step_text(now) + " now";
  return "another checkpoint of " + of_step + " than its last one";
}

/// The model that a text mentions. `pattern`: regular expression with two groups, a step and a hash.
std::optional<ModelIdentity> model_in(const std::string& text, const std::string& pattern) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex(pattern))) return std::nullopt;
  return ModelIdentity{std::stoll(found[1]), found[2]};
}

/// The latent model that results come from, if any, by their command's file. Without an entry there, by
/// `record`: the protocol of an evaluation's generated images, or of a diagnosis from an earlier version.
std::optional<ModelIdentity> latent_of(const Json& made, const Json& record) {
  if (made.contains("latent_step"))
    return ModelIdentity{made["latent_step"].get<int64_t>(), made.value("latent_sha256", std::string())};
  const Json::json_pointer generated("/generation/unconditional/protocol"), path("/protocol/latent_model");
  if (record.contains(generated))
    return model_in(record[generated].get<std::string>(),
                    "latent model of step ([0-9]{1,18}), sha256 ([0-9a-f]+)");
  if (record.contains(path)) return model_in(record[path].get<std::string>(), "step-([0-9]{1,18})()");
  return std::nullopt;
}

bool is_quick(const std::string& typed) {
  return contains(split(typed, ' '), std::string_view("--quick"));
}

}  // namespace

Provenances::Provenances(const RunRecords& records, int64_t step)
    : records_(records), run_{step, hash_of(last_file(records.run()))} {
  const fs::path latent = last_file(RunDirectory(records.run().file("latent")));
  if (latent.empty()) return;
  const LatentCheckpoint checkpoint = read_latent_checkpoint(latent);
  latent_ = {checkpoint.step, hash_of(latent)};
  latent_source_ = checkpoint.source;
}

Provenance Provenances::of(const std::string& command, const Json& record) const {
  const Json own = record.contains("protocol") ? record["protocol"] : record;
  const Json kept = records_.json(command + "/command-" + command + ".json");
  const Json& made = kept.is_null() ? own : kept;
  const ModelIdentity model{made.value("step", int64_t{-1}), made.value("sha256", std::string())};
  const auto latent = latent_of(own.contains("latent_step") ? own : made, record);
  const std::string typed = kept.is_null() ? "" : kept.value("command", std::string());
  return {command + (is_quick(typed) ? " --quick (a first look)" : ""),
          run_text(model, run_, made.value("weights", std::string())) +
              (latent ? "; and of " + latent_text(*latent, latent_) : ""),
          !is_same(model, run_) || (latent && !is_same(*latent, latent_)), typed};
}

std::optional<Provenance> Provenances::of_latent_model() const {
  if (latent_.step < 0) return std::nullopt;
  const auto& [step, weights, hash] = latent_source_;
  ModelIdentity now{run_.step};
  if (!hash.empty() && step == now.step && !run_.hash.empty())
    now.hash = weights_hash(read_checkpoint(last_file(records_.run())).weights(weights));
  const ModelIdentity of{step, hash};
  return Provenance{"the latent model of " + step_text(latent_), run_text(of, now, to_string(weights)),
                    !is_same(of, now), ""};
}

}  // namespace patronus
