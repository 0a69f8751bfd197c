#include "report/overview.h"

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "patronus/core/text.h"
#include "patronus/io/json_text.h"
#include "patronus/models/receptive_field.h"
#include "patronus/training/loss_curve.h"
#include "patronus/training/metrics_log.h"

namespace patronus {
namespace {

struct MetricChart {
  const char* title;
  std::vector<LossCurve> curves;
  bool log_y = false;
};

const std::vector<MetricChart>& charts_of_run() {
  static const std::vector<MetricChart> charts{
      {"Training loss", {{"loss", "all terms"}, {"denoising_loss", "denoising"}}, true},
      {"Is the condition used?",
       {{"condition/loss_own", "own activations"},
        {"condition/loss_shuffled", "another image's"},
        {"condition/loss_mean", "mean ones"}},
       true},
      {"How many prototypes say something of their own",
       {{"prototypes/effective_rank", "effective rank"}, {"prototypes/winners", "nearest to some patch"}}},
      {"Correlation of activations", {{"prototypes/mean_correlation", "mean, absolute"}}},
      {"Learning rate", {{"learning_rate", "learning rate"}}}};
  return charts;
}

/// `series`: one for each curve of the chart.
Json chart_json(const MetricChart& chart, std::span<const MetricSeries> series) {
  constexpr size_t kMaxPoints = 600;
  Json json{{"title", chart.title}, {"xLabel", "step"}, {"logY", chart.log_y}, {"series", Json::array()}};
  for (size_t c = 0; c < series.size(); ++c) {
    const MetricSeries& all = series[c];
    if (all.steps.empty()) continue;
    const size_t every = (all.steps.size() + kMaxPoints - 1) / kMaxPoints;
    Json x = Json::array(), y = Json::array();
    for (size_t i = (all.steps.size() - 1) % every; i < all.steps.size(); i += every) {
      x.push_back(all.steps[i]);
      y.push_back(all.values[i]);
    }
    if (every > 1) json["note"] = "one value in " + std::to_string(every) + " is shown";
    json["series"].push_back({{"name", chart.curves[c].name}, {"x", std::move(x)}, {"y", std::move(y)}});
  }
  return json;
}

/// Reads the metrics of all charts at once.
std::vector<Json> charts_json(const RunDirectory& run, const std::vector<MetricChart>& charts) {
  std::vector<std::string> keys;
  for (const auto& chart : charts)
    for (const auto& curve : chart.curves) keys.push_back(curve.key);
  const auto all = read_metrics(run, keys);
  std::span<const MetricSeries> rest(all);
  std::vector<Json> json;
  for (const auto& chart : charts) {
    json.push_back(chart_json(chart, rest.first(chart.curves.size())));
    rest = rest.subspan(chart.curves.size());
  }
  return json;
}

std::string number(int64_t n) {
  return std::to_string(n);
}

std::string square(const std::string& side) {
  return side + " × " + side;
}

}  // namespace

Json config_facts(const RunConfig& c) {
  const ReceptiveField field = receptive_field(c.model.encoder.geometry(), c.data.size);
  const std::string length = c.training.max_steps > 0 ? pluralize(c.training.max_steps, "step")
                                                      : pluralize(c.training.epochs, "epoch");
  Json facts = Json::array();
  const auto add = [&](const char* name, const std::string& text) { facts.push_back({name, text}); };
  add("images", to_string(c.data.kind) + ", " + square(number(c.data.size)) + ", " +
                    pluralize(c.data.channels, "channel"));
  add("prototypes", c.model.unet.condition == ConditionKind::kOff
                        ? "none: trained without condition"
                        : number(c.model.prototypes.count) + ", " + to_string(c.model.prototypes.activation) +
                              " activation");
  add("patches", square(number(field.cells)) + " of " + number(field.size) + " pixels a side, every " +
                     number(field.jump));
  add("diffusion", number(c.diffusion.timesteps) + " steps, " + to_string(c.diffusion.schedule) +
                       " schedule, predicts " + to_string(c.diffusion.prediction));
  add("training", length + " of " + pluralize(c.training.batch_size, "image") + ", " +
                      to_string(c.training.optimizer) + ", learning rate " +
                      format_float(c.training.learning_rate) + " (" +
                      to_string(c.training.learning_rate_schedule) + ")");
  return facts;
}

Json latest_health(const RunDirectory& run) {
  Json health = Json::object();
  const std::vector<std::string> names{"effective_rank", "winners",      "dead",
                                       "duplicates",     "median_range", "mean_correlation"};
  std::vector<std::string> keys;
  for (const auto& name : names) keys.push_back("prototypes/" + name);
  const auto series = read_metrics(run, keys);
  for (size_t i = 0; i < names.size(); ++i) {
    if (!series[i].values.empty()) health[names[i]] = series[i].values.back();
  }
  return health;
}

Json metric_charts(const RunDirectory& run) {
  const MetricChart of_latent{"Loss of the latent model",
                              {{"denoising_loss", "training vectors"}, {"test_loss", "test vectors"}},
                              true};
  auto charts = charts_json(run, charts_of_run());
  charts.push_back(charts_json(RunDirectory(run.file("latent")), {of_latent}).front());
  std::erase_if(charts, [](const Json& chart) { return chart["series"].empty(); });
  return charts;
}

}  // namespace patronus
