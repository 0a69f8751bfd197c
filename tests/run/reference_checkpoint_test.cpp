#include "patronus/run/reference_checkpoint.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/named_tensors.h"
#include "support/parity.h"
#include "support/python.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

RunConfig small_config() {
  RunConfig config;
  config.data.kind = DataKind::kFashionMnist;
  config.data.channels = 1;
  config.data.size = 16;
  config.model.encoder = {.channels = {4, 6}, .kernels = {3, 3}, .strides = {2, 1}, .paddings = {1, 0}};
  config.model.prototypes.count = 5;
  config.model.unet.base_channels = 8;
  config.model.unet.multipliers = {1, 2};
  config.model.unet.attention_levels = {1};
  config.training.ema_decay = 0;
  config.training.learning_rate = 2e-4;
  config.training.distinct_weight = 0.25;
  config.training.distinct_margin = 0.3;
  return config;
}

/// AdamW's state as FusedAdamW gives it, each moment a function of its parameter's place.
Dict some_optimizer(const PatronusModel& model) {
  Dict exp_avg, exp_avg_sq, state;
  double value = 0;
  for (const auto& [name, tensor] : model.parameters()) {
    exp_avg.set(name, at::full_like(tensor, value += 0.5));
    exp_avg_sq.set(name, at::full_like(tensor, value * value));
  }
  state.set("step", int64_t{7});
  state.set("exp_avg", exp_avg);
  state.set("exp_avg_sq", exp_avg_sq);
  return state;
}

std::string import_failure(const ReferenceSource& source) {
  return test::message_of([&] { read_reference_checkpoint(source); });
}

TEST(ReferenceCheckpoint, AnExportedModelImportsAsItWas) {
  TemporaryFolder folder;
  const RunConfig config = small_config();
  const PatronusModel model = make_model(config);
  write_reference_checkpoint(folder / "export", config, model.state(), some_optimizer(model));
  const Checkpoint read =
      read_reference_checkpoint({.checkpoint = folder / "export/ckpt.tar", .config = {}, .overrides = {}});
  EXPECT_EQ(to_yaml(read.config), to_yaml(config));
  EXPECT_EQ(read.step, 7);
  EXPECT_TRUE(read.ema.empty());
  test::expect_same(read.model, model.state());
  const Dict& moments = read.optimizer.at("exp_avg_sq").dict();
  EXPECT_EQ(moments.size(), model.parameters().size());
  EXPECT_FLOAT_EQ(
      moments.at("first.weight").tensor().mean().item<float>(),
      some_optimizer(model).at("exp_avg_sq").dict().at("first.weight").tensor().mean().item<float>());
}

/// An exported model whose optimiser was changed by `change`.
ReferenceSource export_with_optimizer(const TemporaryFolder& folder,
                                      const std::function<void(Dict& opt)>& change) {
  const PatronusModel model = make_model(small_config());
  write_reference_checkpoint(folder.path(), small_config(), model.state(), some_optimizer(model));
  Dict file = read_tensor_file(folder / "ckpt.tar"), opt = file.at("opt").dict();
  change(opt);
  file.set("opt", opt);
  write_tensor_file(folder / "ckpt.tar", file);
  return {.checkpoint = folder / "ckpt.tar", .config = {}, .overrides = {}};
}

/// One in which `change` was at the state of every parameter.
ReferenceSource export_with_states(const TemporaryFolder& folder,
                                   const std::function<void(Dict& state)>& change) {
  return export_with_optimizer(folder, [&](Dict& opt) {
    Dict states = opt.at("state").dict();
    const Dict before = states;
    for (const auto& [key, value] : before.entries()) {
      Dict state = value.dict();
      change(state);
      states.set(key, state);
    }
    opt.set("state", states);
  });
}

/// One that has this value under `key` of its parameter group.
ReferenceSource export_with_setting(const TemporaryFolder& folder, const std::string& key, double value) {
  return export_with_optimizer(folder, [&](Dict& opt) {
    Dict group = opt.at("param_groups").list()[0].dict();
    group.set(key, value);
    opt.set("param_groups", List{group});
  });
}

