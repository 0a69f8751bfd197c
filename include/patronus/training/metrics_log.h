#pragma once
#include <ATen/core/Tensor.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "patronus/io/tensorboard.h"
#include "patronus/run/run_directory.h"

namespace patronus {

using Metrics = std::vector<std::pair<std::string, double>>;

/// Writes a run's metrics to `metrics.jsonl` (one JSON object per line, with its "step") and to TensorBoard.
class MetricsLog {
 public:
  /// Continues after `step`: later entries from an earlier process are dropped from both.
  MetricsLog(const RunDirectory& run, int64_t step);

  void write(int64_t step, const Metrics& metrics);
  /// Writes a picture, uint8 [3, H, W], to TensorBoard only.
  void picture(int64_t step, const std::string& tag, const at::Tensor& pixels);
  /// Writes a text to TensorBoard only.
  void text(const std::string& tag, const std::string& value);
  /// Makes everything written durable, so that a checkpoint written afterwards is never ahead of its metrics.
  void make_durable();

 private:
  void check_written() const;

  std::string path_;
  std::ofstream lines_;
  TensorBoardWriter board_;
};

/// Values of a metric in a run's metrics.jsonl, with their steps.
struct MetricSeries {
  std::vector<double> steps;
  std::vector<double> values;
};
MetricSeries read_metric(const RunDirectory& run, const std::string& key);
/// Reads several metrics at once.
std::vector<MetricSeries> read_metrics(const RunDirectory& run, const std::vector<std::string>& keys);

}  // namespace patronus
