#include "run/reference_config.h"

#include <algorithm>
#include <optional>

#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/interop/pickle_file.h"
#include "patronus/interop/python_literal.h"
#include "patronus/io/text_encoding.h"
#include "patronus/run/reference_checkpoint.h"

namespace patronus {
namespace {

/// A prefix of the reference's name of a data set, and our kind.
struct DataName {
  const char* theirs;
  DataKind ours;
};
constexpr DataName kDataNames[] = {{"FMNIST_clean", DataKind::kFashionMnist},
                                   {"CIFAR10", DataKind::kCifar10},
                                   {"CHEXPERT", DataKind::kChexpert},
                                   {"CelebA", DataKind::kCeleba}};

DataKind our_data_kind(const std::string& theirs) {
  for (const auto& name : kDataNames) {
    if (theirs.starts_with(name.theirs)) return name.ours;
  }
  if (theirs != to_string(DataKind::kImages))
    log_info("ds_name '" + theirs + "': not a data set that is known; data.kind is images, of any folder");
  return DataKind::kImages;
}

std::string their_data_name(DataKind ours) {
  for (const auto& name : kDataNames) {
    if (ours == name.ours) return name.theirs;
  }
  return to_string(ours);
}

/// One section of config.txt. `assign` copies an entry, if present, into one of our settings.
class Section {
 public:
  Section(const Dict& file, std::string name) : name_(std::move(name)), entries_(file.at(name_).dict()) {}

  const Value* find(const std::string& key) const { return entries_.find(key); }

  template <class T>
  void assign(const std::string& key, T& setting, bool required = false) const {
    const Value* value = required ? &entries_.at(key) : entries_.find(key);
    if (!value) return;
    with_context(name_ + "." + key, [&] { convert(*value, setting); });
  }

 private:
  static void convert(const Value& value, int64_t& setting) { setting = value.integer(); }
  static void convert(const Value& value, double& setting) { setting = value.number(); }
  static void convert(const Value& value, std::string& setting) { setting = value.text(); }
  static void convert(const Value& value, std::vector<int64_t>& setting) {
    setting.clear();
    for (const auto& element : value.list()) setting.push_back(element.integer());
  }
  static void convert(const Value& value, std::vector<double>& setting) {
    setting.clear();
    for (const auto& element : value.list()) setting.push_back(element.number());
  }

