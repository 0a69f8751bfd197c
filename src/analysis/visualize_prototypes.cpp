#include "patronus/analysis/visualize_prototypes.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <charconv>
#include <numeric>
#include <sstream>

#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/progress.h"
#include "patronus/core/random.h"

namespace patronus {
namespace {

std::vector<int64_t> chosen_prototypes(const std::vector<int64_t>& asked, int64_t count) {
  if (asked.empty()) {
    std::vector<int64_t> all(static_cast<size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  for (const int64_t k : asked) {
    if (k >= 0 && k < count) continue;
    throw ConfigError("prototype " + std::to_string(k) + ": the model has " + std::to_string(count) +
                      ", numbered from 0 to " + std::to_string(count - 1));
  }
  return asked;
}

at::Tensor drawn_candidates(const Dataset& images, int64_t count, uint64_t seed) {
  if (images.size() < count) {
    log_warning(std::to_string(count) + " candidates were asked for; there are " +
                std::to_string(images.size()) + " images, and all of them are taken");
  }
  return draw_indices(images.size(), count, derive_seed(seed, "candidates"));
}

/// Every prototype in every candidate, as rows prototype-major: [K N, ...].
struct EnhancedRows {
  at::Tensor candidate;  // int64 [K N]
  at::Tensor prototype;  // int64 [K N]
  at::Tensor asked;      // [K N]
};

EnhancedRows rows_of(const std::vector<int64_t>& prototypes, const at::Tensor& activation,
                     const at::Tensor& maximum) {
  const auto chosen = at::tensor(prototypes);
  const int64_t candidates = activation.size(0);
  EnhancedRows rows;
  rows.candidate = at::arange(candidates).repeat({chosen.size(0)});
  rows.prototype = chosen.repeat_interleave(candidates);
  // An activation that is above the plausible maximum already is not lowered.
  rows.asked =
      at::maximum(activation.t().index_select(0, chosen), maximum.index_select(0, chosen).unsqueeze(1))
          .flatten();
  return rows;
}

/// Regenerates all rows in batches and finds the patches: image, activation, boxes of `views`.
void enhance(TrainedModel& trained, const EnhancedRows& rows, const VisualizePrototypesOptions& options,
             PrototypeViews& views) {
  const int64_t count = rows.candidate.size(0);
  Progress progress("enhancing", count, "images");
  std::vector<at::Tensor> images, activations, cells;
  for (int64_t start = 0; start < count; start += options.regenerate.batch_size) {
    const auto part = [&](const at::Tensor& all) {
      return all.slice(0, start, start + options.regenerate.batch_size);
    };
    const auto candidate = part(rows.candidate), prototype = part(rows.prototype).unsqueeze(1);
    const auto activation = views.candidates.activation.index_select(0, candidate);
    const auto edited = activation.scatter(1, prototype, part(rows.asked).unsqueeze(1));
    images.push_back(regenerate(trained, views.candidates.x_T.index_select(0, candidate), activation, edited,
                                options.regenerate));
    const Match match = trained.model.encoder->forward(images.back().to(trained.device));
    activations.push_back(match.activation.cpu());
    cells.push_back(match.patch.cpu().gather(1, prototype).squeeze(1));
    progress.advance(candidate.size(0));
  }
  const auto by_prototype = [&](const std::vector<at::Tensor>& parts) {
    return at::cat(parts).unflatten(0, views.asked.sizes());
  };
  views.image = by_prototype(images);
  views.activation = by_prototype(activations);
  views.boxes = patch_boxes(trained.model.encoder->receptive_field(), by_prototype(cells), options.patch);
}

/// [K, N] activations of the enhanced prototypes themselves.
at::Tensor reached(const PrototypeViews& views) {
  const auto index = at::tensor(views.prototypes).view({-1, 1, 1}).expand({-1, views.activation.size(1), 1});
  return views.activation.gather(2, index).squeeze(2);
}

void find_nearest(TrainedModel& trained, const Dataset& real, const VisualizePrototypesOptions& options,
                  PrototypeViews& views) {
  const auto all = nearest_patches(trained.model.encoder, real, options.nearest, options.patch);
  const auto chosen = at::tensor(views.prototypes);
  views.nearest = {all.image.index_select(0, chosen), all.distance.index_select(0, chosen),
                   all.activation.index_select(0, chosen), all.boxes.index_select(0, chosen)};
  const auto& index = views.nearest.image;
  views.nearest_images = real.images(index.flatten()).unflatten(0, index.sizes());
  for (int64_t k = 0; k < index.size(0); ++k) {
    views.nearest_files.emplace_back();
    for (int64_t i = 0; i < index.size(1); ++i) {
      views.nearest_files.back().push_back(real.file(index[k][i].item<int64_t>()));
    }
  }
}

}  // namespace

std::vector<int64_t> prototypes_from(const std::string& text) {
  if (text == "all") return {};
  std::vector<int64_t> list;
  std::istringstream words(text + ",");
  for (std::string word; std::getline(words, word, ',');) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size()) {
      throw ConfigError("prototypes '" + text + "': expected numbers, as 0,3,7, or all");
    }
    list.push_back(number);
  }
  return list;
}

PrototypeViews visualize_prototypes(TrainedModel& trained, const Dataset& images, const Dataset& real,
                                    const VisualizePrototypesOptions& options) {
  const c10::NoGradGuard no_grad;
  const auto seed = static_cast<uint64_t>(trained.config.seed);
  PrototypeViews views;
  views.options = options;
  if (options.nearest < 0) {
    throw ConfigError("nearest " + std::to_string(options.nearest) + ": expected 0 or more patches");
  }
  views.prototypes = chosen_prototypes(options.prototypes, trained.config.model.prototypes.count);
  const auto subset = draw_indices(real.size(), options.maximum.images, derive_seed(seed, "subset"));
  const auto maximum =
      plausible_maximum(encode_images(trained.model.encoder, real, subset).activation, options.maximum);
  views.candidates =
      invert_images(trained, images, drawn_candidates(images, options.candidates, seed), options.regenerate);
  const EnhancedRows rows = rows_of(views.prototypes, views.candidates.activation, maximum);
  views.asked = rows.asked.unflatten(0, {static_cast<int64_t>(views.prototypes.size()), -1});
  enhance(trained, rows, options, views);
  views.ranking = reached(views).argsort(/*stable=*/true, /*dim=*/1, /*descending=*/true);
  find_nearest(trained, real, options, views);
  return views;
}

}  // namespace patronus
