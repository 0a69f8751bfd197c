#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include "analysis/emergence_trajectory.h"
#include "patronus/core/contains.h"
#include "patronus/core/evenly_spaced.h"
#include "patronus/core/pixels.h"
#include "patronus/core/progress.h"
#include "patronus/core/to_vector.h"

namespace patronus {
namespace {

/// Activations at all steps, and pictures of the shown ones.
struct ShownTrajectory {
  at::Tensor activation;  // [B, S, P]
  at::Tensor pixels;      // uint8 [B, M, C, S, S]
};

class StripMaker {
 public:
  StripMaker(TrainedModel& trained, const EmergenceOptions& options, std::vector<int64_t> shown)
      : trained_(trained), options_(options), shown_(std::move(shown)) {}

  ShownTrajectory follow_to(const InvertedImages& from, const at::Tensor& activation) const {
    const auto denoiser = edited_denoiser(trained_, conditional_denoiser(trained_),
                                          {from.x_T, from.activation, activation}, options_.regenerate);
    std::vector<at::Tensor> pixels;
    const auto trajectory =
        encode_trajectory(trained_, denoiser, from.x_T, options_.regenerate.inversion.steps,
                          [&](int64_t step, const at::Tensor& x0) {
                            if (contains(shown_, step)) pixels.push_back(to_pixels(x0).cpu());
                          });
    return {trajectory.activation, at::stack(pixels, 1)};
  }

 private:
  TrainedModel& trained_;
  const EmergenceOptions& options_;
  const std::vector<int64_t> shown_;
};

}  // namespace

EmergenceStrips emergence_strips(TrainedModel& trained, const Dataset& images, const Dataset& real,
                                 const Emergence& emergence, const EmergenceOptions& options) {
  constexpr int64_t kShownSteps = 9;
  const c10::NoGradGuard no_grad;
  const auto maximum = real_activations(trained, real, options.range).range.maximum;
  const auto chosen = (emergence.example >= 0).nonzero().squeeze(1);
  EmergenceStrips strips;
  strips.rows = to_vector<int64_t>(chosen);
  strips.shown = evenly_spaced(options.regenerate.inversion.steps, kShownSteps);
  if (strips.rows.empty()) return strips;
  const StripMaker maker(trained, options, strips.shown);
  const auto prototypes = at::tensor(emergence.prototypes);
  std::vector<at::Tensor> original, raised, before, after;
  Progress progress("strips", chosen.size(0), "prototypes");
  for (const auto& rows :
       chosen.split(batch_size_for(trained, options.regenerate.batch_size, chosen.size(0)))) {
    const auto inverted =
        invert_images(trained, images, emergence.example.index_select(0, rows), options.regenerate);
    const auto k = prototypes.index_select(0, rows).unsqueeze(1);  // [B, 1]
    const auto target = maximum.take(k);
    const auto without = maker.follow_to(inverted, inverted.activation);
    const auto with = maker.follow_to(inverted, inverted.activation.scatter(1, k, target));
    const auto own = k.unsqueeze(1).expand({-1, without.activation.size(1), 1});
    original.push_back(without.pixels);
    raised.push_back(with.pixels);
    before.push_back(without.activation.gather(2, own).squeeze(2));
    after.push_back(with.activation.gather(2, own).squeeze(2));
    strips.files.insert(strips.files.end(), inverted.files.begin(), inverted.files.end());
    progress.advance(rows.size(0));
  }
  strips.original = at::cat(original);
  strips.raised = at::cat(raised);
  strips.before = at::cat(before);
  strips.after = at::cat(after);
  return strips;
}

}  // namespace patronus
