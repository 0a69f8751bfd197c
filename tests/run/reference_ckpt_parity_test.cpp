#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/run/reference_checkpoint.h"
#include "support/named_tensors.h"
#include "support/parity.h"
#include "support/python.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// The case `<name>_check.pt` belongs to `<name>.tar`, with the config.txt beside it.
class ReferenceCheckpointParity : public testing::TestWithParam<fs::path> {
 protected:
  fs::path archive() const {
    const std::string stem = GetParam().stem().string();
    return GetParam().parent_path() / (stem.substr(0, stem.rfind("_check")) + ".tar");
  }
  Checkpoint imported() const {
    return read_reference_checkpoint({.checkpoint = archive(), .config = {}, .overrides = {}});
  }
  const Dict case_ = read_tensor_file(GetParam());
};

TEST_P(ReferenceCheckpointParity, ConfigTextSaysWhatTheModelIs) {
  const RunConfig config = read_reference_config(archive().parent_path() / "config.txt");
  const Dict& expected = case_.at("config").dict();
  EXPECT_EQ(config.data.channels, expected.at("input_channels").integer());
  EXPECT_EQ(config.data.size, expected.at("img_size").integer());
  EXPECT_EQ(config.model.prototypes.count, expected.at("num_proto").integer());
  EXPECT_EQ(config.model.unet.base_channels, expected.at("base_channels").integer());
  EXPECT_EQ(config.model.unet.multipliers, test::integers(expected.at("channel_mult")));
  EXPECT_EQ(config.model.unet.time_multiple, expected.at("time_multiple").integer());
  auto channels = test::integers(expected.at("plb_channels"));
  channels.erase(channels.begin());
  EXPECT_EQ(config.model.encoder.channels, channels);
  EXPECT_EQ(config.model.encoder.kernels, test::integers(expected.at("plb_kernels")));
  EXPECT_EQ(config.model.encoder.strides, test::integers(expected.at("plb_strides")));
  EXPECT_EQ(config.model.encoder.paddings, test::integers(expected.at("plb_paddings")));
  std::vector<int64_t> attention;
  const auto flags = test::integers(expected.at("apply_attention"));
  for (size_t level = 0; level < flags.size(); ++level) {
    if (flags[level]) attention.push_back(static_cast<int64_t>(level));
  }
  EXPECT_EQ(config.model.unet.attention_levels, attention);
}

TEST_P(ReferenceCheckpointParity, ImportedModelComputesTheSame) {
  const c10::NoGradGuard no_grad;
  const Checkpoint checkpoint = imported();
  PatronusModel model = make_model(checkpoint.config);
  model.load_state(checkpoint.model);
  model.eval();
  const auto& cond = case_.at("cond").tensor();
  EXPECT_TRUE(test::close(model.encoder->forward(case_.at("x0").tensor()).activation, cond, 1e-5));
  EXPECT_TRUE(test::close(model.unet->forward(case_.at("x").tensor(), case_.at("t").tensor(), cond),
                          case_.at("eps").tensor(), 1e-5));
}

TEST_P(ReferenceCheckpointParity, OptimizerStateIsFoundByName) {
  const Checkpoint checkpoint = imported();
  EXPECT_EQ(checkpoint.step, static_cast<int64_t>(case_.at("step").number()));
  EXPECT_DOUBLE_EQ(checkpoint.config.training.learning_rate, case_.at("lr").number());
  const List& names = case_.at("param_names_in_optimizer_order").list();
  size_t with_state = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    for (const std::string key : {"exp_avg", "exp_avg_sq"}) {
      const double expected = case_.at(key + "_l2").list()[i].number();
      const Value* moment = checkpoint.optimizer.at(key).dict().find(names[i].text());
      ASSERT_EQ(moment != nullptr, expected >= 0) << names[i].text();
      if (!moment) continue;
      with_state += key == "exp_avg";
      const double norm = moment->tensor().to(at::kDouble).norm().item<double>();
      EXPECT_NEAR(norm, expected, 1e-5 * expected + 1e-12) << key << " of " << names[i].text();
    }
  }
  EXPECT_EQ(with_state, case_.at("optimizer_state_indices").list().size());
}

TEST_P(ReferenceCheckpointParity, ExportEqualsTheOriginal) {
  const auto python = test::python_with("torch");
  if (!python) GTEST_SKIP() << "no Python with torch (set PATRONUS_PYTHON)";
  const test::TemporaryFolder folder;
  const Checkpoint checkpoint = imported();
  write_reference_checkpoint(folder.path(), checkpoint.config, checkpoint.model, checkpoint.optimizer);
  EXPECT_EQ(to_yaml(read_reference_config(folder / "config.txt")),
            to_yaml(read_reference_config(archive().parent_path() / "config.txt")));
  const auto outcome = test::run_python(*python, R"(
import sys, torch
ours, theirs = (torch.load(path, weights_only=True, map_location="cpu") for path in sys.argv[1:])
assert list(ours) == list(theirs) == ["opt", "scaler", "model"]
assert list(ours["model"]) == list(theirs["model"])
for key, value in theirs["model"].items():
    assert torch.equal(ours["model"][key], value) and ours["model"][key].dtype == value.dtype, key
assert list(ours["opt"]["state"]) == list(theirs["opt"]["state"])
for index, state in theirs["opt"]["state"].items():
    for key, value in state.items():
        mine = ours["opt"]["state"][index][key]
        assert torch.equal(mine, value) and mine.dtype == value.dtype, (index, key)
mine, group = ours["opt"]["param_groups"][0], theirs["opt"]["param_groups"][0]
assert mine["params"] == group["params"] and mine["lr"] == group["lr"] and tuple(mine["betas"]) == group["betas"]
assert set(ours["scaler"]) == set(theirs["scaler"])
)",
                                        {(folder / "ckpt.tar").string(), archive().string()});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ReferenceCheckpointParity);
INSTANTIATE_TEST_SUITE_P(Cases, ReferenceCheckpointParity,
                         testing::ValuesIn(test::parity_cases("reference_ckpt")), test::case_name);

}  // namespace
}  // namespace patronus
