#include "patronus/analysis/example_direction.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <filesystem>
#include <tuple>

#include "patronus/analysis/encode.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/core/error.h"
#include "patronus/core/nearest_path.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

/// False for any error, because a condition may be too long for a path.
bool is_folder(const std::string& source) {
  std::error_code error;
  return std::filesystem::is_directory(source, error);
}

at::Tensor example_activations(TrainedModel& trained, const Dataset& real, const std::string& source,
                               int64_t at_most) {
  const bool folder = is_folder(source);
  if (!folder && !source.empty() && source.find_first_of("=<>") == std::string::npos) {
    const std::string meant = suggest_condition(real.attributes(), source);
    throw ConfigError(
        "example images '" + source + "': no such folder; expected a folder, or a condition such as " +
        (meant.empty() ? "attribute=value" + did_you_mean_path(source, std::filesystem::file_type::directory)
                       : meant));
  }
  const Dataset images = folder ? open_folder(source, trained.config.data) : real;
  const auto candidates =
      folder || source.empty() ? at::arange(images.size()) : images_where(images.attributes(), source).rows;
  const auto chosen = draw_indices(candidates.size(0), at_most, trained.config.seed_for("examples"));
  return encode_activations(trained.model.encoder, images, candidates.index_select(0, chosen), trained.ranks);
}

}  // namespace

std::string examples_text(const Examples& examples) {
  std::vector<std::string> parts;
  // A folder is shown by its name alone.
  const auto said = [](const std::string& source) {
    const std::filesystem::path path(source);
    return is_folder(source) ? (path.has_filename() ? path : path.parent_path()).filename().string() : source;
  };
  if (!examples.towards.empty()) parts.push_back("towards " + said(examples.towards));
  if (!examples.away.empty()) parts.push_back("away from " + said(examples.away));
  return join(parts);
}

at::Tensor example_direction(const at::Tensor& towards, const at::Tensor& away, int64_t strongest) {
  const auto direction = towards.mean(0) - away.mean(0);
  if (strongest <= 0 || strongest >= direction.size(0)) return direction;
  const auto deviation = at::cat({towards, away}).std(0, /*unbiased=*/false);
  const auto strength = at::where(is_varying(deviation), (direction / deviation).abs(), 0.);
  const auto kept = std::get<1>(strength.topk(strongest));
  return at::zeros_like(direction).index_copy(0, kept, direction.index_select(0, kept));
}

at::Tensor example_direction(TrainedModel& trained, const Dataset& real, const Examples& examples) {
  return example_direction(example_activations(trained, real, examples.towards, examples.at_most),
                           example_activations(trained, real, examples.away, examples.at_most),
                           examples.strongest);
}

}  // namespace patronus
