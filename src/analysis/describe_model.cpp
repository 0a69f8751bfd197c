#include "patronus/analysis/describe_model.h"

#include <algorithm>

#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/data/dataset.h"
#include "patronus/models/prototype_health.h"

namespace patronus {
namespace {

std::string parameters_text(const PatronusModel& model) {
  const auto [encoder, unet] = count_parameters(model);
  return std::to_string(encoder + unet) + " (encoder and prototypes " + std::to_string(encoder) + ", UNet " +
         std::to_string(unet) + ")";
}

std::string health_text(const PrototypeHealth& health) {
  return std::to_string(health.count) + "; " + std::to_string(health.dead) + " dead, " +
         pluralize(health.duplicates, "near-duplicate") + ", " + std::to_string(health.winners) +
         " nearest to some patch, median range of activations " + format_significant(health.median_range, 3) +
         ", correlated by " + format_fixed(health.mean_correlation, 2) + " on average, effective rank " +
         format_fixed(health.effective_rank, 1);
}

std::string prototypes_text(TrainedModel& trained) {
  if (!trained.model.unet->is_conditional()) return "not trained: the model has no condition";
  try {
    constexpr int64_t kImages = 512;
    DataListing data(trained.config.data);
    const Split split = data.size(Split::kTest) < kMinHealthImages ? Split::kTrain : Split::kTest;
    const Dataset from = data.open(split);
    const auto images = from.images(draw_indices(from.size(), kImages, 0));
    const PrototypeHealth health = prototype_health(trained.model.encoder, images);
    return health_text(health) + " (" +
           pluralize(images.size(0), split == Split::kTest ? "test image" : "training image") + ")";
  } catch (const DataError& e) {
    return std::to_string(trained.config.model.prototypes.count) + " (health not known: " + e.what() + ")";
  }
}

}  // namespace

std::string describe_model(TrainedModel& trained) {
  const RunConfig& config = trained.config;
  const ReceptiveField& field = trained.model.encoder->receptive_field();
  const auto number = [](int64_t n) { return std::to_string(n); };
  std::string text;
  const auto line = [&](const std::string& name, const std::string& value) {
    text += name + std::string(16 - std::min<size_t>(15, name.size()), ' ') + value + "\n";
  };
  line("checkpoint", trained.checkpoint.string());
  line("step", number(trained.step));
  line("weights", to_string(trained.weights));
  line("parameters", parameters_text(trained.model));
  line("images", number(config.data.channels) + " x " + number(config.data.size) + " x " +
                     number(config.data.size) + ", " + to_string(config.data.kind) + ", resize " +
                     to_string(config.data.resize));
  line("patches", number(field.cells) + " x " + number(field.cells) + ", " + number(field.size) +
                      " pixels a side, every " + pluralize(field.jump, "pixel"));
  line("prototypes", prototypes_text(trained));
  line("diffusion", number(config.diffusion.timesteps) + " steps, " + to_string(config.diffusion.schedule) +
                        " schedule, predicts " + to_string(config.diffusion.prediction));
  return text;
}

}  // namespace patronus
