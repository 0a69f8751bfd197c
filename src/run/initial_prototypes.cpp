#include "patronus/run/initial_prototypes.h"

#include <ATen/Functions.h>

#include "patronus/core/log.h"
#include "patronus/core/random.h"

namespace patronus {

void choose_initial_prototypes(PatronusModel& model, const RunConfig& config, const Dataset& train) {
  if (config.model.prototypes.init != PrototypeInit::kData || !model.unet->is_conditional()) return;
  constexpr int64_t kImages = 512;
  const auto order = random_permutation(train.size(), config.seed_for("images for prototypes"));
  const auto device = model.parameters().front().second.device();
  model.encoder->initialize_prototypes(train.images(order.slice(0, 0, kImages)).to(device),
                                       make_generator(config.seed_for("prototypes")));
}

PatronusModel untrained_model(const TrainedModel& trained, const Dataset& train) {
  RunConfig config = trained.config;
  config.seed = trained.training_config.seed;
  if (!config.training.from.empty()) {
    log_info("the untrained encoder is a new one: training began with the weights of " +
             config.training.from);
  }
  PatronusModel model = make_model(config);
  model.to(trained.device);
  model.eval();
  choose_initial_prototypes(model, config, train);
  return model;
}

}  // namespace patronus
