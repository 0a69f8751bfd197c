#pragma once
#include <string>
#include <vector>

#include "patronus/figures/figure.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// A metric in metrics.jsonl and its name in the legend.
struct LossCurve {
  std::string key;
  std::string name;
};

/// Plots these metrics over the steps in the run's metrics.jsonl, to `loss.png` or the given formats. If
/// there are few points, each is marked.
void draw_loss_curve(const RunDirectory& run, const std::vector<LossCurve>& curves,
                     const std::vector<FigureFormat>& formats);

}  // namespace patronus