TEST(ReferenceCheckpoint, AnOptimizerOfOldPyTorchCountsItsStepsInANumber) {
  TemporaryFolder folder;
  const auto source = export_with_states(folder, [](Dict& state) { state.set("step", int64_t{7}); });
  const Checkpoint read = read_reference_checkpoint(source);
  EXPECT_EQ(read.step, 7);
  EXPECT_EQ(read.optimizer.at("step").integer(), 7);
}

TEST(ReferenceCheckpoint, AStepIsOneWholeNumberFromZeroOn) {
  const auto complaint_about = [](const Value& step) {
    TemporaryFolder folder;
    const auto source = export_with_states(folder, [&](Dict& state) { state.set("step", step); });
    const std::string prefix = source.checkpoint.string() + ": opt.state step is ",
                      message = import_failure(source);
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
  };
  EXPECT_EQ(complaint_about(int64_t{0}), "no error");
  EXPECT_EQ(complaint_about(at::tensor({5, 6}, at::kFloat)), "a tensor [2]; expected one number");
  for (const auto& [step, shown] :
       {std::pair{std::nan(""), "nan"}, {HUGE_VAL, "inf"}, {-5.0, "-5"}, {2.5, "2.5"}, {1e19, "1e+19"}}) {
    const std::string expected = shown + std::string("; expected a whole number from 0 on");
    EXPECT_EQ(complaint_about(step), expected);
    EXPECT_EQ(complaint_about(at::scalar_tensor(step, at::kDouble)), expected);
  }
}

TEST(ReferenceCheckpoint, MomentsThatAreNotFiniteAreRefused) {
  for (const std::string key : {"exp_avg", "exp_avg_sq"}) {
    TemporaryFolder folder;
    const auto source = export_with_states(
        folder, [&](Dict& state) { state.set(key, at::full_like(state.at(key).tensor(), std::nan(""))); });
    const std::string message = import_failure(source);
    EXPECT_TRUE(message.starts_with(source.checkpoint.string() + ": tensor opt.state " + key + " of "))
        << message;
  }
}

TEST(ReferenceCheckpoint, SettingsOfTheOptimizerMustBeOnesThatARunMayHave) {
  TemporaryFolder folder;
  const std::string path = (folder / "ckpt.tar").string();
  EXPECT_EQ(import_failure(export_with_setting(folder, "weight_decay", 5)),
            path + ": training.weight_decay must be 0 to 1, got 5");
  auto source = export_with_setting(folder, "lr", -1);
  EXPECT_EQ(import_failure(source), path + ": training.learning_rate must be above 0, got -1");
  source.overrides = {"training.learning_rate=1e-4"};
  EXPECT_EQ(import_failure(source), "no error");
}

TEST(ReferenceCheckpoint, ALearningRateThatHasFallenToZeroLeavesThatOfTheSettings) {
  TemporaryFolder folder;
  const auto source = export_with_setting(folder, "lr", 0);
  testing::internal::CaptureStderr();
  const Checkpoint read = read_reference_checkpoint(source);
  EXPECT_NE(testing::internal::GetCapturedStderr().find(
                "ckpt.tar: the optimizer's learning rate has fallen to 0; that of the settings is kept"),
            std::string::npos);
  EXPECT_EQ(read.config.training.learning_rate, small_config().training.learning_rate);
}

TEST(ReferenceCheckpoint, OverridesBeatWhatTheOptimizerSays) {
  TemporaryFolder folder;
  const RunConfig config = small_config();
  const PatronusModel model = make_model(config);
  write_reference_checkpoint(folder.path(), config, model.state(), some_optimizer(model));
  const Checkpoint read = read_reference_checkpoint(
      {.checkpoint = folder / "ckpt.tar", .config = {}, .overrides = {"training.learning_rate=0.5"}});
  EXPECT_EQ(read.config.training.learning_rate, 0.5);
  EXPECT_EQ(read.config.training.weight_decay, config.training.weight_decay);
}

