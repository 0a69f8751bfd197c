#include "patronus/training/benchmark_report.h"

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "patronus/core/text.h"
#include "patronus/io/json_text.h"
#include "patronus/metrics/quantile.h"
#include "patronus/run/record.h"
#include "training/operation_profile.h"

namespace patronus {
namespace {

/// Median and extremes, shown as "15.6 (15.1 to 16)".
struct Spread {
  double median, low, high;
};

Spread spread_of(const std::vector<double>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  return {nan_median(at::tensor(values, at::kDouble)).item<double>(), low, high};
}

/// "-" if there are no values.
std::string spread_text(const std::vector<double>& values) {
  if (values.empty()) return "-";
  const Spread s = spread_of(values);
  return rate_text(s.median) + " (" + rate_text(s.low) + " to " + rate_text(s.high) + ")";
}

std::vector<double> ratios(const MeasuredRate& rate) {
  std::vector<double> result;
  for (size_t i = 0; i < rate.baseline.size(); ++i) result.push_back(rate.rates[i] / rate.baseline[i]);
  return result;
}

Json spread_json(const std::vector<double>& values) {
  const Spread s = spread_of(values);
  return {{"median", s.median}, {"low", s.low}, {"high", s.high}, {"rounds", values}};
}

/// GFLOP/s of training in its median round.
double training_gflops(const Benchmark& b) {
  return b.training_gflop * spread_of(b.rates.front().rates).median;
}

/// GFLOP/s of a training step during its convolutions.
double convolution_gflops(const Benchmark& b) {
  return b.convolution_gflop * spread_of(b.rates.front().rates).median / b.time.at(kConvolutions);
}

}  // namespace

std::string benchmark_markdown(const Benchmark& b) {
  const bool baseline = !b.rates.front().baseline.empty();
  std::string text = b.device + ", " + pluralize(b.threads, "thread") + ", " + b.precision +
                     "; images/s, median (range) of " +
                     pluralize(std::ssize(b.rates.front().rates), "round") + "\n\n";
  std::vector<Record> rows;
  for (const auto& rate : b.rates) {
    rows.push_back({shown("what", rate.what), shown("patronus", spread_text(rate.rates))});
    if (!baseline) continue;
    rows.back().push_back(shown("the reference's way", spread_text(rate.baseline)));
    rows.back().push_back(shown("ratio", spread_text(ratios(rate))));
  }
  text += record_markdown(rows) + "\n";
  std::vector<std::pair<double, std::string>> kinds;
  for (const auto& [kind, share] : b.time) kinds.emplace_back(share, kind);
  std::sort(kinds.rbegin(), kinds.rend());
  std::vector<Record> times;
  for (const auto& [share, kind] : kinds)
    times.push_back(
        {shown("time of a training step", kind), shown("share", format_fixed(100 * share, 0) + " %")});
  return text + record_markdown(times) + "\ntraining takes " + rate_text(b.training_gflop) +
         " GFLOP an image and reaches " + rate_text(training_gflops(b)) + " GFLOP/s, while in convolutions " +
         rate_text(convolution_gflops(b)) + "; a matrix product of " + std::to_string(b.matrix_side) + " x " +
         std::to_string(b.matrix_side) + " reaches " + rate_text(b.matrix_gflops) +
         "; the program starts in " + spread_text(b.start_seconds) + " s; the process took " +
         format_fixed(b.peak_mib, 0) + " MiB" +
         (b.peak_gpu_mib > 0 ? ", and " + format_fixed(b.peak_gpu_mib, 0) + " MiB of the GPU" : "") + "\n";
}

Json benchmark_json(const Benchmark& b) {
  Json json{{"device", b.device}, {"precision", b.precision}, {"threads", b.threads}};
  for (const auto& rate : b.rates) {
    Json entry{{"what", rate.what}, {"unit", rate.unit}, {"patronus", spread_json(rate.rates)}};
    if (!rate.baseline.empty()) {
      entry["baseline"] = spread_json(rate.baseline);
      entry["ratio"] = spread_json(ratios(rate));
    }
    json["rates"].push_back(entry);
  }
  json["training_gflop_an_image"] = b.training_gflop;
  json["training_gflops"] = training_gflops(b);
  json["convolution_gflops"] = convolution_gflops(b);
  json["matrix_gflops"] = b.matrix_gflops;
  json["matrix_side"] = b.matrix_side;
  json["time_of_a_training_step"] = b.time;
  json["start_seconds"] = spread_json(b.start_seconds);
  json["peak_mib"] = b.peak_mib;
  if (b.peak_gpu_mib > 0) json["peak_gpu_mib"] = b.peak_gpu_mib;
  return json;
}

}  // namespace patronus
