#pragma once
#include <filesystem>

#include "patronus/analysis/attribute_judge.h"
#include "patronus/data/dataset.h"
#include "patronus/evaluation/attribute_classifier.h"
#include "patronus/evaluation/representation.h"

namespace patronus {

/// A classifier (attribute_classifier.h) of the attributes of `real`, trained on nine tenths of at most
/// 20,000 of its images; its accuracy is that on the rest. Images that show two attributes together teach it
/// to take one for the other: a judge of what goes together is trained on images in which nothing does. It is
/// kept in the file `kept` (interop/kept_file.h), and read from there by calls with the same images,
/// attributes and options; an empty path keeps nothing. All `ranks` train it and have the same one.
AttributeJudge train_judge(const Dataset& real, const BinaryAttributes& attributes, at::Device device,
                           const AttributeClassifierOptions& options, const std::filesystem::path& kept = {},
                           const ProcessGroup& ranks = {});

}  // namespace patronus
