#pragma once
#include <string>
#include <vector>

#include "patronus/figures/figure.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// A metric of metrics.jsonl and what to call it in a legend.
struct LossCurve {
  std::string key;
  std::string name;
};

/// Draws these metrics over the run's steps, as far as metrics.jsonl goes, to `loss.png` or what the formats
/// say. Where there are few points each has a mark.
void draw_loss_curve(const RunDirectory& run, const std::vector<LossCurve>& curves,
                     const std::vector<FigureFormat>& formats);

}  // namespace patronus
