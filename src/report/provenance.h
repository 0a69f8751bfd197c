#pragma once
#include <map>
#include <optional>
#include <string>

#include "patronus/io/json_text.h"
#include "patronus/run/latent_checkpoint.h"
#include "report/run_records.h"

namespace patronus {

/// A checkpoint as identified in records. An unknown step is negative, an unknown hash empty.
struct ModelIdentity {
  int64_t step = -1;
  std::string hash{};
};

/// The models that the results of a command come from.
struct Provenance {
  std::string command;  // "diagnose --quick (a first look)"
  std::string models;   // "of step 12 (ema weights), the run's last checkpoint"
  bool is_stale;        // whether one is not the last checkpoint of the run or of its latent model
  std::string typed;    // full command line; empty if it was not recorded

  /// For example "emergence is of step 8, the run is at step 12".
  std::string text() const { return command + " is " + models; }
};

/// Compares the models that the results in a run's folder come from with the run's current models: by hashes
/// of checkpoints if recorded, else by steps.
class Provenances {
 public:
  /// `status_step`: the step that the run has come to, for one without checkpoints.
  Provenances(const RunRecords& records, int64_t status_step);

  /// Provenance of the results of `command`, from its command-<command>.json.
  Provenance of(const std::string& command) const;
  /// The command line that made each part of an evaluation, by the part's name.
  std::map<std::string, std::string> commands_of_evaluation() const;
  /// The latent model that generated images of an evaluation come from; nothing if it has none of one.
  std::optional<Provenance> of_generation(const Json& evaluation) const;
  /// Provenance of the latent model itself; nothing if there is none.
  std::optional<Provenance> of_latent_model() const;

 private:
  const RunRecords& records_;
  ModelIdentity run_;
  ModelIdentity latent_;
  LatentSource latent_source_;
};

}  // namespace patronus
