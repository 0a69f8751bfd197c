#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/analysis/attribute_judge.h"
#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/core/named_enum.h"
#include "patronus/diagnosis/encoded_attributes.h"

namespace patronus {

/// How an attribute is put into images that lack it, and taken from those that have it.
enum class EditKind {
  kSingle,      // the prototype that tells it best, to its plausible extreme
  kUnguided,    // the same without guidance: strength 1, as in the paper
  kCorrelated,  // as kSingle, and those follow that correlate with it (edit.h)
  kExample,     // by the difference of mean activations with and without it (example_direction.h)
  kPlacebo      // nothing of it: a random direction as long as another edit
};
inline std::vector<std::string> enum_names(EditKind) {
  return {"single", "unguided", "correlated", "example", "placebo"};
}

/// Images, their attributes and activations, and which prototype tells which attribute.
struct EncodedImages {
  AttributeImages images{};
  Halves halves{};
  ComparedActivations activations{};
  std::vector<EncodedAttribute> attributes{};
};

struct ExperimentOptions {
  int64_t images = 48;      // of the reported half, drawn by the seed, that are edited
  double correlated = 0.4;  // least |correlation| of prototypes that follow
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {};
  uint64_t seed = 0;
};

/// The images whose pictures are kept, of an edit in this `direction` (float64 [n]): the first ones that the
/// attribute is put into, at most four, then as many that it is taken from.
std::vector<int64_t> shown_images(const at::Tensor& direction);

/// One kind of edit of one attribute in n images, each beside a control: a random direction of its own, as
/// long as the edit in standard deviations of the activations. Judged probabilities are float64 [n, B].
/// Pictures are uint8 [8, C, S, S], of the `shown_images` in their order; the rest, where these are fewer,
/// are of image 0.
struct EditTrial {
  size_t attribute = 0;
  EditKind kind = EditKind::kSingle;
  at::Tensor direction{};      // float64 [n]: 1 where the attribute is put in, -1 where it is taken away
  at::Tensor target{};         // float32 [n, P]
  at::Tensor image{};          // pictures; undefined for a placebo
  at::Tensor edited{};         // judged
  at::Tensor control_image{};  // pictures
  at::Tensor control{};        // judged

  /// Change of what is judged beyond the control's, in the direction of the attribute: float64 [n, B].
  at::Tensor effect() const { return direction.unsqueeze(1) * (edited - control); }
};

/// Edits images of the reported half of a sample from their own noise and asks a judge about them (paper 4.4
/// as an experiment). What edits refer to, plausible ranges, correlations, examples, comes from the choosing
/// half.
class EditExperiment {
 public:
  /// All of them outlive the experiment. Inverts the images and regenerates them unedited: the identity edit.
  EditExperiment(TrainedModel& trained, const EncodedImages& encoded, const AttributeJudge& judge,
                 const ExperimentOptions& options);

  const InvertedImages& images() const { return images_; }
  const at::Tensor& rows() const { return rows_; }  // int64 [n], of the sample
  const at::Tensor& judged_original() const { return original_; }
  const at::Tensor& judged_identity() const { return identity_; }

  /// Needs an attribute without obstacle, and another kind than a placebo.
  EditTrial run(size_t attribute, EditKind kind) const;

  /// Another random direction in the place of the trial's edit, beside the same control.
  EditTrial placebo_of(const EditTrial& trial) const;

  /// `trial.effect()` with another number of denoising steps, edit and control: float64 [n, B].
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
