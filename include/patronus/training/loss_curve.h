#pragma once
#include <string>
#include <vector>

#include "patronus/run/run_directory.h"

namespace patronus {

/// A metric of metrics.jsonl and what to call it in a legend.
struct LossCurve {
  std::string key;
  std::string name;
};

/// Draws these metrics over the run's steps, as far as metrics.jsonl goes, to `loss.png`.
void draw_loss_curve(const RunDirectory& run, const std::vector<LossCurve>& curves);

}  // namespace patronus
