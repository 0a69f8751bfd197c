#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <nlohmann/json.hpp>

#include "analysis/draw_comparison.h"
#include "patronus/analysis/compare_runs.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/text.h"
#include "patronus/figures/figure.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

double mean_of_known(const at::Tensor& values) {
  return values.nanmean().item<double>();
}

int64_t prototypes_of(const ComparedModel& model) {
  return model.encoding.activation.size(1);
}

/// "14 of 32".
std::string of_all(int64_t count, const RunComparison& c) {
  return std::to_string(count) + " of " + std::to_string(prototypes_of(c.reference));
}

double share_of_all(double count, const RunComparison& c) {
  return count / static_cast<double>(prototypes_of(c.reference));
}

/// Which weights a model has.
Record weights_record(const ComparedModel& model) {
  return concat({{"run", model.name, "run"}},
                known_if(!model.checkpoint.empty(), {{"checkpoint", model.checkpoint.string()},
                                                     {"weights", to_string(model.weights)},
                                                     {"step", model.step},
                                                     {"training_seed", model.training_seed}}));
}

/// A row a model: how much of the reference it has, beside what chance gives.
Record model_record(const MatchedModel& other, const RunComparison& c) {
  const MatchedPrototypes& m = other.matched;
  const int64_t prototypes = prototypes_of(other.model);
  return concat(weights_record(other.model),
                {{"prototypes", prototypes, "prototypes"},
                 {"matched", std::min(prototypes, prototypes_of(c.reference))},
                 shown("found again", of_all(m.found, c)),
                 {"found_again", share_of_all(static_cast<double>(m.found), c)},
                 {"chance.found_again", share_of_all(m.chance_found.mean, c), "by chance", 2},
                 {"chance.found_again_largest", share_of_all(m.chance_found.largest, c)},
                 {"spearman", m.mean_spearman, "Spearman", 2},
                 {"chance.spearman", m.chance_spearman.mean, "by chance", 2},
                 {"chance.spearman_largest", m.chance_spearman.largest},
                 {"overlap", mean_of_known(m.overlap), "same place", 2},
                 {"chance.overlap", mean_of_known(m.chance_overlap), "by chance", 2},
                 {"r2", mean_of_known(m.r2), "R²", 2}});
}

/// A row a prototype and another model.
Record match_record(const MatchedModel& other, int64_t k, const RunComparison& c) {
  const MatchedPrototypes& m = other.matched;
  const int64_t match = m.match[k];
  const bool has_match = match != kUnassigned;
  const auto value = [&](const at::Tensor& all) { return all[k].item<double>(); };
  return concat(concat({{"run", other.model.name}, {"prototype", k}, {"name", c.reference.names.name(k)}},
                       known_if(has_match, {{"match", match},
                                            {"match_name", has_match ? other.model.names.name(match) : ""},
                                            {"spearman", m.spearman[k]},
                                            {"overlap", value(m.overlap)},
                                            {"chance_overlap", value(m.chance_overlap)}})),
                {{"found_again", value(m.spearman.value) >= c.options.at_least}, {"r2", value(m.r2)}});
}

/// "14 red hat: 0.91 (0.89 to 0.93)".
std::string match_text(const MatchedModel& other, int64_t k) {
  const int64_t match = other.matched.match[k];
  if (match == kUnassigned) return "-";
  return other.model.names.label(match) + ": " + estimate_text(other.matched.spearman[k], 2);
}

/// A row a prototype of the reference.
Record prototype_of_all_record(const RunComparison& c, int64_t k) {
  std::vector<at::Tensor> spearman, r2;
  for (const auto& other : c.others) {
    spearman.push_back(other.matched.spearman.value[k]);
    r2.push_back(other.matched.r2[k]);
  }
  Record record{shown("prototype", c.reference.names.label(k)),
                {"prototype", k},
                {"name", c.reference.names.name(k)},
                {"found_in", c.found_in[k], "found in"},
                {"runs", static_cast<int64_t>(c.others.size())},
                {"spearman", mean_of_known(at::stack(spearman))},
                {"r2", mean_of_known(at::stack(r2)), "R²", 2},
                {"untrained_spearman", c.untrained.matched.spearman.value[k].item<double>(), "untrained", 2}};
  for (const auto& other : c.others) record.push_back(shown(other.model.name, match_text(other, k)));
  return record;
}

