#include "patronus/training/metrics_log.h"

#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"

namespace patronus {

MetricsLog::MetricsLog(const RunDirectory& run, int64_t step)
    : path_(run.file("metrics.jsonl").string()), board_(run.path(), step > 0 ? step + 1 : 0) {
  run.truncate_metrics(step > 0 ? step : -1);  // measurements before the first step are repeated
  lines_.open(path_, std::ios::app);
  check_written();
}

void MetricsLog::check_written() const {
  if (!lines_) throw Error(path_ + ": cannot be written: " + std::generic_category().message(errno));
}

void MetricsLog::write(int64_t step, const Metrics& metrics) {
  Json line{{"step", step}};
  for (const auto& [name, value] : metrics) {
    line[name] = value;
    board_.scalar(name, value, step);
  }
  lines_ << line.dump() << '\n' << std::flush;
  check_written();
  board_.flush();
}

void MetricsLog::picture(int64_t step, const std::string& tag, const at::Tensor& pixels) {
  board_.image(tag, pixels, step);
  board_.flush();
}

void MetricsLog::text(const std::string& tag, const std::string& value) {
  board_.text(tag, value, 0);
}

void MetricsLog::make_durable() {
  patronus::make_durable(path_);
  board_.make_durable();
}

MetricSeries read_metric(const RunDirectory& run, const std::string& key) {
  return read_metrics(run, {key}).front();
}

std::vector<MetricSeries> read_metrics(const RunDirectory& run, const std::vector<std::string>& keys) {
  std::vector<MetricSeries> series(keys.size());
  std::ifstream lines(run.file("metrics.jsonl"));
  for (std::string text; std::getline(lines, text);) {
    const auto line = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    const auto is_known = [&](const std::string& name) {
      return line.contains(name) && line[name].is_number();
    };
    if (!line.is_object() || !is_known("step")) continue;
    for (size_t k = 0; k < keys.size(); ++k) {
      if (!is_known(keys[k])) continue;
      series[k].steps.push_back(line["step"].get<double>());
      series[k].values.push_back(line[keys[k]].get<double>());
    }
  }
  return series;
}

}  // namespace patronus
