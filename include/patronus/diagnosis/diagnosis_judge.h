#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/analysis/attribute_judge.h"
#include "patronus/diagnosis/attribute_images.h"
#include "patronus/run/trained_model.h"

namespace patronus {

struct JudgeOptions {
  std::vector<std::string> data{};  // `data.*` settings for other training images, applied over the run's
  int64_t steps = 1000;             // training steps
  uint64_t seed = 0;
  std::filesystem::path cache_file{};  // file that stores the judge for later calls; empty: none
};

/// Judge of a diagnosis, with the correlations in its training data that may bias it.
struct DiagnosisJudge {
  std::string data{};  // its training data
  // For the requested attributes, in that order; all NaN for one that its training data lack.
  AttributeJudge judge{};
  at::Tensor correlations{};   // float64 [A, A], of attributes in its training data; NaN: unknown
  double identity_change = 0;  // mean |change| of its probabilities when an image is regenerated unedited
};

/// The run's data set, of all attributes, with the settings `words`, for a judge to learn from. Throws
/// ConfigError for settings other than `data.*`, and for images of another size or number of channels.
DataConfig judge_data(const TrainedModel& trained, const std::vector<std::string>& words);

/// Trains a judge (train_judge.h) of the attributes `names` on `train`, or on the training images of the
/// run's data set with the settings `options.data` (`judge_data`).
DiagnosisJudge train_diagnosis_judge(const TrainedModel& trained, const AttributeImages& train,
                                     const std::vector<std::string>& names, const JudgeOptions& options);

}  // namespace patronus
