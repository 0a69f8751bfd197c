#include "patronus/evaluation/train_judge.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <memory>

#include "patronus/core/random.h"

namespace patronus {

AttributeJudge train_judge(const Dataset& real, const BinaryAttributes& attributes, at::Device device,
                           const AttributeClassifierOptions& options, const ProcessGroup& ranks) {
  constexpr int64_t kMostImages = 20000;
  AttributeClassifierOptions of_judge = options;
  of_judge.seed = derive_seed(options.seed, "judge");
  const auto rows = draw_indices(real.size(), kMostImages, of_judge.seed);
  const auto order = random_permutation(rows.size(0), of_judge.seed);
  const auto shuffled = rows.index_select(0, order);
  const int64_t held_out = std::max<int64_t>(1, rows.size(0) / 10);
  const auto classifier =
      std::make_shared<AttributeClassifier>(real, shuffled.slice(0, held_out), attributes, device, of_judge);
  classifier->agree(ranks);
  return {.names = attributes.names,
          .accuracy = classifier->accuracy(real, shuffled.slice(0, 0, held_out), attributes),
          .judge = [classifier](const at::Tensor& images) { return classifier->probabilities(images); }};
}

}  // namespace patronus
