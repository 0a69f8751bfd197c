#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/diffusion/samplers.h"
#include "support/parity.h"
#include "support/reference_model.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Compares the steps of a chain with what the reference recorded of them.
class Recording {
 public:
  explicit Recording(const Dict& group) : group_(group) {}

  /// Compares `actual` with the tensor recorded under `name` for timestep t, if there is one.
  void compare(const std::string& name, int64_t t, const at::Tensor& actual, int64_t index) {
    const Value* tensors = group_.find(name);
    const Value* expected = tensors ? tensors->dict().find(std::to_string(t)) : nullptr;
    if (!expected) return;
    EXPECT_TRUE(test::close(actual, expected->tensor(), tolerance(expected->tensor(), index)))
        << name << " " << t;
    ++compared_;
  }

  void compare_end(const std::string& name, const at::Tensor& actual) const {
    const auto& expected = group_.at(name).tensor();
    EXPECT_TRUE(test::close(actual, expected, tolerance(expected, kFirstSteps))) << name;
  }

  void visit(int64_t t) { visited_.push_back(t); }

  /// The timesteps were the reference's, and as many tensors were compared as are recorded under `names`.
  void expect_complete(const std::vector<std::string>& names) const {
    EXPECT_EQ(visited_, test::integers(group_.at("t_visited")));
    size_t recorded = 0;
    for (const auto& name : names) recorded += group_.at(name).dict().size();
    EXPECT_EQ(compared_, recorded);
  }

 private:
  static constexpr int64_t kFirstSteps = 3;

  static double tolerance(const at::Tensor& expected, int64_t index) {
    return (index < kFirstSteps ? 1e-5 : 1e-3) * std::max(1.0, expected.abs().max().item<double>());
  }

  const Dict& group_;
  std::vector<int64_t> visited_;
  size_t compared_ = 0;
};

/// The recorded noise [N, B, C, H, W], draw after draw.
NoiseSource replay(const at::Tensor& draws) {
  return [draws, next = int64_t{0}](const at::Tensor&) mutable {
    TORCH_CHECK(next < draws.size(0), "the reference drew noise ", draws.size(0), " times only");
    return draws[next++];
  };
}

struct SamplingCase {
  explicit SamplingCase(const fs::path& path)
      : recorded(read_tensor_file(path)),
        model(test::reference_model(recorded.at("config").dict(), &recorded.at("state_dict").dict())) {}

  Denoiser denoiser(const NoiseSchedule& schedule) const {
    return conditional_denoiser(model.unet, schedule, PredictionKind::kNoise)(recorded.at("cond").tensor(),
                                                                              Precision::kFloat32);
  }

  Dict recorded;
  PatronusModel model;
};

/// The reference's chain ends after timestep 1, without noise there; ours goes on to timestep 0.
void check_ddpm(const SamplingCase& chain, const Dict& group) {
  const NoiseSchedule schedule({.timesteps = group.at("T").integer()});
  Recording recording(group);
  recording.compare("x_before_call", schedule.timesteps() - 1, group.at("x_T").tensor(), 0);
  const StepHook hook = [&](const SamplerState& step) {
    if (step.t == 0) return;
    recording.visit(step.t);
    recording.compare("x_before_call", step.t - 1, step.x, step.index);
    if (step.t == 1) recording.compare_end("final", step.x);
  };
  const auto& z = group.at("z").tensor();
  sample(chain.denoiser(schedule), group.at("x_T").tensor(), schedule, {.sampler = Sampler::kDdpm},
         {.noise = replay(at::cat({z, at::zeros_like(z.slice(0, 0, 1))})), .step = hook});
  recording.expect_complete({"x_before_call"});
}

/// Follows a chain whose states and image estimates are recorded after every step.
StepHook follow(Recording& recording) {
  return [&recording](const SamplerState& step) {
    recording.visit(step.t);
    recording.compare("sample_after", step.t, step.x, step.index);
    recording.compare("pred_xstart", step.t, step.x0, step.index);
  };
}

void check_ddim(const SamplingCase& chain, const Dict& group) {
  const NoiseSchedule schedule({.timesteps = group.at("T").integer()});
  Recording recording(group);
  SamplerCallbacks callbacks{.step = follow(recording)};
  if (const Value* noise = group.find("noise")) callbacks.noise = replay(noise->tensor());
  const auto final = sample(chain.denoiser(schedule), group.at("x_T").tensor(), schedule,
                            {.steps = schedule.timesteps(), .eta = group.at("eta").number()}, callbacks);
  recording.compare_end("final", final);
  recording.expect_complete({"sample_after", "pred_xstart"});
}

void check_inversion(const SamplingCase& chain, const Dict& group) {
  const NoiseSchedule schedule({.timesteps = group.at("T").integer()});
  Recording recording(group);
  const InversionOptions options{.steps = schedule.timesteps(), .method = InversionMethod::kReference};
  const auto [x_T, residual, evaluations] = invert_ddim(
      chain.denoiser(schedule), group.at("x_start").tensor(), schedule, options, follow(recording));
  recording.compare_end("x_T", x_T);
  recording.expect_complete({"sample_after", "pred_xstart"});
}

class SamplingParity : public testing::TestWithParam<fs::path> {};

TEST_P(SamplingParity, ReproducesEveryChain) {
  const SamplingCase chain(GetParam());
  int chains = 0;
  for (const auto& [name, group] : chain.recorded.entries()) {
    SCOPED_TRACE(name);
    ++chains;
    if (name.starts_with("ddpm")) {
      check_ddpm(chain, group.dict());
    } else if (name.starts_with("ddim_")) {
      check_ddim(chain, group.dict());
    } else if (name.starts_with("inversion")) {
      check_inversion(chain, group.dict());
    } else {
      --chains;
    }
  }
  EXPECT_GT(chains, 0);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SamplingParity);
INSTANTIATE_TEST_SUITE_P(Reference, SamplingParity, testing::ValuesIn(test::parity_cases("sampling_")),
                         test::case_name);

}  // namespace
}  // namespace patronus
