#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/analysis/attribute_judge.h"
#include "patronus/analysis/encode.h"
#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/core/named_enum.h"
#include "patronus/diagnosis/encoded_attributes.h"

namespace patronus {

/// How an attribute is added to images that lack it and removed from those that have it.
enum class EditKind {
  kSingle,      // sets the prototype that predicts it best to its plausible extreme
  kUnguided,    // as kSingle, without guidance: strength 1, as in the paper
  kCorrelated,  // as kSingle, moving correlated prototypes along (edit.h)
  kExample,     // adds the difference of mean activations with and without it (example_direction.h)
  kPlacebo      // adds a random direction of the same length as another edit
};
inline std::vector<std::string> enum_names(EditKind) {
  return {"single", "unguided", "correlated", "example", "placebo"};
}

/// Images with attributes and activations, and the best prototype for each attribute.
struct EncodedImages {
  AttributeImages images{};
  SplitHalves halves{};
  at::Tensor correlations{};  // float64 [A, A], of attributes in the half that edits are chosen on
  at::Tensor sample{};        // int64 [n], the images of both halves, ascending
  Encoding encoding{};        // of the sample, by the trained encoder
  ComparedActivations activations{};
  std::vector<EncodedAttribute> attributes{};
};

struct ExperimentOptions {
  int64_t images = 48;      // edited images of the reported half, drawn with the seed
  double correlated = 0.4;  // smallest |correlation| for prototypes to follow
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {};
  uint64_t seed = 0;
};

/// Images with stored pictures, for an edit with this `direction` (float64 [n]): the first ones (at most
/// four) to which the attribute is added, then as many from which it is removed.
std::vector<int64_t> shown_images(const at::Tensor& direction);

/// One kind of edit of one attribute in n images, each with a control: a random direction for that image with
/// the same length in standard deviations of the activations. Judged probabilities are float64 [n, B].
/// Pictures are uint8 [8, C, S, S], for `shown_images` in order; if these are fewer, image 0 fills the rest.
struct EditTrial {
  size_t attribute = 0;
  EditKind kind = EditKind::kSingle;
  at::Tensor direction{};      // float64 [n]: 1 where the attribute is added, -1 where removed
  at::Tensor target{};         // float32 [n, P], requested activations
  at::Tensor image{};          // pictures; undefined for a placebo
  at::Tensor edited{};         // judged probabilities
  at::Tensor control_image{};  // pictures
  at::Tensor control{};        // judged probabilities

  /// Change of the judged probabilities beyond the control's, signed by `direction`: float64 [n, B].
  at::Tensor effect() const { return direction.unsqueeze(1) * (edited - control); }
};

/// Edits images of the reported half of a sample, starting from their own noise, and judges the results
/// (paper 4.4 as an experiment). Plausible ranges, correlations and examples for the edits come from the
/// choosing half.
class EditExperiment {
 public:
  /// Inverts the images and regenerates them unedited (the identity edit). All arguments but `options` must
  /// outlive this object.
  EditExperiment(TrainedModel& trained, const EncodedImages& encoded, const AttributeJudge& judge,
                 const ExperimentOptions& options);

  const InvertedImages& images() const { return images_; }
  const at::Tensor& rows() const { return rows_; }  // int64 [n], indices of the images
  const at::Tensor& judged_original() const { return original_; }
  const at::Tensor& judged_identity() const { return identity_; }

  /// Runs one kind of edit other than kPlacebo. `attribute` must be testable.
  EditTrial run(size_t attribute, EditKind kind) const;

  /// Replaces the trial's edit by another random direction; the control stays the same.
  EditTrial placebo_of(const EditTrial& trial) const;

  /// Measures `trial.effect()` again with another number of denoising steps: float64 [n, B].
  at::Tensor effect_with_steps(const EditTrial& trial, int64_t steps) const;

 private:
  at::Tensor target_activation(size_t a, EditKind kind, const at::Tensor& direction) const;
  at::Tensor random_edit_like(const EditTrial& trial, const char* purpose) const;
  RegenerateOptions regenerate_options(EditKind kind) const;
  at::Tensor regenerated(const at::Tensor& target, const RegenerateOptions& options) const;

  TrainedModel& trained_;
  const EncodedImages& encoded_;
  const AttributeJudge& judge_;
  ExperimentOptions options_;
  at::Tensor rows_;
  InvertedImages images_;
  at::Tensor original_, identity_;
};

}  // namespace patronus
