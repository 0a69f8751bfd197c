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
#include "patronus/io/json_text.h"
#include "patronus/metrics/bootstrap.h"
#include "patronus/run/trained_model.h"

namespace patronus {

struct ControlOptions {
  std::vector<int64_t> prototypes = {};  // prototypes to raise, one at a time; empty: all
  bool lowers = false;                   // lower to the plausible minimum instead of raising to the maximum
  int64_t images = 16;                   // number of images, the same ones for every seed (core/random.h)
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {};
};

/// Effect of raising one prototype at a time to its plausible maximum (or lowering it to its minimum) and
/// regenerating the image from the same x_T (paper 3.3): the causal counterpart of correlations between
/// activations. Covers K edited prototypes and all P; tensors are float64 on the CPU. A prototype's values
/// come from the images in which it can be moved by at least half a standard deviation; NaN if there are
/// none. Rows and columns of prototypes that do not vary in real images are NaN.
struct Control {
  bool lowers = false;
  std::vector<int64_t> prototypes;  // [K]
  at::Tensor images;                // int64 [K], number of images used
  at::Tensor deviation;  // [P], standard deviation of the activations in real images, unit of effects
  // [K, P], causal effect matrix J: mean change of every activation in the regenerated images per unit of
  // requested change of prototype k (upwards or downwards), both in standard deviations. Positive on the
  // diagonal where the images follow.
  at::Tensor effect;
  at::Tensor target_change;  // [K, N], requested change of every image; NaN where it could not be moved
  at::Tensor change;         // [K, N, P], change of every activation in every image; NaN likewise
  // [K, N, P], what is left of `change` with the pixels of the prototype's best patch (as in `inside`) as
  // they were: the change of the activations that find their patch elsewhere.
  at::Tensor change_elsewhere;
  // Participation ratio of the correlations of all activations in real images: about the value for J if
  // raising a prototype changed the others according to these correlations.
  double real_directions = 0;
  at::Tensor gain;   // [K], share of the requested change that is reached, median over images
  at::Tensor drift;  // [K], mean absolute change of the other varying prototypes, in standard deviations
  // [K], share of the squared pixel change inside the prototype's best patch: that of the edited image, or of
  // the original if lowered.
  at::Tensor inside;
  at::Tensor area;  // [K], share of the image covered by that patch: `inside` of a uniform change
  // [K, m, m], mean squared change of the pixels over images and channels; m is the images' side, at most 64,
  // to which larger ones are averaged.
  at::Tensor change_map;
  // Only with a judge, each [K, A]: number of images without the attribute (int64), and shares of these in
  // which it appears, of those with it in which it vanishes, of all in which it changes; NaN for no images.
  at::Tensor without;
  at::Tensor appears;
  at::Tensor vanishes;
  at::Tensor changes;
  at::Tensor judged_change;               // [K, A], mean change of the judged probability
  std::vector<std::string> attributes{};  // [A], names from the judge
  at::Tensor judge_accuracy;              // [A]
};

/// Images drawn from `images` to measure control in, inverted and regenerated: the same ones whichever
/// prototypes are raised or lowered.
InvertedImages control_images(TrainedModel& trained, const Dataset& images, const ControlOptions& options);

/// Raises (or lowers) prototypes in `unedited` images (`control_images`) with the ranges and deviations of
/// `real` images. Takes about prototypes × images × steps × 2 network evaluations. Results do not depend on
/// the batch size. Throws ConfigError for a prototype that the model does not have.
Control measure_control(TrainedModel& trained, const InvertedImages& unedited, const RealActivations& real,
                        const ControlOptions& options, const AttributeJudge* judge = nullptr);
/// The same in images drawn from `images`, with ranges and deviations from a subset of `real`.
Control measure_control(TrainedModel& trained, const Dataset& images, const Dataset& real,
                        const ControlOptions& options, const AttributeJudge* judge = nullptr);

/// Summary of Control over its prototypes.
struct ControlSummary {
  double gain;        // median over prototypes
  double own_effect;  // median of J's diagonal
  double spill;       // mean off-diagonal |J| over the prototypes that vary
  double directions;  // independent directions of response: noise-corrected participation ratio of J, 1 .. K
  double real_directions;  // as in Control
  double inside;           // mean over prototypes
  double area;             // mean over prototypes: `inside` of changes spread evenly over the image
};
ControlSummary summarize(const Control& control);

/// 95 % intervals over images: what would differ with other images, not with other trainings. Those of a
/// prototype's gain are exact (`median_intervals`), the others from the bootstrap. NaN where a prototype
/// could be moved in fewer than six images.
struct ControlIntervals {
  Estimates gain;        // [K], as in Control
  Estimates own_effect;  // [K], J's diagonal
  Estimate median_gain;  // over prototypes, as in ControlSummary
  Estimate median_own_effect;
};
ControlIntervals control_intervals(const Control& control);

/// Heat map of J: rows are the edited prototypes, columns all prototypes; blue for decreases, red for
/// increases.
Canvas draw_control(const Control& control, const PrototypeNames& names);

/// Identifies a measurement of control in images drawn from `images` ones: by `identity`
/// (`measurement_identity`, and what the judge depends on) and the options.
Json control_protocol(Json identity, const ControlOptions& options, int64_t images);
/// Saves `control` to `path` with `protocol`, an identifier of the model, images and settings.
void save_control(const std::filesystem::path& path, const Control& control, const std::string& protocol);
/// Loads the Control saved at `path` if its protocol is the same, else nothing.
std::optional<Control> load_control(const std::filesystem::path& path, const std::string& protocol);
/// Loads the Control saved at `path` under `protocol` (and logs that), or calls `measure` and saves its
/// result. All `ranks` measure if any has no saved result; the first one saves.
Control load_or_measure_control(const std::filesystem::path& path, const std::string& protocol,
                                const ProcessGroup& ranks, const std::function<Control()>& measure);

}  // namespace patronus
