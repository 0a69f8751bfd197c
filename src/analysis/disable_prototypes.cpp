#include "patronus/analysis/disable_prototypes.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "patronus/analysis/edit.h"
#include "patronus/analysis/encode.h"
#include "patronus/core/random.h"

namespace patronus {

void disable_prototypes(TrainedModel& trained, const Dataset& real, const std::vector<int64_t>& prototypes) {
  constexpr int64_t kImages = 2000;
  auto taken_out = chosen_prototypes(prototypes, trained.config.model.prototypes.count);
  std::sort(taken_out.begin(), taken_out.end());
  taken_out.erase(std::unique(taken_out.begin(), taken_out.end()), taken_out.end());
  const auto seed = trained.config.seed_for("disable");
  const auto mean =
      encode_activations(trained.model.encoder, real, draw_indices(real.size(), kImages, seed), trained.ranks)
          .mean(0);
  const auto disabled = at::tensor(taken_out);
  trained.model.encoder->fix_activations(disabled.to(trained.device),
                                         mean.index_select(0, disabled).to(trained.device));
  trained.disabled = taken_out;
}

}  // namespace patronus
