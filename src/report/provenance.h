#pragma once
#include <optional>
#include <string>

#include "patronus/io/json_text.h"
#include "patronus/run/latent_checkpoint.h"
#include "report/run_records.h"

namespace patronus {

/// A checkpoint as records know it: what is not known is empty or negative.
struct ModelIdentity {
  int64_t step = -1;
  std::string hash{};
};

/// Of which models the results of a command are.
struct Provenance {
  std::string command;  // "diagnose --quick (a first look)"
  std::string models;   // "of step 12 (ema weights), the run's last checkpoint"
  bool is_stale;        // another one than the run's last, or its latent model's
  std::string typed;    // the whole command line; empty where none was kept

  /// "emergence is of step 8, the run is at step 12".
  std::string text() const { return command + " is " + models; }
};

/// Compares what the results in a run's folder are of with the models that it has now: by hashes of
/// checkpoints where they were kept, else by steps.
class Provenances {
 public:
  /// `step`: the run's.
  Provenances(const RunRecords& records, int64_t step);

  /// Of the results of `command`, of which `record` tells where the command left no file that does.
  Provenance of(const std::string& command, const Json& record) const;
  /// Of the latent model itself; nothing where there is none.
  std::optional<Provenance> of_latent_model() const;

 private:
  const RunRecords& records_;
  ModelIdentity run_;
  ModelIdentity latent_;
  LatentSource latent_source_;
};

}  // namespace patronus
