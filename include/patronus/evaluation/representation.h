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

/// 0/1 attributes for probing a representation.
struct BinaryAttributes {
  std::vector<std::string> names;      // [A]
  at::Tensor values;                   // int64 [N, A]: 0, 1 or kUnknown
  std::vector<std::string> left_out;   // "age (83 values)"
  std::vector<std::string> columns{};  // [A], the attribute of the table that each comes from
  std::vector<int64_t> present{};      // [A], its value that counts as 1

  /// Whether two attributes exclude each other as values of one column: "view=AP" and "view=PA".
  bool are_of_one_column(size_t a, size_t b) const { return a != b && columns[a] == columns[b]; }
  /// The attributes beside `a`, without the other values of its column: bool [A].
  at::Tensor others_than(size_t a) const;
};

/// Converts attributes to 0/1. One with exactly two known values stays one, with the larger value as 1; one
/// with up to 20 values (100 for "label") becomes one attribute per value, against the rest. Names: "hat",
/// "sex=male" for named values, and the class alone for labels.
BinaryAttributes binary_attributes(const AttributeTable& table);

/// The attributes of `like`, by column and value, in another split's table of the same columns.
BinaryAttributes binary_attributes_like(const BinaryAttributes& like, const AttributeTable& table);

/// An attribute with several values, classified by one softmax regression.
struct ClassAttribute {
  std::string name;                // "age_group"
  bool is_label = false;           // label of a data set with classes
  at::Tensor values{};             // int64 [N]: 0, 1 ... or kUnknown
  int64_t classes = 0;             // number of different values
  int64_t known = 0;               // images with a known value
  int64_t unknown = 0;             // images with an unknown value, which do not count
  double most_frequent_share = 0;  // share of the known images: accuracy of a constant answer
};

/// Attributes with 3 to 20 different known values, and a "label" with 2 to 100. Those with too many are in
/// `left_out` of `binary_attributes`.
std::vector<ClassAttribute> class_attributes(const AttributeTable& table);

/// Information about attributes in vectors, and its disentanglement (paper 4.2).
struct RepresentationScores {
  std::string name;  // "prototypes", "pca", "random encoder"
  AttributeProbe probe;
  TadOverFolds tad;
  Dci dci;
  double mig = 0;                   // mutual information gap
  std::vector<ClassProbe> classes;  // one per class attribute
};

/// Scores `vectors` [N, D] with five-fold cross-validation, with the same folds for every attribute. Rows
/// with an unknown value do not count for that attribute. Throws DataError for vectors that are not finite.
RepresentationScores score_representation(const std::string& name, const at::Tensor& vectors,
                                          const BinaryAttributes& attributes,
                                          const std::vector<ClassAttribute>& classes);

/// An attribute and the prototype that predicts it best (paper, Tables 5 and 6).
struct AttributeCapture {
  std::string name;
  int64_t positives = 0;  // images with it
  int64_t negatives = 0;  // images without it
  int64_t unknown = 0;    // images with an unknown value, which do not count
  MeanOver probe;         // AUROC of the linear probe; count = 0: not measured
  int64_t prototype = 0;  // the one with the largest sign-free AUROC, mean over the folds' train parts
  // AUROC of choosing the best prototype, and the second best, and their directions: each fold's choice in
  // its train part, measured in its test part. A wrong direction gives less than 0.5. count = 0: not
  // measured.
  MeanOver auroc{};
  MeanOver second{};
  double positive_auroc = 0.5;  // of `prototype`, over all images: below 0.5 if it indicates absence
  double redundancy = 0;        // share of its entropy explained by another attribute, mean over folds
  bool too_few_images = false;  // fewer than kLeastCapturedImages with or without it
  bool possible = false;        // in most folds
  bool captured = false;        // in most folds
  std::vector<int64_t> best_prototypes{};  // up to five, by sign-free AUROC
};

struct Representation {
  std::string split;
  BinaryAttributes attributes;
  std::vector<ClassAttribute> classes{};       // may be empty
  at::Tensor activation{};                     // float32 [N, P]
  std::vector<RepresentationScores> scores{};  // prototypes first, then the baselines
  std::vector<AttributeCapture> captures{};    // [A]
};

/// Why images cannot be probed: too few, or no attribute with two values. Empty if they can.
std::string reason_unprobeable(const Dataset& images);

/// Evaluates, with five folds, the activations of `count` images of a split, drawn at random (all if fewer).
/// The baselines are as many principal components of the pixels (of images larger than 32 x 32 after
/// reduction to that) and the encoder before training, recreated from the configuration's seed and the images
/// `train`. Throws ConfigError if they cannot be probed.
Representation evaluate_representation(TrainedModel& trained, const Dataset& train, const Dataset& images,
                                       Split split, int64_t count);

/// Fewest images with an attribute, and without it, for it to be called captured: of fewer, some prototype of
/// many reaches kCapturedAuroc by chance (one of 32 with 10 images in one case of seven, with 20 hardly
/// ever). TAD and its counts have no such limit, as in the authors' code.
inline constexpr int64_t kLeastCapturedImages = 20;

/// An attribute that a single prototype captures (paper 4.2, Table 5).
struct CapturedAttribute {
  std::string name;
  int64_t prototype;
  bool inverse;  // whether a high activation indicates absence
};

/// Attributes captured by single prototypes in `count` images of a split, with the same sign and selection as
/// `evaluate_representation`; may be empty. Those of fewer than kLeastCapturedImages are left out, with a
/// message. Throws ConfigError if they cannot be probed.
std::vector<CapturedAttribute> captured_attributes(TrainedModel& trained, const Dataset& images,
                                                   int64_t count);

}  // namespace patronus
