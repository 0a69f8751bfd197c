#include "report/provenance.h"

#include <nlohmann/json.hpp>

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

bool is_same(const ModelIdentity& made, const ModelIdentity& now) {
  return has_hashes(made, now) ? now.hash == made.hash : made.step == now.step;
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

/// The latent model that results come from, if any, by a command's file or a protocol.
std::optional<ModelIdentity> latent_in(const Json& facts) {
  if (!facts.contains("latent_step")) return std::nullopt;
  return ModelIdentity{facts["latent_step"].get<int64_t>(), facts.value("latent_sha256", std::string())};
}

bool is_quick(const std::string& typed) {
  return contains(split(typed, ' '), std::string_view("--quick"));
}

}  // namespace

Provenances::Provenances(const RunRecords& records, int64_t status_step)
    : records_(records),
      run_{records.run().last_step().value_or(status_step), hash_of(last_file(records.run()))} {
  const fs::path latent = last_file(RunDirectory(records.run().file("latent")));
  if (latent.empty()) return;
  const LatentCheckpoint checkpoint = read_latent_checkpoint(latent);
  latent_ = {checkpoint.step, hash_of(latent)};
  latent_source_ = checkpoint.source;
}

Provenance Provenances::of(const std::string& command) const {
  Json made = records_.json(command + "/command-" + command + ".json");
  if (made.is_null()) made = Json::object();
  const ModelIdentity model{made.value("step", int64_t{-1}), made.value("sha256", std::string())};
  const auto latent = latent_in(made);
  const std::string typed = made.value("command", std::string());
  return {command + (is_quick(typed) ? " --quick (a first look)" : ""),
          run_text(model, run_, made.value("weights", std::string())) +
              (latent ? "; and of " + latent_text(*latent, latent_) : ""),
          !is_same(model, run_) || (latent && !is_same(*latent, latent_)), typed};
}

std::map<std::string, std::string> Provenances::commands_of_evaluation() const {
  const Json made = records_.json("evaluate/command-evaluate.json");
  if (made.is_null()) return {};
  return made.at("parts").get<std::map<std::string, std::string>>();
}

std::optional<Provenance> Provenances::of_generation(const Json& evaluation) const {
  if (!evaluation.contains("generation")) return std::nullopt;
  const auto latent = latent_in(evaluation["generation"].at("protocol"));
  if (!latent) return std::nullopt;
  return Provenance{"evaluate (generation)", "of " + latent_text(*latent, latent_),
                    !is_same(*latent, latent_), commands_of_evaluation()["generation"]};
}

std::optional<Provenance> Provenances::of_latent_model() const {
  if (latent_.step < 0) return std::nullopt;
  const auto& [step, weights, hash] = latent_source_;
  ModelIdentity now{run_.step};
  if (step == now.step && !run_.hash.empty())
    now.hash = weights_hash(read_checkpoint(last_file(records_.run())).weights(weights));
  const ModelIdentity of{step, hash};
  return Provenance{"the latent model of " + step_text(latent_), run_text(of, now, to_string(weights)),
                    !is_same(of, now), ""};
}

}  // namespace patronus
