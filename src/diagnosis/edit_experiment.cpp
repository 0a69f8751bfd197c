#include "patronus/diagnosis/edit_experiment.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/analysis/edit.h"
#include "patronus/analysis/example_direction.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/core/pixels.h"
#include "patronus/core/random.h"
#include "patronus/core/unknown.h"

namespace patronus {
namespace {

constexpr size_t kShown = 8;

/// Pictures of the `shown_images` of `images` [n, C, S, S]. Always kShown pictures, as ranks can only share
/// tensors of equal shapes; image 0 fills the rest.
at::Tensor shown_pictures(const at::Tensor& images, const at::Tensor& direction) {
  auto shown = shown_images(direction);
  shown.resize(kShown, 0);
  return to_pixels(images.index_select(0, at::tensor(shown)));
}

/// Direction of the edit of each image: 1 adds the attribute to an image without it, -1 removes it. 0 if it
/// is unknown: no edit, and no contribution to the effect.
at::Tensor directions_of(const at::Tensor& values) {
  const auto direction = at::where(values == 1, -1., 1.).to(at::kDouble);
  return direction.masked_fill(values == kUnknown, 0);
}

/// Sets the attribute's prototype to the plausible extreme that adds or removes the attribute, as `direction`
/// requires.
at::Tensor single_edit(const at::Tensor& activation, const EncodedAttribute& attribute,
                       const at::Tensor& direction, const PlausibleRange& range) {
  const auto to = [&](Edit::Kind extreme) {
    return apply_edit(activation, {.prototypes = {attribute.prototype}, .kind = extreme}, range);
  };
  const auto upwards = (direction * (attribute.rises ? 1 : -1)).unsqueeze(1);
  return at::where(upwards > 0, to(Edit::Kind::kMaximum),
                   at::where(upwards < 0, to(Edit::Kind::kMinimum), activation));
}

/// Adds a random direction to each row, as long as that row's edit in units of `deviation` [P]. A prototype
/// that does not vary has no unit: it is not changed, and its change by the edit (such as a rounding error)
/// adds no length.
at::Tensor random_edit(const at::Tensor& activation, const at::Tensor& edited, const at::Tensor& deviation,
                       uint64_t seed) {
  const auto varies = is_varying(deviation);
  const auto units = at::where(varies, (edited - activation) / deviation, 0.);
  const auto length = units.norm(2, 1, /*keepdim=*/true);
  const auto direction = at::randn(activation.sizes(), make_generator(seed)) * varies;
  return activation + length * direction / direction.norm(2, 1, /*keepdim=*/true) * deviation;
}

/// Mean activations with the attribute minus those without it, over the choosing half: [P].
at::Tensor mean_difference_of(const EncodedImages& encoded, int64_t attribute) {
  const auto values = encoded.images.values(attribute, encoded.halves.choose);
  const auto of = [&](int64_t value) {
    const auto rows = encoded.halves.choose.index_select(0, (values == value).nonzero().squeeze(1));
    return encoded.activations.trained.index_select(0, rows);
  };
  return example_direction(of(1), of(0));
}

}  // namespace

std::vector<int64_t> shown_images(const at::Tensor& direction) {
  std::vector<int64_t> put_in, taken;
  for (int64_t i = 0; i < direction.size(0); ++i) {
    const double s = direction[i].item<double>();
    if (s > 0 && put_in.size() < kShown / 2) put_in.push_back(i);
    if (s < 0 && taken.size() < kShown / 2) taken.push_back(i);
  }
  put_in.insert(put_in.end(), taken.begin(), taken.end());
  return put_in;
}

EditExperiment::EditExperiment(TrainedModel& trained, const EncodedImages& encoded,
                               const AttributeJudge& judge, const ExperimentOptions& options)
    : trained_(trained), encoded_(encoded), judge_(judge), options_(options) {
  const auto& report = encoded.halves.report;
  const auto chosen =
      draw_indices(report.size(0), options.images, derive_seed(options.seed, "images to edit"));
  rows_ = report.index_select(0, chosen);
  images_ = invert_images(trained, encoded.images.images, rows_, options.regenerate);
  log_round_trip(images_);
  original_ = judge_.probabilities(images_.original);
  identity_ = judge_.probabilities(images_.image);
}

RegenerateOptions EditExperiment::regenerate_options(EditKind kind) const {
  RegenerateOptions options = options_.regenerate;
  if (kind == EditKind::kUnguided) options.strength = 1;
  return options;
}

at::Tensor EditExperiment::regenerated(const at::Tensor& target, const RegenerateOptions& options) const {
  return regenerate(trained_, {images_.x_T, images_.activation, target}, options).image;
}

at::Tensor EditExperiment::target_activation(size_t a, EditKind kind, const at::Tensor& direction) const {
  const auto population = encoded_.activations.trained.index_select(0, encoded_.halves.choose);
  const auto& activation = images_.activation;
  if (kind == EditKind::kExample) {
    return activation +
           direction.unsqueeze(1).to(at::kFloat) * mean_difference_of(encoded_, static_cast<int64_t>(a));
  }
  const auto edited =
      single_edit(activation, encoded_.attributes[a], direction, plausible_range(population, options_.range));
  if (kind != EditKind::kCorrelated) return edited;
  return move_correlated(activation, edited, population, options_.correlated);
}

at::Tensor EditExperiment::random_edit_like(const EditTrial& trial, const char* purpose) const {
  const auto deviation = encoded_.activations.trained.index_select(0, encoded_.halves.choose).std(0);
  const auto index = 8 * trial.attribute + static_cast<uint64_t>(trial.kind);
  return random_edit(images_.activation, trial.target, deviation, derive_seed(options_.seed, purpose, index));
}

EditTrial EditExperiment::run(size_t a, EditKind kind) const {
  EditTrial trial{.attribute = a, .kind = kind};
  trial.direction = directions_of(encoded_.images.values(static_cast<int64_t>(a), rows_));
  trial.target = target_activation(a, kind, trial.direction);
  const RegenerateOptions options = regenerate_options(kind);
  const auto image = regenerated(trial.target, options);
  const auto control = regenerated(random_edit_like(trial, "control"), options);
  trial.image = shown_pictures(image, trial.direction);
  trial.control_image = shown_pictures(control, trial.direction);
  trial.edited = judge_.probabilities(image);
  trial.control = judge_.probabilities(control);
  return trial;
}

EditTrial EditExperiment::placebo_of(const EditTrial& trial) const {
  EditTrial placebo = trial;
  placebo.kind = EditKind::kPlacebo;
  placebo.target = random_edit_like(trial, "placebo");
  placebo.image.reset();
  placebo.edited = judge_.probabilities(regenerated(placebo.target, regenerate_options(trial.kind)));
  return placebo;
}

at::Tensor EditExperiment::effect_with_steps(const EditTrial& trial, int64_t steps) const {
  RegenerateOptions options = regenerate_options(trial.kind);
  options.inversion.steps = steps;
  const auto judged_under = [&](const at::Tensor& target) {
    return judge_.probabilities(regenerated(target, options));
  };
  return trial.direction.unsqueeze(1) *
         (judged_under(trial.target) - judged_under(random_edit_like(trial, "control")));
}

}  // namespace patronus
