#include "patronus/models/prototype_health.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "support/small_run.h"

namespace patronus {
namespace {

PrototypeEncoder small_encoder() {
  return make_model(test::small_run()).encoder;
}

at::Tensor random_images() {
  return at::rand({100, 3, 32, 32}, make_generator(1)) * 2 - 1;
}

void set_prototypes(PrototypeEncoder& encoder, const std::vector<int64_t>& copies_of) {
  const c10::NoGradGuard no_grad;
  encoder->initialize_prototypes(random_images(), make_generator(2));
  const auto original = encoder->prototypes().clone();
  for (size_t i = 0; i < copies_of.size(); ++i) {
    encoder->prototypes()[static_cast<int64_t>(i)].copy_(original[copies_of[i]]);
  }
}

TEST(PrototypeHealth, CountsCopiesOnceEach) {
  PrototypeEncoder encoder = small_encoder();
  set_prototypes(encoder, {0, 0, 2, 0, 2, 5});
  const PrototypeHealth health = prototype_health(encoder, random_images());
  EXPECT_EQ(health.count, 6);
  EXPECT_EQ(health.duplicates, 3);
  EXPECT_EQ(health.dead, 0);
  EXPECT_LE(health.effective_rank, 3.001);
}

TEST(PrototypeHealth, AFarAwayPrototypeIsDeadAndNeverNearest) {
  PrototypeEncoder encoder = small_encoder();
  set_prototypes(encoder, {});
  const PrototypeHealth before = prototype_health(encoder, random_images());
  {
    const c10::NoGradGuard no_grad;
    encoder->prototypes()[3].fill_(100);
  }
  const PrototypeHealth after = prototype_health(encoder, random_images());
  EXPECT_EQ(before.dead, 0);
  EXPECT_EQ(after.dead, 1);
  EXPECT_LE(after.winners, 5);
}

TEST(PrototypeHealth, CorrelationAndRankAreThoseOfTheActivations) {
  PrototypeEncoder encoder = small_encoder();
  set_prototypes(encoder, {});
  const auto images = random_images();
  const PrototypeHealth health = prototype_health(encoder, images);
  const auto activation = encoder->forward(images).activation.detach().to(at::kDouble);
  const auto r = at::corrcoef(activation.t());
  double sum = 0;
  for (int64_t j = 0; j < 6; ++j) {
    for (int64_t k = 0; k < j; ++k) sum += std::abs(r[j][k].item<double>());
  }
  EXPECT_NEAR(health.mean_correlation, sum / 15, 1e-3);
  const auto eigenvalues = at::linalg_eigvalsh(r) / 6;
  EXPECT_NEAR(health.effective_rank, std::exp(-(eigenvalues * eigenvalues.log()).sum().item<double>()), 1e-2);
  const auto ranges = std::get<0>((activation.amax(0) - activation.amin(0)).sort());
  EXPECT_NEAR(health.median_range, ((ranges[2] + ranges[3]) / 2).item<double>(), 1e-4);
}

TEST(PrototypeHealth, RangesAreThoseOfTheActivationsOfLargeFeaturesToo) {
  RunConfig config = test::small_run();
  config.model.prototypes.scale_factor = 100;
  PrototypeEncoder encoder = make_model(config).encoder;
  set_prototypes(encoder, {});
  const auto images = random_images();
  const auto activation = encoder->forward(images).activation.detach();
  const auto ranges = std::get<0>((activation.amax(0) - activation.amin(0)).sort());
  EXPECT_NEAR(prototype_health(encoder, images).median_range, ((ranges[2] + ranges[3]) / 2).item<double>(),
              1e-4);
}

}  // namespace
}  // namespace patronus
