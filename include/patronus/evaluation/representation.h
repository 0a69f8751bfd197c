#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/metrics/disentanglement.h"
#include "patronus/metrics/linear_probe.h"
#include "patronus/metrics/tad.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// 0/1 attributes that can be asked of a representation.
struct BinaryAttributes {
  std::vector<std::string> names;     // [A]
  at::Tensor values;                  // int64 [N, A]: 0, 1 or kUnknown
  std::vector<std::string> left_out;  // "age (83 values)"
};

/// Attributes with exactly two values among the images that they are known of, the larger one as 1; of one
/// with more values, up to 20, each value as an attribute of its own, one against the rest; of a "label" up
/// to 100. Names: "hat", "sex=male" where values have words, and the class alone of a label.
BinaryAttributes binary_attributes(const AttributeTable& table);

/// An attribute with several values, which are classes to be told apart by one softmax regression.
struct ClassAttribute {
  std::string name;                // "age_group"
  bool is_label = false;           // of a class data set
  at::Tensor values{};             // int64 [N]: 0, 1 ... or kUnknown
  int64_t classes = 0;             // different values among the images
  int64_t known = 0;               // images of which the value is known
  int64_t unknown = 0;             // images that do not count, since nobody knows
  double most_frequent_share = 0;  // of the images known: the accuracy of always saying the same class
};

/// Attributes with more than two values among the images that they are known of, up to 20; a "label" with two
/// or more, up to 100. Those with too many are in `left_out` of `binary_attributes`.
std::vector<ClassAttribute> class_attributes(const AttributeTable& table);

/// How much vectors say about attributes, and how neatly (paper 4.2).
struct RepresentationScores {
  std::string name;  // "prototypes", "pca", "random encoder"
  AttributeProbe probe;
  TadOverFolds tad;
  Dci dci;
  double mig = 0;                   // mutual information gap
  std::vector<ClassProbe> classes;  // one for each of the class attributes
};

/// Scores `vectors` [N, D] on five folds of its rows, the same for every attribute. Where a value is unknown
/// the row does not count for it. DataError for vectors that are not finite.
RepresentationScores score_representation(const std::string& name, const at::Tensor& vectors,
                                          const BinaryAttributes& attributes,
                                          const std::vector<ClassAttribute>& classes);

/// An attribute and the prototype that tells it best (paper, Tables 5 and 6).
struct AttributeCapture {
  std::string name;
  int64_t positives = 0;        // images with it
  int64_t negatives = 0;        // images without
  int64_t unknown = 0;          // images that do not count, since nobody knows
  MeanOver probe;               // AUROC of the linear probe; count = 0: not measured
  int64_t prototype = 0;        // with the largest sign-free AUROC on its own
  double auroc = 0.5;           // that AUROC, mean over the folds
  double positive_auroc = 0.5;  // over all images: below 0.5 where the prototype says that it is absent
  double second = 0.5;          // sign-free AUROC of the next best prototype, mean over the folds
  double redundancy = 0;        // share of its entropy that another attribute tells, mean over the folds
  bool possible = false;        // in most folds
  bool captured = false;        // in most folds
  std::vector<int64_t> best_prototypes{};  // up to five, by sign-free AUROC
};

struct Representation {
  std::string split;
  BinaryAttributes attributes;
  std::vector<ClassAttribute> classes{};       // there may be none
  at::Tensor activation{};                     // float32 [N, P]
  std::vector<RepresentationScores> scores{};  // prototypes first, then the baselines
  std::vector<AttributeCapture> captures{};    // [A]
};

/// Why images cannot be probed: too few, or no attribute with two values. Empty where they can.
std::string obstacle_to_probing(const Dataset& images);

/// Evaluates the activations of `count` images of a split, drawn at random (all where there are fewer), on
/// five folds, and beside them as many principal components of the pixels (of larger images: reduced to 32 x
/// 32), and the activations of the encoder that training began with, of which the configuration's seed
/// and the images `train` tell. ConfigError with the obstacle to probing, if there is one.
Representation evaluate_representation(TrainedModel& trained, const Dataset& train, const Dataset& images,
                                       Split split, int64_t count);

/// An attribute that a single prototype captures (paper 4.2, Table 5).
struct CapturedAttribute {
  std::string name;
  int64_t prototype;
  bool inverse;  // a high activation says that the attribute is absent
};

/// The attributes that single prototypes capture in `count` images of a split, the same ones and in the same
/// sense as `evaluate_representation` finds; there may be none. ConfigError with the obstacle to probing, if
/// there is one.
std::vector<CapturedAttribute> captured_attributes(TrainedModel& trained, const Dataset& images,
                                                   int64_t count);

}  // namespace patronus
