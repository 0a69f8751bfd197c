#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "patronus/analysis/attribute_judge.h"
#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

struct ControlOptions {
  std::vector<int64_t> prototypes = {};  // that are raised, one at a time; empty: all
  bool lowers = false;                   // to the plausible minimum, in place of raising to the maximum
  int64_t images = 16;                   // that each is raised in, drawn by the configuration's seed
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {};
};

/// What happens to images, and to every prototype's activation in them, when one prototype is raised to its
/// plausible maximum and the image is regenerated from the same x_T (paper 3.3; the causal counterpart of a
/// correlation between activations), or lowered to its plausible minimum. Of K raised or lowered prototypes
/// and all P; tensors are float64 on the CPU. Only images are counted in which a prototype can be moved by at
/// least half a standard deviation; where there is none, its numbers are NaN. So are those of a prototype
/// that does not vary in real images, by row and by column: it is never moved, and has no unit to answer in.
struct Control {
  bool lowers = false;
  std::vector<int64_t> prototypes;  // [K]
  at::Tensor images;                // int64 [K], that were counted
  at::Tensor deviation;  // [P], standard deviation of the activations in real images: the unit of effects
  // [K, P], the causal effect matrix J: change of every prototype's activation in the regenerated image for
  // one unit of change asked of prototype k, upwards or downwards, both in standard deviations; mean over the
  // images. Above 0 on the diagonal where the image follows.
  at::Tensor effect;
  // [4, K, P], the same matrix from each of four disjoint quarters of the images; NaN also in the rows of
  // prototypes that could be raised in no image of a quarter.
  at::Tensor effect_of_quarters;
  // Participation ratio of the correlations of all activations in real images: about what J would have if
  // raising a prototype changed the others as they go along with it there.
  double real_directions = 0;
  at::Tensor gain;   // [K], share of the asked change that arrives, median over the images
  at::Tensor drift;  // [K], mean absolute change of all others that vary, in standard deviations
  // [K], share of the squared change of the image inside the prototype's best patch: of the edited image, or
  // of the original where it is lowered.
  at::Tensor inside;
  at::Tensor area;  // [K], share of the image that this patch covers: `inside` of a change that is everywhere
  // With a judge, else empty. [K, A]: images without the attribute (int64); share of them in which it
  // appears, of those with it in which it vanishes, of all in which it changes; NaN where there was no image.
  at::Tensor without;
  at::Tensor appears;
  at::Tensor vanishes;
  at::Tensor changes;
  at::Tensor judged_change;               // [K, A], mean change of the probability that the judge gives
  std::vector<std::string> attributes{};  // [A], the judge's
  at::Tensor judge_accuracy;              // [A]
};

/// Raises (or lowers) prototypes in images drawn from `images`; plausible maxima and deviations are those of
/// a subset of `real`. Takes about prototypes x images x steps x 2 evaluations of the network. Results do not
/// depend on the batch size. ConfigError for a prototype that the model does not have.
Control measure_control(TrainedModel& trained, const Dataset& images, const Dataset& real,
                        const ControlOptions& options, const AttributeJudge* judge = nullptr);

/// A few numbers for all of it.
struct ControlSummary {
  double gain;             // median over the prototypes
  double own_effect;       // median of J's diagonal
  double spill;            // mean |J| off the diagonal, of the prototypes that vary
  double directions;       // that the image answers to: participation ratio of J without its noise, 1 .. K
  double real_directions;  // as in Control
  double inside;           // mean over the prototypes
};
ControlSummary summarize(const Control& control);

/// J as colours, a row for every raised or lowered prototype and a column for every prototype, blue where it
/// falls and red where it rises.
Canvas draw_control(const Control& control, const PrototypeNames& names);

/// Writes everything to `path`, under `protocol`, which stands for the model, the images and the settings.
void keep_control(const std::filesystem::path& path, const Control& control, const std::string& protocol);
/// What was kept there under the same protocol, if anything.
std::optional<Control> kept_control(const std::filesystem::path& path, const std::string& protocol);
/// What was kept there, which is said, or else what `measure` gives, which is kept. The first of `ranks` writes;
/// all measure where one of them has nothing.
Control kept_or_measured_control(const std::filesystem::path& path, const std::string& protocol,
                                 const ProcessGroup& ranks, const std::function<Control()>& measure);

}  // namespace patronus
