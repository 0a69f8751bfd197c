#include "patronus/training/gradients.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "support/parity.h"
#include "support/two_parameters.h"

namespace patronus {
namespace {

using test::close;
using test::two_parameters;

TEST(Gradients, AreClippedByTheirCommonNorm) {
  const auto parameters = two_parameters();
  (parameters[0].second.square().sum() + parameters[1].second.square().sum()).backward();
  const auto flat = [&] {
    return at::cat({parameters[0].second.grad().flatten(), parameters[1].second.grad().flatten()});
  };
  const auto before = flat().clone();
  const auto norm = clip_gradients(parameters, 0.5);
  EXPECT_NEAR(norm.item<double>(), before.norm().item<double>(), 1e-4);
  EXPECT_NEAR(flat().norm().item<double>(), 0.5, 1e-4);
  EXPECT_TRUE(close(flat() / flat().norm(), before / before.norm(), 1e-6));
  clip_gradients(parameters, 100);  // large enough: nothing changes
  EXPECT_NEAR(flat().norm().item<double>(), 0.5, 1e-4);
  clip_gradients(parameters, 0);
  EXPECT_NEAR(flat().norm().item<double>(), 0.5, 1e-4);
}

TEST(Gradients, NameTheParameterWithoutOne) {
  const auto parameters = two_parameters();
  parameters[0].second.square().sum().backward();
  try {
    gradients_of(parameters);
    FAIL();
  } catch (const c10::Error& e) {
    EXPECT_NE(std::string(e.what()).find("b has no gradient"), std::string::npos);
  }
}

TEST(Gradients, AreGoneAfterZeroing) {
  const auto parameters = two_parameters();
  parameters[0].second.square().sum().backward();
  zero_gradients(parameters);
  EXPECT_FALSE(parameters[0].second.grad().defined());
}

}  // namespace
}  // namespace patronus