TEST(ReferenceCheckpoint, APathGivenAsAWordIsStoredAbsolute) {
  TemporaryFolder folder;
  const RunConfig config = small_config();
  const PatronusModel model = make_model(config);
  write_reference_checkpoint(folder.path(), config, model.state(), some_optimizer(model));
  const DataConfig data =
      read_reference_checkpoint(
          {.checkpoint = folder / "ckpt.tar", .config = {}, .overrides = {"data.path=pictures"}})
          .config.data;
  EXPECT_EQ(data.path, (std::filesystem::current_path() / "pictures").string());
  EXPECT_EQ(data.typed_path, "pictures");
}

TEST(ReferenceCheckpoint, ExportFoldsStandardisationExactly) {
  const c10::NoGradGuard no_grad;
  TemporaryFolder folder;
  RunConfig config = small_config();
  config.model.prototypes.standardize = true;
  PatronusModel model = make_model(config);
  for (auto& [name, tensor] : model.state()) {
    if (name == "cond_norm.running_mean") tensor.copy_(at::linspace(0.5, 3, 5));
    if (name == "cond_norm.running_var") tensor.copy_(at::linspace(1e-4, 2, 5));
  }
  write_reference_checkpoint(folder.path(), config, model.state(), some_optimizer(model));
  const Checkpoint read =
      read_reference_checkpoint({.checkpoint = folder / "ckpt.tar", .config = {}, .overrides = {}});
  EXPECT_FALSE(read.config.model.prototypes.standardize);
  EXPECT_EQ(read.optimizer.size(), 0u);
  PatronusModel plain = make_model(read.config);
  plain.load_state(read.model);
  model.eval();
  plain.eval();
  const auto x = at::randn({3, 1, 16, 16});
  const auto t = at::tensor({0, 5, 999});
  const auto activations = at::rand({3, 5}) * 4;
  EXPECT_TRUE(
      test::close(plain.unet->forward(x, t, activations), model.unet->forward(x, t, activations), 1e-5));
}

TEST(ReferenceCheckpoint, PythonLoadsAnExportStrictlyByPosition) {
  const auto python = test::python_with("torch");
  if (!python) GTEST_SKIP() << "no Python with torch (set PATRONUS_PYTHON)";
  TemporaryFolder folder;
  const RunConfig config = small_config();
  const PatronusModel model = make_model(config);
  write_reference_checkpoint(folder.path(), config, model.state(), some_optimizer(model));
  const auto outcome = test::run_python(*python, R"(
import sys, torch
class device(str):  # what the printed configuration calls
    def __new__(cls, type): return super().__new__(cls, type)
config = eval(open(sys.argv[2]).read())
assert config["BaseConfig"]["DEVICE"] == "cpu" and config["TrainingConfig"]["plb_channel_inputs"] == (1, 4, 6)
assert config["ModelConfig"]["APPLY_ATTENTION"] == (False, True) and config["TrainingConfig"]["loss_lambda"] == (1.0, 0.25)
ckpt = torch.load(sys.argv[1], weights_only=True)
frozen = {"proactBlock.ones", "time_embeddings.time_blocks.0.weight"}
parameters = [torch.nn.Parameter(v, requires_grad=k not in frozen) for k, v in ckpt["model"].items()]
optimizer = torch.optim.AdamW(parameters, lr=1.0)
optimizer.load_state_dict(ckpt["opt"])
assert optimizer.param_groups[0]["lr"] == 2e-4
assert sum(p in optimizer.state for p in parameters) == len(parameters) - 2
for p in parameters:
    if p.requires_grad: p.grad = torch.ones_like(p)
optimizer.step()
assert optimizer.state[parameters[0]]["step"] == 8 and all(v.dtype == torch.float32 for v in ckpt["model"].values())
torch.amp.GradScaler("cpu").load_state_dict(ckpt["scaler"])
)",
                                        {(folder / "ckpt.tar").string(), (folder / "config.txt").string()});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
}

