#include "patronus/analysis/describe_model.h"

#include <algorithm>
#include <cstdio>

#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/data/dataset.h"
#include "patronus/models/prototype_health.h"

namespace patronus {
namespace {

std::string parameters_text(const PatronusModel& model) {
  const auto [encoder, unet] = count_parameters(model);
  return std::to_string(encoder + unet) + " (encoder and prototypes " + std::to_string(encoder) + ", UNet " +
         std::to_string(unet) + ")";
}

std::string prototypes_text(TrainedModel& trained) {
  if (!trained.model.unet->is_conditional()) return "not trained: the model has no condition";
  try {
    constexpr int64_t kImages = 512, kFewest = 32;  // of a few, activations correlate by chance
    DataListing data(trained.config.data);
    const Split split = data.size(Split::kTest) < kFewest ? Split::kTrain : Split::kTest;
    const Dataset from = data.open(split);
    const auto images = from.images(draw_indices(from.size(), kImages, 0)).to(trained.device);
    const PrototypeHealth health = prototype_health(trained.model.encoder, images);
    char text[320];
    std::snprintf(text, sizeof text,
                  "%lld; %lld dead, %lld near-duplicates, %lld nearest to some patch, median range of "
                  "activations %.3g, "
                  "correlated by %.2f on average, effective rank %.1f (%lld %s images)",
                  static_cast<long long>(health.count), static_cast<long long>(health.dead),
                  static_cast<long long>(health.duplicates), static_cast<long long>(health.winners),
                  health.median_range, health.mean_correlation, health.effective_rank,
                  static_cast<long long>(images.size(0)), split == Split::kTest ? "test" : "training");
    return text;
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
                      " pixels a side, every " + number(field.jump) + " pixels");
  line("prototypes", prototypes_text(trained));
  line("diffusion", number(config.diffusion.timesteps) + " steps, " + to_string(config.diffusion.schedule) +
                        " schedule, predicts " + to_string(config.diffusion.prediction));
  return text;
}

}  // namespace patronus
