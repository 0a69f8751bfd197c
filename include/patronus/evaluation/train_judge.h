#pragma once
#include <filesystem>

#include "patronus/analysis/attribute_judge.h"
#include "patronus/data/dataset.h"
#include "patronus/evaluation/attribute_classifier.h"
#include "patronus/evaluation/representation.h"

namespace patronus {

/// Trains a classifier (attribute_classifier.h) of the attributes of `real` on nine tenths of at most 20,000
/// of its images; its accuracy is measured on the rest. Attributes that are correlated in these images may be
/// confused: to judge correlations, train on images without such correlations. The judge is saved in the file
/// `cache_file` (interop/result_cache.h) and reused with the same images, attributes and options, also for
/// fewer steps than it learnt for; an empty path saves nothing. All `ranks` get the same judge.
AttributeJudge train_judge(const Dataset& real, const BinaryAttributes& attributes, at::Device device,
                           const AttributeClassifierOptions& options,
                           const std::filesystem::path& cache_file = {}, const ProcessGroup& ranks = {});

}  // namespace patronus
