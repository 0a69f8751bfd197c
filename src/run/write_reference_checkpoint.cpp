#include "patronus/run/reference_checkpoint.h"

#include <ATen/Functions.h>

#include <utility>

#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/interop/pickle_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/make_folder.h"
#include "run/reference_config.h"

namespace patronus {
namespace {

constexpr double kBatchNormEps = 1e-5;
constexpr int64_t kReferenceTimeRows = 1000;

/// Folds standardisation into a layer on raw activations a: y = W (a - mean) / sqrt(var + eps) + b.
void fold_standardisation(const at::Tensor& mean, const at::Tensor& variance, at::Tensor& weight,
                          at::Tensor& bias) {
  const auto scaled = weight.to(at::kDouble) / (variance.to(at::kDouble) + kBatchNormEps).sqrt();
  bias = (bias.to(at::kDouble) - scaled.mv(mean.to(at::kDouble))).to(at::kFloat);
  weight = scaled.to(at::kFloat);
}

NamedTensors reference_weights(const NamedTensors& weights) {
  NamedTensors result;
  at::Tensor mean, variance;
  for (const auto& [name, tensor] : weights) {
    const auto plain = tensor.detach().to(at::kCPU).contiguous();
    if (name == "cond_norm.running_mean") mean = plain;
    if (name == "cond_norm.running_var") variance = plain;
    if (!name.starts_with("cond_norm.")) result.emplace_back(name, plain.to(at::kFloat));
  }
  if (!mean.defined()) return result;
  const auto find = [&](const std::string& name) -> at::Tensor& {
    for (auto& [candidate, tensor] : result) {
      if (candidate == name) return tensor;
    }
    throw Error("no tensor " + name + " to fold the standardisation into");
  };
  fold_standardisation(mean, variance, find("cond_embeddings.vector_fc.0.weight"),
                       find("cond_embeddings.vector_fc.0.bias"));
  return result;
}

Dict parameter_group(const RunConfig& config, size_t parameters) {
  List positions;
  for (size_t i = 0; i < parameters; ++i) positions.push_back(static_cast<int64_t>(i));
  Dict group;
  group.set("lr", config.training.learning_rate);
  group.set("betas", List{0.9, 0.999});
  group.set("eps", 1e-8);
  group.set("weight_decay", config.training.weight_decay);
  for (const char* flag : {"amsgrad", "maximize", "capturable", "differentiable"}) group.set(flag, false);
  for (const char* choice : {"foreach", "fused"}) group.set(choice, Value());
  group.set("params", positions);
  return group;
}

Dict reference_optimizer(const RunConfig& config, const NamedTensors& weights, const Dict& optimizer) {
  const auto step = static_cast<float>(optimizer.at("step").integer());
  const Dict& exp_avg = optimizer.at("exp_avg").dict();
  const Dict& exp_avg_sq = optimizer.at("exp_avg_sq").dict();
  Dict state;
  state.integer_keys = true;
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto& name = weights[i].first;
    if (!exp_avg.find(name)) continue;
    Dict entry;
    entry.set("step", at::scalar_tensor(step, at::kFloat));
    entry.set("exp_avg", exp_avg.at(name));
    entry.set("exp_avg_sq", exp_avg_sq.at(name));
    state.set(std::to_string(i), std::move(entry));
  }
  Dict result;
  result.set("state", std::move(state));
  result.set("param_groups", List{parameter_group(config, weights.size())});
  return result;
}

/// Initial state of the reference's GradScaler.
Dict reference_scaler() {
  Dict scaler;
  scaler.set("scale", 65536.0);
  scaler.set("growth_factor", 2.0);
  scaler.set("backoff_factor", 0.5);
  scaler.set("growth_interval", int64_t{2000});
  scaler.set("_growth_tracker", int64_t{0});
  return scaler;
}

void require_device_name(const std::string& name) {
  try {
    const at::Device device(name);
    if (device.is_cpu() || device.is_cuda()) return;
  } catch (const c10::Error&) {
  }
  throw ConfigError("stored device '" + name + "': expected cpu, cuda or cuda:N");
}

}  // namespace

void require_reference_representable(const RunConfig& config) {
  const auto& model = config.model;
  std::vector<std::string> reasons;
  const auto refuse = [&](bool unknown, const std::string& setting) {
    if (unknown) reasons.push_back(setting);
  };
  refuse(config.diffusion.prediction != PredictionKind::kNoise,
         "diffusion.prediction=" + to_string(config.diffusion.prediction));
  refuse(config.diffusion.schedule != BetaSchedule::kLinear,
         "diffusion.schedule=" + to_string(config.diffusion.schedule));
  refuse(config.diffusion.timesteps > kReferenceTimeRows,
         "diffusion.timesteps=" + std::to_string(config.diffusion.timesteps));
  refuse(model.unet.unshuffle != 1, "model.unet.unshuffle=" + std::to_string(model.unet.unshuffle));
  refuse(model.unet.residual_blocks != 2,
         "model.unet.residual_blocks=" + std::to_string(model.unet.residual_blocks));
  refuse(model.unet.condition != ConditionKind::kAdd,
         "model.unet.condition=" + to_string(model.unet.condition));
  refuse(model.unet.condition_embedding != ConditionEmbedding::kMlp,
         "model.unet.condition_embedding=" + to_string(model.unet.condition_embedding));
  refuse(model.prototypes.activation != ActivationKind::kLog,
         "model.prototypes.activation=" + to_string(model.prototypes.activation));
  if (reasons.empty()) return;
  throw ConfigError(
      "the authors' code cannot represent " + join(reasons) +
      "; it has noise prediction, the linear schedule of at most 1000 timesteps, unshuffle 1, 2 residual "
      "blocks, an added condition made by an MLP, and the log activation");
}

bool write_reference_checkpoint(const std::filesystem::path& folder, const RunConfig& config,
                                const NamedTensors& weights, const Dict& optimizer,
                                const std::string& device) {
  require_reference_representable(config);
  require_device_name(device);
  const NamedTensors model = reference_weights(weights);
  Dict file;
  // The reference's optimiser is AdamW over all parameters; any other state cannot be written.
  const bool has_optimizer =
      optimizer.size() > 0 && !optimizer.find("momentum") && !config.model.prototypes.standardize;
  if (has_optimizer) {
    file.set("opt", reference_optimizer(config, model, optimizer));
    file.set("scaler", reference_scaler());
  }
  file.set("model", to_dict(model));
  make_folder(folder);
  write_tensor_file(folder / "ckpt.tar", file);
  const Dict settings = reference_config(config, device);
  write_file(folder / "config.txt", reference_config_text(settings));
  write_pickle_file(folder / "config.pickle", settings, kReferenceDevice);
  return has_optimizer;
}

}  // namespace patronus