TEST(ReferenceCheckpoint, ThePickledSettingsArePlainDataAndTheDeviceThatIsAskedFor) {
  const auto python = test::python_with("torch");
  if (!python) GTEST_SKIP() << "no Python with torch (set PATRONUS_PYTHON)";
  TemporaryFolder folder;
  const RunConfig config = small_config();
  write_reference_checkpoint(folder / "cpu", config, make_model(config).state(), Dict());
  write_reference_checkpoint(folder / "gpu", config, make_model(config).state(), Dict(), "cuda:1");
  const auto outcome = test::run_python(*python, R"(
import pickle, sys, torch
def kept(folder):
    with open(folder + "/config.pickle", "rb") as file: return pickle.load(file)
def printed(folder):
    return eval(open(folder + "/config.txt").read(), {"device": torch.device})
cpu, gpu = kept(sys.argv[1]), kept(sys.argv[2])
assert cpu == printed(sys.argv[1]) and gpu == printed(sys.argv[2])
assert cpu["BaseConfig"].pop("DEVICE") == torch.device("cpu") and gpu["BaseConfig"].pop("DEVICE") == torch.device("cuda:1")
assert cpu == gpu and list(cpu) == ["BaseConfig", "ModelConfig", "TrainingConfig"]
assert cpu["TrainingConfig"]["IMG_SHAPE"] == (1, 16, 16) and cpu["ModelConfig"]["APPLY_ATTENTION"] == (False, True)
model = torch.load(sys.argv[1] + "/ckpt.tar", map_location="cpu")["model"]
assert model["proactBlock.prototype_vectors"].shape[0] == cpu["TrainingConfig"]["NUM_PROTOS"]
assert model["first.weight"].shape[:2] == (cpu["ModelConfig"]["BASE_CH"], cpu["TrainingConfig"]["IMG_SHAPE"][0])
)",
                                        {(folder / "cpu").string(), (folder / "gpu").string()});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(test::message_of([&] {
              write_reference_checkpoint(folder / "tpu", config, make_model(config).state(), Dict(), "tpu");
            }),
            "stored device 'tpu': expected cpu, cuda or cuda:N");
}

TEST(ReferenceCheckpoint, SaysWhetherTheStateOfTheOptimizerIsInIt) {
  TemporaryFolder folder;
  RunConfig config = small_config();
  const auto write = [&](const Dict& optimizer) {
    const PatronusModel model = make_model(config);
    const bool kept = write_reference_checkpoint(folder.path(), config, model.state(), optimizer);
    const Dict file = read_tensor_file(folder / "ckpt.tar");
    EXPECT_EQ(file.find("opt") != nullptr, kept);
    EXPECT_EQ(file.find("scaler") != nullptr, kept);
    return kept;
  };
  const Dict adamw = some_optimizer(make_model(config));
  EXPECT_TRUE(write(adamw));
  EXPECT_FALSE(write({}));
  Dict with_muon = adamw;
  with_muon.set("momentum", Dict());
  EXPECT_FALSE(write(with_muon)) << "the authors' code has no Muon";
  config.model.prototypes.standardize = true;
  EXPECT_FALSE(write(adamw)) << "moments of the unfolded layer do not carry over";
}

TEST(ReferenceCheckpoint, IsFoundInTheFolderOfTheAuthorsWeights) {
  TemporaryFolder folder;
  const RunConfig config = small_config();
  const fs::path nested = folder / "records/CelebA-train/checkpoints/version_4";
  fs::create_directories(nested);
  EXPECT_EQ(import_failure({.checkpoint = folder / "absent", .config = {}, .overrides = {}}),
            (folder / "absent").string() +
                ": no such file or folder; expected the reference's ckpt.tar, or a folder that holds it");
  const ReferenceSource source{.checkpoint = folder.path(), .config = {}, .overrides = {}};
  EXPECT_EQ(import_failure(source), folder.path().string() + ": there is no ckpt.tar in it, nor below");
  write_reference_checkpoint(nested, config, make_model(config).state(), Dict());
  const std::string printed = to_yaml(read_reference_checkpoint(source).config);
  fs::remove(nested / "config.txt");
  EXPECT_EQ(to_yaml(read_reference_checkpoint(source).config), printed) << "of config.pickle";
  write_file(folder / "ckpt.tar", "");
  EXPECT_EQ(import_failure(source), folder.path().string() + ": holds several checkpoints; name one of " +
                                        (folder / "ckpt.tar").string() + ", " +
                                        (nested / "ckpt.tar").string());
}