std::vector<Record> model_records(const RunComparison& c) {
  auto records = records_of(c.others, [&](const auto& other) { return model_record(other, c); });
  records.push_back(model_record(c.untrained, c));
  return records;
}

std::vector<Record> match_records(const RunComparison& c) {
  std::vector<Record> records;
  const auto add = [&](const MatchedModel& other) {
    for (const int64_t k : c.order) records.push_back(match_record(other, k, c));
  };
  for (const auto& other : c.others) add(other);
  add(c.untrained);
  return records;
}

std::vector<Record> prototype_of_all_records(const RunComparison& c) {
  return records_of(c.order, [&](int64_t k) { return prototype_of_all_record(c, k); });
}

Json hashed(const Record& record, const ComparedModel& model) {
  Json json = record_json(record);
  if (!model.checkpoint.empty()) add_hash(json, "sha256", model.checkpoint);
  json["encoder"] = model.encoding.weights;
  return json;
}

Json comparison_json(const RunComparison& c, const TrainedModel& trained, const Dataset& images,
                     Split split) {
  Json json = model_json(trained);
  add_hash(json, "sha256", trained.checkpoint);
  json["encoder"] = c.reference.encoding.weights;
  json["protocol"] = {
      {"images", images.size()},
      {"split", to_string(split)},
      {"chosen", "at random, the same ones for every run of these data"},
      {"images_hash", hexadecimal(images.fingerprint())},
      {"matching", "one to one, largest sum of Spearman correlations of activations over images"},
      {"found_again", "Spearman at least " + format_shortest(c.options.at_least)},
      {"interval", "95 %, bootstrap over images (BCa, " + std::to_string(c.options.bootstrap.resamples) +
                       " resamples) of the given match"},
      {"chance", "the same after the other run's images are permuted, " +
                     std::to_string(c.options.permutations) + " times: mean and largest"},
      {"overlap", "at least half of the smaller box lies in the other; by chance: boxes in different images"},
      {"r2", "ridge regression (penalty 1, standardised) from all activations of the other, five folds"},
      {"untrained", "the reference's encoder before training"}};
  json["runs"] = Json::array();
  for (const auto& other : c.others) json["runs"].push_back(hashed(model_record(other, c), other.model));
  json["untrained"] = hashed(model_record(c.untrained, c), c.untrained.model);
  json["prototypes"] = records_json(prototype_of_all_records(c));
  json["matches"] = records_json(match_records(c));
  return json;
}

std::string comparison_markdown(const RunComparison& c, const TrainedModel& trained, const Dataset& images,
                                Split split) {
  const std::string at_least = format_shortest(c.options.at_least);
  return "# Prototypes in other runs\n\n" + trained.checkpoint.string() + ", " + weights_text(trained) +
         ", on " + std::to_string(images.size()) + " images of the " + to_string(split) +
         " split. Prototypes are matched one to one, so that the sum of the Spearman correlations of their "
         "activations is largest; one with at least " +
         at_least +
         " is found again. By chance: the same matching after the other run's images are permuted, mean of " +
         std::to_string(c.options.permutations) +
         ". Same place: share of images in which at least half of the smaller of the two most activated "
         "patches lies in the other; by chance of those in different images. R²: how much of the "
         "activations' variance a linear function of all activations of the other run tells.\n\n" +
         record_markdown(model_records(c)) + "\n## Each prototype\n\nIn how many of " +
         pluralize(std::ssize(c.others), "other run") +
         " it is found again, its mean R², the correlation of its match before training, and its match in "
         "each run with the correlation and its 95 % interval.\n\n" +
         record_markdown(prototype_of_all_records(c));
}

}  // namespace

void write_comparison(const std::filesystem::path& folder, const TrainedModel& trained,
                      const RunComparison& c, const Dataset& images, Split split) {
  write_figure(folder / "compare", draw_comparison(c, images), trained.config.runtime.figures);
  write_csv(folder / "runs.csv", record_table(model_records(c)));
  write_csv(folder / "compare.csv", record_table(match_records(c)));
  write_csv(folder / "prototypes.csv", record_table(prototype_of_all_records(c)));
  write_file(folder / "compare.json", json_text(comparison_json(c, trained, images, split)));
  write_file(folder / "compare.md", comparison_markdown(c, trained, images, split));
}

}  // namespace patronus
