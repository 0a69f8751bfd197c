#include "patronus/evaluation/train_judge.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "patronus/core/hash.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/interop/kept_file.h"
#include "patronus/io/json_text.h"
#include "patronus/run/checkpoint.h"

namespace patronus {
namespace {

constexpr int64_t kJudgeVersion = 1;  // of the saved file and of training (attribute_classifier.cpp)

KeptKey key_of_judge(const Dataset& real, const BinaryAttributes& attributes,
                     const AttributeClassifierOptions& options) {
  return {kJudgeVersion, json_line({{"images", real.fingerprint()},
                                    {"attributes", attributes.names},
                                    {"values", hash_of(attributes.values)},
                                    {"steps", options.steps},
                                    {"batch_size", options.batch_size},
                                    {"seed", options.seed}})};
}

void keep_judge(const std::filesystem::path& path, const KeptKey& key, const AttributeClassifier& classifier,
                const at::Tensor& accuracy) {
  Dict file;
  file.set("network", to_dict(classifier.state()));
  file.set("accuracy", accuracy);
  write_kept(path, key, std::move(file));
}

}  // namespace

AttributeJudge train_judge(const Dataset& real, const BinaryAttributes& attributes, at::Device device,
                           const AttributeClassifierOptions& options, const std::filesystem::path& kept,
                           const ProcessGroup& ranks) {
  constexpr int64_t kMostImages = 20000;
  const auto judge = [&](const std::shared_ptr<AttributeClassifier>& classifier, at::Tensor accuracy) {
    return AttributeJudge{
        .names = attributes.names,
        .accuracy = std::move(accuracy),
        .judge = [classifier](const at::Tensor& images) { return classifier->probabilities(images); }};
  };
  const KeptKey key = key_of_judge(real, attributes, options);
  std::shared_ptr<AttributeClassifier> known;
  at::Tensor known_accuracy;
  const bool is_known = read_kept(kept, key, [&](const Dict& file) {
    known = std::make_shared<AttributeClassifier>(real, std::ssize(attributes.names), device,
                                                  to_named_tensors(file.at("network").dict()));
    known_accuracy = file.at("accuracy").tensor();
  });
  if (ranks.all(is_known)) {
    log_info("judge: known from " + kept.string());
    return judge(known, known_accuracy);
  }
  AttributeClassifierOptions of_judge = options;
  of_judge.seed = derive_seed(options.seed, "judge");
  const auto rows = draw_indices(real.size(), kMostImages, of_judge.seed);
  const auto order = random_permutation(rows.size(0), of_judge.seed);
  const auto shuffled = rows.index_select(0, order);
  const int64_t held_out = std::max<int64_t>(1, rows.size(0) / 10);
  const auto classifier =
      std::make_shared<AttributeClassifier>(real, shuffled.slice(0, held_out), attributes, device, of_judge);
  classifier->agree(ranks);
  const auto accuracy = classifier->accuracy(real, shuffled.slice(0, 0, held_out), attributes);
  if (!kept.empty() && ranks.is_first()) keep_judge(kept, key, *classifier, accuracy);
  return judge(classifier, accuracy);
}

}  // namespace patronus