TEST(ReferenceCheckpoint, RefusesAllThatTheAuthorsCodeCannotRepresentAtOnce) {
  RunConfig config = small_config();
  EXPECT_NO_THROW(require_reference_representable(config));
  config.diffusion = {.timesteps = 2000, .schedule = BetaSchedule::kCosine, .prediction = PredictionKind::kV};
  config.model.unet.unshuffle = 2;
  config.model.unet.residual_blocks = 1;
  config.model.unet.condition = ConditionKind::kScaleShift;
  config.model.unet.condition_embedding = ConditionEmbedding::kLinear;
  config.model.prototypes.activation = ActivationKind::kLinear;
  EXPECT_EQ(test::message_of([&] { write_reference_checkpoint("/nowhere", config, {}, Dict()); }),
            "the authors' code cannot represent diffusion.prediction=v, diffusion.schedule=cosine, "
            "diffusion.timesteps=2000, model.unet.unshuffle=2, model.unet.residual_blocks=1, "
            "model.unet.condition=scale_shift, model.unet.condition_embedding=linear, "
            "model.prototypes.activation=linear; it has noise prediction, the linear schedule of at most "
            "1000 timesteps, "
            "unshuffle 1, 2 residual blocks, an added condition made by an MLP, and the log activation");
}

TEST(ReferenceCheckpoint, WithoutConfigSettingsThatNoTensorTellsMustBeGiven) {
  TemporaryFolder folder;
  const RunConfig config = small_config();
  write_reference_checkpoint(folder.path(), config, make_model(config).state(), Dict());
  fs::remove(folder / "config.txt");
  fs::remove(folder / "config.pickle");
  ReferenceSource source{.checkpoint = folder / "ckpt.tar", .config = {}, .overrides = {}};
  EXPECT_EQ(
      import_failure(source),
      source.checkpoint.string() +
          ": no config.txt or config.pickle beside it, and tensors do not tell strides, paddings and image "
          "size (they tell "
          "data.channels=1, model.encoder.channels=[4, 6], model.encoder.kernels=[3, 3], "
          "model.prototypes.count=5, "
          "model.unet.base_channels=8, model.unet.multipliers=[1, 2]); name the authors' settings, or give "
          "data.size, model.encoder.strides and model.encoder.paddings, one entry a layer");
  source.overrides = {"data.size=16", "model.encoder.strides=[2, 1]", "model.encoder.paddings=[1, 0]"};
  const Checkpoint read = read_reference_checkpoint(source);
  EXPECT_EQ(read.config.model.unet.attention_levels, config.model.unet.attention_levels);
  EXPECT_EQ(read.config.model.unet.residual_blocks, 2);
  EXPECT_EQ(read.config.model.unet.time_multiple, 4);
  EXPECT_EQ(read.optimizer.size(), 0u);
}

TEST(ReferenceCheckpoint, NamesTensorAndBothShapesWhereConfigAndWeightsDisagree) {
  TemporaryFolder folder;
  const RunConfig config = small_config();
  write_reference_checkpoint(folder.path(), config, make_model(config).state(), Dict());
  const ReferenceSource source{
      .checkpoint = folder / "ckpt.tar", .config = {}, .overrides = {"data.channels=3"}};
  EXPECT_EQ(import_failure(source),
            source.checkpoint.string() +
                ": tensor proactBlock.encoder.features.0.weight is [4, 1, 3, 3], the model "
                "wants [4, 3, 3, 3]");
}