  std::string name_;
  const Dict& entries_;
};

void read_image_shape(const Section& training, DataConfig& data) {
  std::vector<int64_t> shape;
  training.assign("IMG_SHAPE", shape, /*required=*/true);
  const bool is_square = shape.size() == 3 && shape[0] > 0 && shape[1] > 0 && shape[1] == shape[2];
  if (!is_square)
    throw ConfigError("TrainingConfig.IMG_SHAPE: expected (channels, side, side) of square images, above 0");
  data.channels = shape[0];
  data.size = shape[1];
}

void read_unet(const Section& model, UNetConfig& unet) {
  model.assign("BASE_CH", unet.base_channels, /*required=*/true);
  model.assign("BASE_CH_MULT", unet.multipliers, /*required=*/true);
  model.assign("DROPOUT_RATE", unet.dropout);
  model.assign("TIME_EMB_MULT", unet.time_multiple);
  std::vector<int64_t> flags;
  model.assign("APPLY_ATTENTION", flags);
  unet.attention_levels.clear();
  for (size_t level = 0; level < flags.size(); ++level) {
    if (flags[level] != 0) unet.attention_levels.push_back(static_cast<int64_t>(level));
  }
}

void read_encoder(const Section& training, ModelConfig& model) {
  std::string type = "basic_conv";
  training.assign("encoder_type", type);
  if (type != "basic_conv")
    throw ConfigError("TrainingConfig.encoder_type: '" + type + "' is not known; expected 'basic_conv'");
  training.assign("NUM_PROTOS", model.prototypes.count, /*required=*/true);
  training.assign("plb_channel_inputs", model.encoder.channels, /*required=*/true);
  training.assign("plb_layer_filter_sizes", model.encoder.kernels, /*required=*/true);
  training.assign("plb_layer_strides", model.encoder.strides, /*required=*/true);
  training.assign("plb_layer_paddings", model.encoder.paddings, /*required=*/true);
  // Entry 0 is the number of image channels; its value is ignored.
  if (model.encoder.channels.size() < 2) throw ConfigError("TrainingConfig.plb_channel_inputs: has no layer");
  model.encoder.channels.erase(model.encoder.channels.begin());
}

void read_distinct_loss(const Section& training, TrainingConfig& ours) {
  std::vector<double> lambdas;
  std::optional<double> distinct;
  double denoising = 1;  // weight of ours
  training.assign("loss_lambda", lambdas);
  if (const Value* losses = training.find("loss_fn")) {
    const List& names = losses->list();
    for (size_t i = 0; i < std::min(names.size(), lambdas.size()); ++i) {
      if (names[i].text() == "distinct") distinct = lambdas[i];
      if (names[i].text() == "denoiser") denoising = lambdas[i];
    }
  }
  if (!(denoising > 0)) throw ConfigError("TrainingConfig.loss_lambda: the denoiser's must be above 0");
  if (distinct) ours.distinct_weight = *distinct / denoising;
  // The reference's code treats a margin of 0 as not given.
  const Value* margin = training.find("distinct_margin");
  if (margin && margin->kind() != "None" && margin->number() != 0) ours.distinct_margin = margin->number();
}

RunConfig to_run_config(const Dict& file) {
  RunConfig config = reference_defaults();
  std::string data_set = "images";
  Section(file, "BaseConfig").assign("ds_name", data_set);
  config.data.kind = our_data_kind(data_set);
  read_unet(Section(file, "ModelConfig"), config.model.unet);
  const Section training(file, "TrainingConfig");
  read_image_shape(training, config.data);
  read_encoder(training, config.model);
  read_distinct_loss(training, config.training);
  training.assign("TIMESTEPS", config.diffusion.timesteps);
  training.assign("BATCH_SIZE", config.training.batch_size);
  training.assign("NUM_EPOCHS", config.training.epochs);
  training.assign("LR", config.training.learning_rate);
  return config;
}

List integers(const std::vector<int64_t>& values) {
  return List(values.begin(), values.end());
}

Dict base_section(const RunConfig& config, const std::string& device) {
  const std::string data_set = their_data_name(config.data.kind);
  const std::string record = "./records/diffusion/patronus/";
  const std::string logs = record + data_set + "-train/Logs_Checkpoints/";
  Dict base;
  base.set("repo_home_dir", std::string("./"));
  base.set(kReferenceDevice, device);
  base.set("exp_type", std::string("patronus"));
  base.set("ds_name", data_set);
  base.set("split", std::string("train"));
  base.set("record_dir", record);
  base.set("DATASET", data_set + "-train");
  base.set("root_log_dir", logs + "Inference");
  base.set("root_checkpoint_dir", logs + "checkpoints");
  base.set("log_dir", std::string("version_0"));
  base.set("checkpoint_dir", std::string("version_0"));
  return base;
}

Dict model_section(const UNetConfig& unet) {
  const auto& levels = unet.attention_levels;
  List attention;
  for (size_t level = 0; level < unet.multipliers.size(); ++level) {
    attention.push_back(contains(levels, static_cast<int64_t>(level)));
  }
  Dict model;
  model.set("BASE_CH", unet.base_channels);
  model.set("BASE_CH_MULT", integers(unet.multipliers));
  model.set("APPLY_ATTENTION", attention);
  model.set("ATTENTION_TYPE", std::string("ori_att"));
  model.set("DROPOUT_RATE", unet.dropout);
  model.set("TIME_EMB_MULT", unet.time_multiple);
  return model;
}

Dict training_section(const RunConfig& config) {
  const auto& [encoder, prototypes, unet] = config.model;
  List channels = integers(encoder.channels);
  channels.insert(channels.begin(), config.data.channels);
  Dict training;
  training.set("TIMESTEPS", config.diffusion.timesteps);
  training.set("IMG_SHAPE", List{config.data.channels, config.data.size, config.data.size});
  training.set("BATCH_SIZE", config.training.batch_size);
  training.set("SAMPLE_NUM", int64_t{32});
  training.set("NUM_EPOCHS", config.training.epochs);
  training.set("NUM_PROTOS", prototypes.count);
  training.set("P_VECTOR_SHAPE", List{int64_t{1}, encoder.channels.back()});
  training.set("dataset", their_data_name(config.data.kind) + "-train");
  training.set("encoder_type", std::string("basic_conv"));
  training.set("new_training", true);
  training.set("training_from_version", int64_t{1});
  training.set("loss_fn", List{std::string("denoiser"), std::string("distinct")});
  training.set("loss_lambda", List{1.0, config.training.distinct_weight});
  training.set("distinct_margin", config.training.distinct_margin);
  training.set("plb_channel_inputs", channels);
  training.set("plb_layer_filter_sizes", integers(encoder.kernels));
  training.set("plb_layer_strides", integers(encoder.strides));
  training.set("plb_layer_paddings", integers(encoder.paddings));
  training.set("LR", config.training.learning_rate);
  training.set("NUM_WORKERS", int64_t{2});
  return training;
}

/// Converts "cuda:1" to "device(type='cuda', index=1)".
std::string device_literal(const std::string& device) {
  const size_t colon = device.find(':');
  return "device(type='" + device.substr(0, colon) +
         (colon == std::string::npos ? "')" : "', index=" + device.substr(colon + 1) + ")");
}

/// One entry per line, as Python's pprint formats long dictionaries.
std::string section_text(const Dict& section) {
  std::string text = "{";
  for (const auto& [key, value] : section.entries()) {
    if (text.size() > 1) text += ",\n  ";
    text +=
        "'" + key + "': " + (key == kReferenceDevice ? device_literal(value.text()) : python_literal(value));
  }
  return text + "}";
}

/// Reads config.txt or, by its extension, config.pickle.
Value read_settings(const std::filesystem::path& path) {
  if (path.extension() == ".pickle") return read_pickle_file(path);
  return parse_python_literal(read_text(path), path.string());
}

}  // namespace

RunConfig reference_defaults() {
  RunConfig config;
  config.training.ema_decay = 0;
  config.training.distinct_margin = 0.2;
  return config;
}

void check_ranges(RunConfig& config) {
  const Fields fields(config);
  for (const auto& field : fields.list()) {
    if (const auto violation = range_violation(field)) throw ConfigError(field.key + " " + *violation);
  }
  config.validate();
}

RunConfig read_reference_config(const std::filesystem::path& path) {
  const Value parsed = read_settings(path);
  try {
    RunConfig config = to_run_config(parsed.dict());
    check_ranges(config);
    return config;
  } catch (const ConfigError& error) {
    throw ConfigError(path.string() + ": " + error.what());
  } catch (const DataError& error) {
    throw DataError(path.string() + ": not the authors' " + path.filename().string() + ": " + error.what());
  }
}

Dict reference_config(const RunConfig& config, const std::string& device) {
  Dict settings;
  settings.set("BaseConfig", base_section(config, device));
  settings.set("ModelConfig", model_section(config.model.unet));
  settings.set("TrainingConfig", training_section(config));
  return settings;
}

std::string reference_config_text(const Dict& config) {
  std::string text = "{";
  for (const auto& [name, section] : config.entries()) {
    text += (text.size() > 1 ? ",\n " : "") + ("'" + name + "': ") + section_text(section.dict());
  }
  return text + "}\n";
}

}  // namespace patronus
