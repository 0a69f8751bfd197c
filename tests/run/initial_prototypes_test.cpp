#include "patronus/run/initial_prototypes.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class InitialPrototypes : public testing::Test {
 protected:
  InitialPrototypes() { config_.data.cache = folder_.path().string(); }

  /// The prototypes [P, D] of a fresh model before and after.
  std::pair<at::Tensor, at::Tensor> chosen(const RunConfig& config) const {
    PatronusModel model = make_model(config);
    const auto before = model.encoder->prototypes().detach().clone().flatten(1);
    choose_initial_prototypes(model, config, images());
    return {before, model.encoder->prototypes().detach().clone().flatten(1)};
  }
  Dataset images() const { return open_dataset(config_.data, Split::kTrain); }

  const c10::NoGradGuard no_grad_;
  test::TemporaryFolder folder_;
  RunConfig config_ = test::small_run();
};

TEST_F(InitialPrototypes, AreDifferentPatchesOfTrainingImages) {
  PatronusModel model = make_model(config_);
  choose_initial_prototypes(model, config_, images());
  const auto nearest = model.encoder->forward(images().slice(0, 64)).distance.amin(0);
  EXPECT_LT(nearest.max().item<float>(), 1e-8) << "each equals a patch";
  const auto vectors = model.encoder->prototypes().flatten(1);
  const auto apart = at::cdist(vectors, vectors) + 100 * at::eye(vectors.size(0));
  EXPECT_GT(apart.min().item<float>(), 0);
}

TEST_F(InitialPrototypes, FollowFromTheSeedAlone) {
  const auto first = chosen(config_).second;
  EXPECT_TRUE(at::equal(chosen(config_).second, first));
  RunConfig other = config_;
  other.seed = 1;
  EXPECT_FALSE(at::equal(chosen(other).second, first));
}

TEST_F(InitialPrototypes, StayWhereTheyAreWithoutDataOrCondition) {
  RunConfig uniform = config_, unconditional = config_;
  uniform.model.prototypes.init = PrototypeInit::kUniform;
  unconditional.model.unet.condition = ConditionKind::kOff;
  for (const RunConfig& config : {uniform, unconditional}) {
    const auto [before, after] = chosen(config);
    EXPECT_TRUE(at::equal(before, after));
  }
}

TEST_F(InitialPrototypes, OfAnUntrainedModelAreThoseThatTrainingBeganWith) {
  TrainedModel trained = test::small_model(config_);
  trained.config.seed = 77;  // of what a command draws
  const PatronusModel untrained = untrained_model(trained, images());
  EXPECT_TRUE(at::equal(untrained.encoder->prototypes().flatten(1), chosen(config_).second));
  EXPECT_FALSE(untrained.unet->is_training());
  const auto fresh = make_model(config_).parameters(), now = untrained.parameters();
  for (size_t i = 0; i < fresh.size(); ++i) {
    if (fresh[i].first.ends_with("prototype_vectors")) continue;
    EXPECT_TRUE(at::equal(fresh[i].second, now[i].second)) << fresh[i].first;
  }
}

}  // namespace
}  // namespace patronus