TEST(ReferenceCheckpoint, RefusesFilesThatAreNotTheAuthors) {
  TemporaryFolder folder;
  Dict other;
  other.set("weights", at::zeros({2}));
  write_tensor_file(folder / "other.pt", other);
  EXPECT_EQ(import_failure({.checkpoint = folder / "other.pt", .config = {}, .overrides = {}}),
            (folder / "other.pt").string() + ": no entry 'model'");
  Dict ours;
  ours.set("format", std::string("patronus-checkpoint"));
  write_tensor_file(folder / "ours.pt", ours);
  EXPECT_EQ(import_failure({.checkpoint = folder / "ours.pt", .config = {}, .overrides = {}}),
            (folder / "ours.pt").string() +
                ": a checkpoint of this program already; use it with --checkpoint, or train on with --from");
  other.set("model", other);
  write_tensor_file(folder / "other.pt", other);
  EXPECT_EQ(import_failure({.checkpoint = folder / "other.pt", .config = {}, .overrides = {}}),
            (folder / "other.pt").string() + ": not a reference model: it has no tensor first.weight");
}

/// An exported model whose tensors were changed by `change(name, tensor)`, which gives the name to write.
ReferenceSource changed_export(const TemporaryFolder& folder,
                               const std::function<std::string(const std::string&, at::Tensor&)>& change) {
  write_reference_checkpoint(folder.path(), small_config(), make_model(small_config()).state(), {});
  Dict model, file;
  const Dict exported = read_tensor_file(folder / "ckpt.tar");
  for (const auto& [name, value] : exported.at("model").dict().entries()) {
    at::Tensor tensor = value.tensor();
    const std::string new_name = change(name, tensor);
    model.set(new_name, tensor);
  }
  file.set("model", model);
  write_tensor_file(folder / "ckpt.tar", file);
  return {.checkpoint = folder / "ckpt.tar", .config = {}, .overrides = {}};
}

TEST(ReferenceCheckpoint, NamesOfWrappedModelsAreTakenOff) {
  for (const std::string prefix : {"module.", "_orig_mod.", "_orig_mod.module."}) {
    TemporaryFolder folder;
    const auto source =
        changed_export(folder, [&](const std::string& name, at::Tensor&) { return prefix + name; });
    const Checkpoint read = read_reference_checkpoint(source);
    EXPECT_EQ(read.model.front().first, make_model(small_config()).state().front().first) << prefix;
  }
}

TEST(ReferenceCheckpoint, WeightsThatAreNotFiniteAreRefused) {
  TemporaryFolder folder;
  const auto source = changed_export(folder, [](const std::string& name, at::Tensor& tensor) {
    if (name == "first.bias") tensor = at::full_like(tensor, std::numeric_limits<float>::quiet_NaN());
    return name;
  });
  EXPECT_EQ(
      import_failure(source),
      source.checkpoint.string() +
          ": tensor first.bias holds values that are not finite, of a training that diverged or a damaged "
          "file; take an earlier one");
}

TEST(ReferenceConfig, NamesEntriesThatAreMissingOrWrong) {
  TemporaryFolder folder;
  const fs::path path = folder / "config.txt";
  const RunConfig config = small_config();
  write_reference_checkpoint(folder.path(), config, make_model(config).state(), Dict());
  const std::string good = test::file_text(path);
  const auto complaint_about = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    write_file(path, text);
    const std::string message = test::message_of([&] { read_reference_config(path); });
    EXPECT_TRUE(message.starts_with(path.string())) << message;
    return message.substr(path.string().size());
  };
  EXPECT_EQ(complaint_about("'NUM_PROTOS': 5", "'PROTOS': 5"),
            ": not the authors' config.txt: no entry 'NUM_PROTOS'");
  EXPECT_EQ(complaint_about("'NUM_PROTOS': 5", "'NUM_PROTOS': 'x'"),
            ": not the authors' config.txt: TrainingConfig.NUM_PROTOS: found text; expected an integer");
  EXPECT_EQ(complaint_about("'NUM_PROTOS': 5", "'NUM_PROTOS': 0"),
            ": model.prototypes.count must be 1 to 4096, got 0");
  EXPECT_EQ(complaint_about("'basic_conv'", "'resnet'"),
            ": TrainingConfig.encoder_type: 'resnet' is not known; expected 'basic_conv'");
  EXPECT_EQ(complaint_about("(1, 16, 16)", "(1, 16, 8)"),
            ": TrainingConfig.IMG_SHAPE: expected (channels, side, side) of square images, above 0");
  EXPECT_EQ(complaint_about("(1, 16, 16)", "(1, 0, 0)"),
            ": TrainingConfig.IMG_SHAPE: expected (channels, side, side) of square images, above 0");
  EXPECT_EQ(complaint_about("'LR': 2e-04", "'LR': lr()"),
            ":36: 'lr' is not plain data; expected a literal or device(type=...)");
  EXPECT_EQ(test::message_of([] { read_reference_config("/nowhere/config.txt"); }),
            "/nowhere/config.txt: cannot be read: No such file or directory");
}

