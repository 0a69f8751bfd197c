#include "patronus/evaluation/train_judge.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "patronus/core/hash.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/interop/result_cache.h"
#include "patronus/io/json_text.h"
#include "patronus/run/checkpoint.h"

namespace patronus {
namespace {

constexpr int64_t kJudgeVersion = 4;  // of the saved file and of training (attribute_classifier.cpp)

ResultCacheKey key_of_judge(const Dataset& real, const BinaryAttributes& attributes,
                            const AttributeClassifierOptions& options) {
  return {kJudgeVersion, json_line({{"images", real.fingerprint()},
                                    {"attributes", attributes.names},
                                    {"values", hash_of(attributes.values)},
                                    {"batch_size", options.batch_size},
                                    {"seed", options.seed}})};
}

struct TrainedJudge {
  int64_t steps;
  std::shared_ptr<AttributeClassifier> classifier;
  at::Tensor accuracy;
};

void save_judge(const std::filesystem::path& path, const ResultCacheKey& key, const TrainedJudge& judge) {
  Dict file;
  file.set("steps", judge.steps);
  file.set("network", to_dict(judge.classifier->state()));
  file.set("accuracy", judge.accuracy);
  write_cached_result(path, key, std::move(file));
}

/// The judge kept under this key, if it learnt for at least `steps`.
std::optional<TrainedJudge> load_judge(const std::filesystem::path& path, const ResultCacheKey& key,
                                       int64_t steps, const Dataset& real, int64_t attributes,
                                       at::Device device) {
  std::optional<TrainedJudge> judge;
  read_cached_result(path, key, [&](const Dict& file) {
    judge = {file.at("steps").integer(),
             std::make_shared<AttributeClassifier>(real, attributes, device,
                                                   to_named_tensors(file.at("network").dict())),
             file.at("accuracy").tensor()};
  });
  if (!judge || judge->steps == steps) return judge;
  const std::string known = "judge: the one in " + path.string() + " learnt for " +
                            std::to_string(judge->steps) + " steps, not " + std::to_string(steps);
  if (judge->steps > steps) {
    log_info(known + ": it is taken");
    return judge;
  }
  log_info(known + ": another one takes its place");
  return std::nullopt;
}

TrainedJudge trained_judge(const Dataset& real, const BinaryAttributes& attributes, at::Device device,
                           AttributeClassifierOptions options, const ProcessGroup& ranks) {
  constexpr int64_t kMaxImages = 20000;
  options.seed = derive_seed(options.seed, "judge");
  const auto rows = draw_indices(real.size(), kMaxImages, options.seed);
  const auto order = random_permutation(rows.size(0), options.seed);
  const auto shuffled = rows.index_select(0, order);
  const int64_t held_out = std::max<int64_t>(1, rows.size(0) / 10);
  const auto classifier =
      std::make_shared<AttributeClassifier>(real, shuffled.slice(0, held_out), attributes, device, options);
  classifier->broadcast_from_first_rank(ranks);
  return {options.steps, classifier, classifier->accuracy(real, shuffled.slice(0, 0, held_out), attributes)};
}

}  // namespace

AttributeJudge train_judge(const Dataset& real, const BinaryAttributes& attributes, at::Device device,
                           const AttributeClassifierOptions& options, const std::filesystem::path& cache_file,
                           const ProcessGroup& ranks) {
  const ResultCacheKey key = key_of_judge(real, attributes, options);
  auto judge = load_judge(cache_file, key, options.steps, real, std::ssize(attributes.names), device);
  if (ranks.all(judge.has_value())) {
    log_info("judge: known from " + cache_file.string());
  } else {
    judge = trained_judge(real, attributes, device, options, ranks);
    if (!cache_file.empty() && ranks.is_first()) save_judge(cache_file, key, *judge);
  }
  return {.names = attributes.names,
          .accuracy = judge->accuracy,
          .judge = [classifier = judge->classifier](
                       const at::Tensor& images) { return classifier->probabilities(images); },
          .identity = key.protocol + ", " + std::to_string(judge->steps) + " steps"};
}

}  // namespace patronus
