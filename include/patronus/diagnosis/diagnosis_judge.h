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
  std::vector<std::string> data{};  // `data.*` settings of other images to learn from, over the run's
  int64_t steps = 1000;             // of its training
  uint64_t seed = 0;
  std::filesystem::path kept{};  // file that it is kept in for later calls; empty: none
};

/// Who judges the attributes of a diagnosis, and whether what goes together where it learnt may mislead it.
struct DiagnosisJudge {
  std::string data{};  // that it learnt from
  // Of the attributes asked for, in their order; of one that it lacks all is NaN.
  AttributeJudge judge{};
  at::Tensor correlations{};   // float64 [A, A], of the attributes where it learnt; NaN: not known
  double identity_change = 0;  // mean |change| of what it says when an image is regenerated unedited

  /// Whether it may take one attribute for the other: they correlate by at least 0.5 where it learnt.
  bool is_confounded(size_t a, size_t b) const;
};

/// Trains a judge (train_judge.h) of the attributes of these `names` on `train`, or on the training images of
/// the data set that `options.data` turns the run's into. ConfigError for settings other than `data.*`.
DiagnosisJudge train_diagnosis_judge(const TrainedModel& trained, const AttributeImages& train,
                                     const std::vector<std::string>& names, const JudgeOptions& options);

}  // namespace patronus
