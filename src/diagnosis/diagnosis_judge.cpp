#include "patronus/diagnosis/diagnosis_judge.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "patronus/evaluation/train_judge.h"

namespace patronus {
namespace {

/// Warns of attributes that the judge's training images lack. `columns`: indices of `names` (columns_of).
void warn_of_lacking(const std::vector<std::string>& names, const std::vector<int64_t>& columns) {
  std::vector<std::string> missing;
  for (size_t a = 0; a < names.size(); ++a) {
    if (columns[a] < 0) missing.push_back(names[a]);
  }
  if (missing.empty()) return;
  log_warning("the judge cannot tell " + join(missing) + ": the images that it learns from have no such " +
              "attribute with two values");
}

/// Warns of attributes that the judge has learnt, but not accurately enough (is_reliable).
void warn_of_unreliable(const AttributeJudge& judge) {
  const auto doubtful = is_reliable(judge.accuracy).logical_not().logical_and(judge.accuracy.isfinite());
  std::vector<std::string> names;
  for (size_t a = 0; a < judge.names.size(); ++a) {
    if (doubtful[static_cast<int64_t>(a)].item<bool>()) names.push_back(judge.names[a]);
  }
  if (names.empty()) return;
  log_warning("the judge is wrong about " + join(names) +
              " too often: nothing is said of what edits do to it; give images to learn from with --judge");
}

}  // namespace

DataConfig judge_data(const TrainedModel& trained, const std::vector<std::string>& words) {
  RunConfig config = trained.config;
  for (const auto& word : words) {
    if (!word.starts_with("data.")) {
      throw ConfigError(
          "judge '" + word +
          "': expected a setting of the data, as data.path=FOLDER (words for the run stand before --judge)");
    }
  }
  config.data.attributes.clear();  // the run's choices are among its own images
  config.data.where.clear();
  apply_overrides(config, words);
  config.data.resolve_paths();
  config.data.validate();
  if (config.data.channels != trained.config.data.channels || config.data.size != trained.config.data.size) {
    throw ConfigError("judge: looks at images as the model makes them; data.channels and data.size stay");
  }
  return config.data;
}

DiagnosisJudge train_diagnosis_judge(const TrainedModel& trained, const AttributeImages& train,
                                     const std::vector<std::string>& names, const JudgeOptions& options) {
  const bool own = options.data.empty();
  const AttributeImages images =
      own ? train : with_attributes(open_dataset(judge_data(trained, options.data), Split::kTrain), "");
  if (images.attributes.names.empty()) {
    throw DataError(
        "the judge has nothing to learn: no attribute of " +
        std::string(own ? "the training images" : join(options.data)) + " has two values" +
        (images.attributes.left_out.empty() ? "" : " (" + join(images.attributes.left_out) + ")"));
  }
  const AttributeJudge all =
      train_judge(images.images, images.attributes, trained.device,
                  {.steps = options.steps, .seed = options.seed}, options.cache_file, trained.ranks);
  const auto found = columns_of(names, all.names);
  warn_of_lacking(names, found);
  const auto columns = at::tensor(found, at::kLong);
  const auto lacks = columns < 0, known = columns.clamp_min(0);
  DiagnosisJudge judge{.data = own ? "the training images" : join(options.data)};
  judge.judge = {.names = names,
                 .accuracy = all.accuracy.index_select(0, known).masked_fill(lacks, kNaN),
                 .judge =
                     [all, known, lacks](const at::Tensor& x) {
                       return all.probabilities(x).index_select(1, known).masked_fill(lacks, kNaN);
                     },
                 .identity = all.identity + ", of " + join(names)};
  warn_of_unreliable(judge.judge);
  judge.correlations = attribute_correlations(attributes_named(images.attributes, names));
  return judge;
}

}  // namespace patronus
