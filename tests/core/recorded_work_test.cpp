#include "patronus/core/recorded_work.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/random.h"
#include "support/on_device.h"

namespace patronus {
namespace {

class RecordedWorkOn : public test::OnDevice {};
PATRONUS_ON_DEVICES(RecordedWorkOn);

TEST_P(RecordedWorkOn, ReadsItsInputsAgainAtEveryReplay) {
  const auto input = at::zeros({3}, device());
  at::Tensor output;
  const auto work = RecordedWork::record(device(), [&] { output = 2 * input + 1; });
  ASSERT_TRUE(work);
  for (const double value : {1.0, 5.0}) {
    input.fill_(value);
    work->replay();
    EXPECT_EQ(output.sum().item<double>(), 3 * (2 * value + 1));
  }
}

TEST_P(RecordedWorkOn, DrawsWhatTheDefaultGeneratorsSeedGives) {
  at::Tensor drawn;
  const auto draw = [&] { drawn = at::rand({4}, device()); };
  draw();
  const auto work = RecordedWork::record(device(), draw);
  ASSERT_TRUE(work);
  const auto replayed = [&](uint64_t seed) {
    seed_default_generators(seed, device());
    work->replay();
    return drawn.clone();
  };
  const auto first = replayed(1), second = replayed(2);
  EXPECT_FALSE(first.equal(second));
  seed_default_generators(1, device());
  EXPECT_TRUE(first.equal(at::rand({4}, device())));
  EXPECT_TRUE(first.equal(replayed(1)));
}

TEST_P(RecordedWorkOn, WhatCannotBeRecordedLeavesTheDeviceAsItWas) {
  if (!uses_cuda_graphs(device())) GTEST_SKIP() << "nothing is recorded there";
  at::Tensor drawn;
  const auto earlier = RecordedWork::record(device(), [&] { drawn = at::rand({4}, device()); });
  ASSERT_TRUE(earlier);
  const auto waits = [&] { at::rand({4}, device()).sum().item<float>(); };
  EXPECT_FALSE(RecordedWork::record(device(), waits));
  seed_default_generators(3, device());
  const auto first = at::rand({4}, device());
  seed_default_generators(3, device());
  EXPECT_TRUE(first.equal(at::rand({4}, device())));
  seed_default_generators(3, device());
  earlier->replay();
  EXPECT_TRUE(first.equal(drawn)) << "as before what could not be recorded";
}

}  // namespace
}  // namespace patronus
