#include "report/overview.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "patronus/io/json_text.h"
#include "patronus/io/table.h"
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

Json chart_json(const RunDirectory& run, const MetricChart& chart) {
  constexpr size_t kMostPoints = 600;
  Json json{{"title", chart.title}, {"xLabel", "step"}, {"logY", chart.log_y}, {"series", Json::array()}};
  for (const auto& curve : chart.curves) {
    const MetricSeries all = read_metric(run, curve.key);
    if (all.steps.empty()) continue;
    const size_t every = (all.steps.size() + kMostPoints - 1) / kMostPoints;
    Json x = Json::array(), y = Json::array();
    for (size_t i = (all.steps.size() - 1) % every; i < all.steps.size(); i += every) {
      x.push_back(all.steps[i]);
      y.push_back(all.values[i]);
    }
    if (every > 1) json["note"] = "one value in " + std::to_string(every) + " is shown";
    json["series"].push_back({{"name", curve.name}, {"x", std::move(x)}, {"y", std::move(y)}});
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
  const std::string length = c.training.max_steps > 0 ? number(c.training.max_steps) + " steps"
                                                      : number(c.training.epochs) + " epochs";
  Json facts = Json::array();
  const auto add = [&](const char* name, const std::string& text) { facts.push_back({name, text}); };
  add("images", to_string(c.data.kind) + ", " + square(number(c.data.size)) + ", " + number(c.data.channels) +
                    (c.data.channels == 1 ? " channel" : " channels"));
  add("prototypes", c.model.unet.condition == ConditionKind::kOff
                        ? "none: trained without condition"
                        : number(c.model.prototypes.count) + ", " + to_string(c.model.prototypes.activation) +
                              " activation");
  add("patches", square(number(field.cells)) + " of " + number(field.size) + " pixels a side, every " +
                     number(field.jump));
  add("diffusion", number(c.diffusion.timesteps) + " steps, " + to_string(c.diffusion.schedule) +
                       " schedule, predicts " + to_string(c.diffusion.prediction));
  add("training", length + " of " + number(c.training.batch_size) + " images, learning rate " +
                      decimal(c.training.learning_rate) + " (" +
                      to_string(c.training.learning_rate_schedule) + ")");
  return facts;
}

Json latest_health(const RunDirectory& run) {
  Json health = Json::object();
  for (const std::string name :
       {"effective_rank", "winners", "dead", "duplicates", "median_range", "mean_correlation"}) {
    const MetricSeries all = read_metric(run, "prototypes/" + name);
    if (!all.values.empty()) health[name] = all.values.back();
  }
  return health;
}

Json metric_charts(const RunDirectory& run) {
  Json charts = Json::array();
  for (const auto& chart : charts_of_run()) charts.push_back(chart_json(run, chart));
  charts.push_back(chart_json(RunDirectory(run.file("latent")),
                              {"Loss of the latent model",
                               {{"denoising_loss", "training vectors"}, {"test_loss", "test vectors"}},
                               true}));
  std::erase_if(charts.get_ref<Json::array_t&>(), [](const Json& chart) { return chart["series"].empty(); });
  return charts;
}

}  // namespace patronus