TEST(ReferenceConfig, WhatTheFileDoesNotSayIsOurDefaultButForWhatTheAuthorsDoOtherwise) {
  TemporaryFolder folder;
  const fs::path path = folder / "config.txt";
  write_reference_checkpoint(folder.path(), small_config(), make_model(small_config()).state(), Dict());
  std::string text = test::file_text(path);
  for (const char* key :
       {"ds_name", "APPLY_ATTENTION", "DROPOUT_RATE", "TIME_EMB_MULT", "loss_lambda", "loss_fn",
        "distinct_margin", "TIMESTEPS", "BATCH_SIZE", "NUM_EPOCHS", "LR", "encoder_type"}) {
    const std::string quoted = "'" + std::string(key) + "'";
    ASSERT_NE(text.find(quoted), std::string::npos) << key;
    text.replace(text.find(quoted), quoted.size(), "'no_" + std::string(key) + "'");
  }
  write_file(path, text);
  const RunConfig read = read_reference_config(path), ours;
  EXPECT_EQ(read.data.kind, DataKind::kImages);
  EXPECT_EQ(read.data.path, "");
  EXPECT_TRUE(read.model.unet.attention_levels.empty());
  EXPECT_EQ(read.model.unet.dropout, ours.model.unet.dropout);
  EXPECT_EQ(read.model.unet.time_multiple, ours.model.unet.time_multiple);
  EXPECT_EQ(read.diffusion.timesteps, ours.diffusion.timesteps);
  EXPECT_EQ(read.training.batch_size, ours.training.batch_size);
  EXPECT_EQ(read.training.epochs, ours.training.epochs);
  EXPECT_EQ(read.training.learning_rate, ours.training.learning_rate);
  EXPECT_EQ(read.training.distinct_weight, ours.training.distinct_weight);
  EXPECT_EQ(read.training.ema_decay, 0);
  EXPECT_EQ(read.training.distinct_margin, 0.2);
}

TEST(ReferenceConfig, TheDistinctLossIsFoundByItsNameAndAMarginOfZeroIsNone) {
  TemporaryFolder folder;
  const fs::path path = folder / "config.txt";
  write_reference_checkpoint(folder.path(), small_config(), make_model(small_config()).state(), Dict());
  const std::string good = test::file_text(path);
  const auto read_with = [&](const std::string& key, const std::string& value) {
    std::string text = good;
    const size_t entry = text.find("'" + key + "'");
    EXPECT_NE(entry, std::string::npos) << key;
    text.replace(entry, text.find('\n', entry) - entry, "'" + key + "': " + value + ",");
    write_file(path, text);
    return read_reference_config(path).training;
  };
  EXPECT_EQ(read_with("loss_fn", "('distinct', 'denoiser')").distinct_weight, 4) << "1 to 0.25";
  EXPECT_EQ(read_with("loss_lambda", "(0.5, 1.0)").distinct_weight, 2) << "of a loss whose denoiser weighs 1";
  EXPECT_EQ(read_with("loss_fn", "('denoiser',)").distinct_weight, TrainingConfig().distinct_weight);
  EXPECT_EQ(read_with("loss_lambda", "(0.5,)").distinct_weight, TrainingConfig().distinct_weight);
  EXPECT_EQ(read_with("distinct_margin", "0.5").distinct_margin, 0.5);
  for (const char* none : {"0", "0.0", "None"}) {
    EXPECT_EQ(read_with("distinct_margin", none).distinct_margin, 0.2) << none;
  }
}

