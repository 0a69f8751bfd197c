#include "patronus/analysis/conditioned_samples.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "patronus/core/pixels.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/diffusion/samplers.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/figures/figure.h"
#include "patronus/figures/grid.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/image.h"
#include "patronus/io/make_folder.h"
#include "patronus/io/table.h"

namespace patronus {
namespace {

/// Noise seeds of images number first ... first + count - 1, `first` being the first of a vector. With fixed
/// noise, seed i is that of sample i modulo `per_condition`.
std::vector<uint64_t> noise_seeds(uint64_t seed, const ConditionedSamplesOptions& options, int64_t first,
                                  int64_t count) {
  if (options.noise == NoiseChoice::kRandom) return image_seeds(seed, "sample", first, count);
  const auto of_vector = image_seeds(seed, "sample", 0, options.per_condition);
  std::vector<uint64_t> seeds;
  for (int64_t i = 0; i < count; ++i) seeds.push_back(of_vector[i % options.per_condition]);
  return seeds;
}

/// Grid of the first samples. If the vectors come from images, each image is followed by the samples of its
/// vector, and a row holds as many such groups as fit into the columns.
Grid grid_of_samples(const at::Tensor& samples, const at::Tensor& originals, int64_t per_condition) {
  constexpr int64_t kColumns = 8;
  if (!originals.defined()) return make_grid(samples.slice(0, 0, kShownSamples), kColumns);
  const int64_t block = 1 + per_condition;
  const int64_t columns = std::max<int64_t>(kColumns / block, 1) * block;
  std::vector<Picture> pictures;
  for (int64_t i = 0; i < std::min(originals.size(0), std::max<int64_t>(kShownSamples / block, 1)); ++i) {
    pictures.emplace_back(originals[i]);
    for (int64_t k = 0; k < per_condition; ++k) pictures.emplace_back(samples[i * per_condition + k]);
  }
  Grid grid = make_grid(pictures, columns);
  for (int64_t c = 0; c < std::min(columns, std::ssize(pictures)); ++c)
    grid.column_labels.emplace_back(c % block == 0 ? "original" : "sample");
  return grid;
}

}  // namespace

ConditionedSamples sample_conditioned(TrainedModel& trained, const at::Tensor& activations,
                                      const ConditionedSamplesOptions& options) {
  const c10::NoGradGuard no_grad;
  const int64_t size = trained.config.data.size;
  const int64_t count = activations.size(0) * options.per_condition;
  checked_steps(options.sampling, trained.schedule);

  ConditionedSamples samples;
  const auto vectors = trained.model.encoder->with_fixed(activations.to(trained.device)).cpu();
  samples.activation = vectors.repeat_interleave(options.per_condition, 0);
  samples.first = options.first * options.per_condition;
  samples.seeds = noise_seeds(trained.config.seed, options, samples.first, count);
  const ConditionalDenoiser model = conditional_denoiser(trained);
  const auto draw = [&](int64_t first, int64_t batch) -> std::vector<at::Tensor> {
    const NoiseSource noise =
        noise_per_image({samples.seeds.begin() + first, samples.seeds.begin() + first + batch});
    const auto x_T = noise(at::empty({batch, trained.config.data.channels, size, size},
                                     at::TensorOptions().device(trained.device)));
    const auto condition = samples.activation.slice(0, first, first + batch).to(trained.device);
    return {
        sample(model(condition, trained.precision), x_T, trained.schedule, options.sampling, {.noise = noise})
            .cpu()};
  };
  const int64_t at_once = batch_size_for(trained, options.batch_size, count);
  samples.images =
      compute_batches_across_ranks(trained.ranks, {"sampling", "images", count, at_once}, draw).front();
  return samples;
}

void write_conditioned_samples(const std::filesystem::path& folder, const TrainedModel& trained,
                               const ConditionedSamples& samples, const SampleSources& sources) {
  const auto pixels = to_pixels(samples.images);
  const size_t per_condition = samples.seeds.size() / sources.names.size();
  Table table{{"image", "condition", "seed"}, {}};
  const auto pictures = make_folder(folder / "images");
  for (size_t i = 0; i < samples.seeds.size(); ++i) {
    const std::string name = zero_padded(samples.first + static_cast<int64_t>(i), 5) + ".png";
    table.rows.push_back({name, sources.names[i / per_condition], std::to_string(samples.seeds[i])});
    write_png(pictures / name, pixels[static_cast<int64_t>(i)]);
  }
  write_csv(folder / "samples.csv", table);
  const auto originals = sources.images.defined() ? to_pixels(sources.images) : at::Tensor();
  write_figure(folder / "samples",
               draw_grid(grid_of_samples(pixels, originals, static_cast<int64_t>(per_condition))),
               trained.config.runtime.figures);
  Dict file;
  file.set("images", samples.images);
  file.set("activation", samples.activation);
  write_tensor_file(folder / "samples.pt", file);
}

}  // namespace patronus
