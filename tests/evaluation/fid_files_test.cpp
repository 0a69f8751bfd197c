#include "patronus/evaluation/fid_files.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/interop/npz.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/run/checkpoint.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/python.h"
#include "support/run_program.h"

namespace patronus {
namespace {

using test::TemporaryFolder;

/// The network with weights by formula in its first convolutions.
Inception partly_filled_inception() {
  Inception inception;
  for (const auto& [name, tensor] : module_state(*inception)) {
    if (name.starts_with("Conv2d_") && tensor.is_floating_point())
      tensor.copy_(test::formula_tensor(name, tensor.sizes(), 3, 1.0));
  }
  return inception;
}

at::Tensor some_features(Inception& inception) {
  return inception(at::randint(0, 256, {1, 3, 8, 8}, make_generator(1), at::kByte), 64);
}

TEST(FidFiles, WeightsAreReadFromEitherFormatOfPyTorch) {
  TemporaryFolder folder;
  auto original = partly_filled_inception();
  write_tensor_file(folder / "zip.pth", to_dict(module_state(*original)));
  auto from_zip = read_inception(folder / "zip.pth");
  EXPECT_TRUE(at::equal(some_features(from_zip), some_features(original)));

  const auto python = test::python_with("torch");
  if (!python) GTEST_SKIP() << "no Python with torch (set PATRONUS_PYTHON)";
  const auto outcome = test::run_python(*python, R"(
import sys, torch
from collections import OrderedDict
state = OrderedDict(torch.load(sys.argv[1], weights_only=True))
state._metadata = OrderedDict({"": {"version": 1}})
torch.save(state, sys.argv[2], _use_new_zipfile_serialization=False)
)",
                                        {(folder / "zip.pth").string(), (folder / "old.pth").string()});
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  auto from_old = read_inception(folder / "old.pth");
  EXPECT_TRUE(at::equal(some_features(from_old), some_features(original)));
}

TEST(FidFiles, WeightsOfAnotherNetworkAreRefusedWithThePath) {
  TemporaryFolder folder;
  const auto path = folder / "resnet.pth";
  Dict state;
  state.set("conv1.weight", at::zeros({4, 3, 7, 7}));
  write_tensor_file(path, state);
  EXPECT_EQ(
      test::message_of([&] { read_inception(path); }),
      path.string() +
          ": the weights are of another model: 472 tensors are missing (Conv2d_1a_3x3.conv.weight, "
          "Conv2d_1a_3x3.bn.weight, Conv2d_1a_3x3.bn.bias, ...) and 1 tensor is unknown (conv1.weight); "
          "expected those of pytorch-fid's Inception");
  state = to_dict(module_state(*Inception()));
  state.set("fc.weight", at::zeros({1000, 2048}));
  write_tensor_file(path, state);
  EXPECT_EQ(test::message_of([&] { read_inception(path); }),
            path.string() + ": tensor fc.weight is [1000, 2048], the model wants [1008, 2048]");
  state = Dict();
  state.set("epoch", int64_t{3});
  write_tensor_file(path, state);
  EXPECT_EQ(test::message_of([&] { read_inception(path); }),
            path.string() + ": found an integer; expected a tensor");
}

TEST(FidFiles, StatisticsThatAreWrittenReadBack) {
  TemporaryFolder folder;
  const auto statistics = feature_statistics(at::randn({20, 4}, make_generator(1)));
  write_feature_statistics(folder / "a.npz", statistics);
  const auto read = read_feature_statistics(folder / "a.npz");
  EXPECT_TRUE(at::equal(read.mean, statistics.mean));
  EXPECT_TRUE(at::equal(read.covariance, statistics.covariance));
  EXPECT_EQ(read.count, 0) << "a file does not say of how many vectors";
  EXPECT_NEAR(frechet_distance(read, statistics), 0, 1e-12);
}

TEST(FidFiles, StatisticsOfOtherShapesOrNotFiniteAreRefused) {
  TemporaryFolder folder;
  const auto path = folder / "a.npz";
  const auto refusal = [&](const at::Tensor& mu, const at::Tensor& sigma) {
    write_npz(path, {{"mu", mu}, {"sigma", sigma}});
    return test::message_of([&] { read_feature_statistics(path); });
  };
  EXPECT_EQ(refusal(at::zeros({3}), at::zeros({3, 4})),
            path.string() + ": mu is [3] and sigma [3, 4]; expected [D] and [D, D]");
  EXPECT_EQ(refusal(at::zeros({3, 3}), at::zeros({3, 3})),
            path.string() + ": mu is [3, 3] and sigma [3, 3]; expected [D] and [D, D]");
  EXPECT_EQ(refusal(at::full({3}, NAN), at::zeros({3, 3})),
            path.string() + ": mu or sigma has values that are not finite");
}

}  // namespace
}  // namespace patronus