TEST(ReferenceConfig, OfADataSetIsToldByHowItsNameBegins) {
  TemporaryFolder folder;
  const fs::path path = folder / "config.txt";
  write_reference_checkpoint(folder.path(), small_config(), make_model(small_config()).state(), Dict());
  const std::string good = test::file_text(path), name = "'ds_name': 'FMNIST_clean'";
  ASSERT_NE(good.find(name), std::string::npos) << good;
  const auto kind_of = [&](const std::string& other) {
    std::string text = good;
    text.replace(text.find(name), name.size(), "'ds_name': '" + other + "'");
    write_file(path, text);
    return read_reference_config(path).data.kind;
  };
  EXPECT_EQ(kind_of("FMNIST_clean_2"), DataKind::kFashionMnist);
  EXPECT_EQ(kind_of("CelebA_64"), DataKind::kCeleba);
  EXPECT_EQ(kind_of("CIFAR10"), DataKind::kCifar10);
  EXPECT_EQ(kind_of("CHEXPERT_CardioPM"), DataKind::kChexpert);
  EXPECT_EQ(kind_of("my CelebA"), DataKind::kImages);
}

TEST(InferredConfig, LeavesOpenWhatNoTensorTells) {
  const RunConfig config = small_config(), inferred = infer_reference_config(make_model(config).state());
  EXPECT_EQ(inferred.data.channels, 1);
  EXPECT_EQ(inferred.data.size, 0);
  EXPECT_TRUE(inferred.model.encoder.strides.empty());
  EXPECT_TRUE(inferred.model.encoder.paddings.empty());
  EXPECT_EQ(inferred.model.encoder.channels, config.model.encoder.channels);
  EXPECT_EQ(inferred.model.unet.multipliers, config.model.unet.multipliers);
  EXPECT_EQ(inferred.training.ema_decay, 0);
  EXPECT_EQ(inferred.training.distinct_margin, 0.2);
}

TEST(InferredConfig, OfTensorsThatAreNotSuchAModelsIsRefusedByTheFirstThatIsMissing) {
  const NamedTensors model = make_model(small_config()).state();
  for (const std::string name :
       {"first.weight", "proactBlock.prototype_vectors", "time_embeddings.time_blocks.1.weight"}) {
    NamedTensors others = model;
    std::erase_if(others, [&](const auto& item) { return item.first == name; });
    EXPECT_LT(others.size(), model.size());
    EXPECT_EQ(test::message_of([&] { infer_reference_config(others); }),
              "not a reference model: it has no tensor " + name);
  }
  EXPECT_EQ(test::message_of([&] {
              infer_reference_config({{"first.weight", at::ones({3})}});
            }),
            "not a reference model: it has no tensor first.weight")
      << "of one dimension";
}

TEST(ReferenceConfig, MayHaveBeenSavedByAnEditorWithAByteOrderMark) {
  TemporaryFolder folder;
  const fs::path path = folder / "config.txt";
  write_reference_checkpoint(folder.path(), small_config(), make_model(small_config()).state(), Dict());
  const std::string text = test::file_text(path), plain = to_yaml(read_reference_config(path));
  write_file(path, "\xEF\xBB\xBF" + text);
  EXPECT_EQ(to_yaml(read_reference_config(path)), plain);
}

TEST(ReferenceConfig, InAnotherEncodingIsNamed) {
  TemporaryFolder folder;
  const fs::path path = folder / "config.txt";
  write_file(path, "{'BaseConfig': {'repo_home_dir': '/home/J\xFCrgen'}}");
  EXPECT_EQ(test::message_of([&] { read_reference_config(path); }),
            path.string() + ": no text in UTF-8; save it as UTF-8");
}

}  // namespace
}  // namespace patronus
