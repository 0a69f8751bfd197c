#include "patronus/evaluation/control_evaluation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "patronus/analysis/encode.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/random.h"
#include "patronus/core/to_vector.h"
#include "patronus/evaluation/image_set.h"
#include "patronus/evaluation/train_judge.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/wilson_interval.h"

namespace patronus {
namespace {

/// Measures control, or loads a saved measurement. Trains the judge, and inverts the images, on first use;
/// all measurements are of the same images, ranges and steps.
class CachedControl {
 public:
  CachedControl(TrainedModel& trained, const Dataset& edited, const Dataset& real,
                const BinaryAttributes& attributes, std::filesystem::path folder)
      : trained_(trained),
        edited_(edited),
        real_(real),
        attributes_(attributes),
        folder_(std::move(folder)),
        subject_(measurement_identity(trained, edited, real)) {}

  Json protocol(const ControlOptions& options) const {
    Json identity = subject_;
    identity["attributes"] = attributes_.names;
    return control_protocol(identity, options, edited_.size());
  }

  Control operator()(const ControlOptions& options, const std::string& cache_file) {
    return load_or_measure_control(folder_ / cache_file, json_line(protocol(options)), trained_.ranks, [&] {
      train_judge_once();
      if (!known_) known_ = real_activations(trained_, real_, options.range);
      if (!unedited_) unedited_ = control_images(trained_, edited_, options);
      return measure_control(trained_, *unedited_, *known_, options, judge_ ? &*judge_ : nullptr);
    });
  }

 private:
  void train_judge_once() {
    if (judge_ || attributes_.names.empty()) return;
    const uint64_t seed = trained_.config.seed;
    judge_ = train_judge(real_, attributes_, trained_.device, {.seed = seed}, folder_ / "judge.pt",
                         trained_.ranks);
  }

  TrainedModel& trained_;
  const Dataset& edited_;
  const Dataset& real_;
  const BinaryAttributes& attributes_;  // of the real images
  const std::filesystem::path folder_;  // of saved results
  const Json subject_;                  // kept: hashing weights and many images takes long
  std::optional<AttributeJudge> judge_;
  std::optional<RealActivations> known_;
  std::optional<InvertedImages> unedited_;
};

/// Share of images in which the attribute appears, with interval; unknown if the judge is unreliable.
Estimate appearing(const Control& control, int64_t row, int64_t attribute, bool reliable) {
  const auto without = control.without[row][attribute].item<int64_t>();
  if (!reliable || without == 0) return wilson_interval(0, 0);
  const double share = control.appears[row][attribute].item<double>();
  return wilson_interval(std::llround(share * static_cast<double>(without)), without);
}

/// The best prototype for each attribute, among those that were raised.
struct BestPrototypes {
  at::Tensor auroc;      // [A], of high activations, in other images than those it was chosen in
  at::Tensor prototype;  // int64 [A]
  at::Tensor rises;      // bool [A]: whether the activation rises with the attribute
};

BestPrototypes best_prototypes(TrainedModel& trained, const Dataset& real, const BinaryAttributes& attributes,
                               const Control& control) {
  constexpr int64_t kMaxImages = 4000;
  // Permuted, as every second image in order of names may be of one kind (left, right).
  const auto rows =
      random_permutation(real.size(), derive_seed(0, "best prototypes")).slice(0, 0, kMaxImages);
  const auto truth = attributes.values.index_select(0, rows);
  const auto prototypes = at::tensor(control.prototypes);
  const auto activation =
      encode_activations(trained.model.encoder, real, rows, trained.ranks).index_select(1, prototypes);
  const auto auroc_of_half = [&](int64_t first) {  // of every second image: [A, K]
    const auto half = [&](const at::Tensor& all) { return all.slice(0, first, {}, 2); };
    return auroc_of_columns(half(activation), half(truth));
  };
  const auto [best, rises] = best_columns(auroc_of_half(0));
  return {auroc_of_half(1).gather(1, best.unsqueeze(1)).squeeze(1), prototypes.index_select(0, best), rises};
}

AttributeControl attribute_control(const Control& control, const BestPrototypes& best,
                                   const BinaryAttributes& attributes, int64_t a) {
  const auto reliable = is_reliable(control.judge_accuracy);
  const auto others = reliable & attributes.others_than(static_cast<size_t>(a));
  const auto prototype = best.prototype[a].item<int64_t>();
  const int64_t row = std::ranges::find(control.prototypes, prototype) - control.prototypes.begin();
  return {.name = control.attributes[a],
          .judge_accuracy = control.judge_accuracy[a].item<double>(),
          .prototype = prototype,
          .lowered = control.lowers,
          .auroc = best.auroc[a].item<double>(),
          .without = control.without[row][a].item<int64_t>(),
          .appears = appearing(control, row, a, reliable[a].item<bool>()),
          .others = control.changes[row].index({others}).mean().item<double>()};
}

}  // namespace

ControlEvaluation evaluate_control(TrainedModel& trained, const Dataset& edited, Split split,
                                   const Dataset& real, const ControlOptions& options,
                                   const std::filesystem::path& folder) {
  const BinaryAttributes attributes = binary_attributes(real.attributes());
  CachedControl measure(trained, edited, real, attributes, folder);
  ControlEvaluation evaluation{.split = to_string(split),
                               .protocol = measure.protocol(options),
                               .control = measure(options, "control.pt"),
                               .summary = {},
                               .intervals = {}};
  const Control& raised = evaluation.control;
  evaluation.summary = summarize(raised);
  evaluation.intervals = control_intervals(raised);
  if (raised.attributes.empty()) return evaluation;
  const BestPrototypes best = best_prototypes(trained, real, attributes, raised);
  ControlOptions lowers = options;
  lowers.lowers = true;
  const auto falling = to_vector<int64_t>(best.prototype.masked_select(~best.rises));
  const std::set<int64_t> each_once(falling.begin(), falling.end());
  lowers.prototypes.assign(each_once.begin(), each_once.end());
  const Control lowered = lowers.prototypes.empty() ? Control{} : measure(lowers, "control-lowered.pt");
  for (int64_t a = 0; a < std::ssize(raised.attributes); ++a) {
    const bool rises = best.rises[a].item<bool>();
    evaluation.attributes.push_back(attribute_control(rises ? raised : lowered, best, attributes, a));
  }
  return evaluation;
}

}  // namespace patronus
