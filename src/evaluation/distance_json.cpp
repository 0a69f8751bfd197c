#include "evaluation/distance_json.h"

#include <nlohmann/json.hpp>

#include "patronus/core/unknown.h"
#include "patronus/io/json_text.h"

namespace patronus {

Json distance_json(const SetDistance& distance) {
  Json json{{"frechet", distance.frechet}, {"too_few_images", distance.too_few}};
  if (const auto& k = distance.kernel) {
    json["kernel"] = {{"mean", k->mean},
                      {"deviation", k->deviation},
                      {"subsets", k->subsets},
                      {"subset_size", k->subset_size}};
  }
  if (const auto& p = distance.precision_recall) {
    json["precision"] = p->precision;
    json["recall"] = p->recall;
    json["density"] = p->density;
    json["coverage"] = p->coverage;
  }
  if (const auto& n = distance.neighbours) {
    json["nearest"] = {{"training", n->training}, {"images", n->vectors}, {"shared_pairs", n->shared_pairs}};
  }
  return json;
}

SetDistance distance_from_json(const Json& json) {
  SetDistance distance;
  distance.frechet = json.at("frechet");
  distance.too_few = json.at("too_few_images");
  if (json.contains("kernel")) {
    const Json& k = json["kernel"];
    const Json& deviation = k.at("deviation");
    distance.kernel = KernelDistance{k.at("mean"), deviation.is_null() ? kNaN : deviation.get<double>(),
                                     k.at("subsets"), k.at("subset_size")};
  }
  if (json.contains("precision")) {
    distance.precision_recall =
        PrecisionRecall{json.at("precision"), json.at("recall"), json.at("density"), json.at("coverage")};
  }
  if (json.contains("nearest")) {
    const Json& n = json["nearest"];
    distance.neighbours = TrainingNeighbours{n.at("training"), n.at("images"), n.at("shared_pairs")};
  }
  return distance;
}

}  // namespace patronus
