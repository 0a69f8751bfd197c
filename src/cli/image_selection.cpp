#include "image_selection.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "options.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/data/image_names.h"
#include "trained_run.h"

namespace patronus::cli {

void add_image_source(CLI::App& command, ImageSelection& selection) {
  auto* folder =
      command.add_option("--images", selection.images, "folder of images instead of the run's data set");
  add_choice(command, "--split", selection.split, "train, test or validation")->excludes(folder);
  auto* select = command
                     .add_option("--select", selection.select,
                                 "images by file name or number, e.g. 000123.jpg,456; repeatable")
                     ->take_all()
                     ->allow_extra_args(false);
  command
      .add_option("--where", selection.where,
                  "images whose attributes meet a condition, e.g. \"hat=1 and not (smile=1 or frown=1)\"")
      ->excludes(select);
}

void add_image_selection(CLI::App& command, ImageSelection& selection, int64_t default_count) {
  selection.count = default_count;
  add_image_source(command, selection);
  auto* select = command.get_option("--select");
  command.add_option("--first", selection.first, "index of the first image")
      ->check(at_least(0))
      ->excludes(select);
  command.add_option("--count", selection.count, "number of images; 0: all")
      ->check(at_least(0))
      ->excludes(select);
}

ListPart selected_part(const ImageSelection& selection, int64_t size, const std::string& things) {
  const int64_t left = size - selection.first;
  if (left <= 0) {
    throw ConfigError("--first " + std::to_string(selection.first) + " --count " +
                      std::to_string(selection.count) + ": nothing is selected of " + std::to_string(size) +
                      " " + things);
  }
  if (left < selection.count) {
    log_info("only " + std::to_string(left) + " of " + std::to_string(selection.count) + " " + things +
             " (--count) are there" +
             (selection.first > 0 ? " from number " + std::to_string(selection.first) + " on" : ""));
  }
  return {selection.first, selection.count == 0 ? left : std::min(left, selection.count)};
}

namespace {

Dataset images_for_which(const Dataset& images, const std::string& where) {
  const MatchingImages found =
      with_context("--where", [&] { return images_where(images.attributes(), where); });
  log_info("--where " + where + ": " + std::to_string(found.rows.size(0)) + " of " +
           std::to_string(images.size()) + " images" +
           (found.unknown > 0 ? "; unknown of " + std::to_string(found.unknown) : ""));
  return images.subset(found.rows);
}

}  // namespace

Dataset open_split(const TrainedModel& trained, const ImageSelection& selection) {
  const DataConfig& data = trained.config.data;
  const Dataset images = selection.images.empty() ? open_run_split(trained, selection.split)
                                                  : open_folder(selection.images, data);
  if (!selection.where.empty()) return images_for_which(images, selection.where);
  if (selection.select.empty()) return images;
  std::vector<int64_t> indices;
  for (const auto& name : separate_names(images, selection.select)) {
    indices.push_back(
        with_context("--select", [&] { return selected_image(trained, selection, images, name); }));
  }
  return images.subset(at::tensor(indices, at::kLong));
}

int64_t selected_image(const TrainedModel& trained, const ImageSelection& selection, const Dataset& images,
                       const std::string& name) {
  return selection.images.empty() ? find_image(images, name, trained.config.data, selection.split)
                                  : find_image(images, name);
}

Dataset open_real_images(const TrainedModel& trained, const ImageSelection& selection) {
  try {
    return open_dataset(trained.config.data, Split::kTrain);
  } catch (const DataError& e) {
    if (selection.images.empty()) throw;
    log_warning("the training images are not there (" + std::string(e.what()) + "); " + selection.images +
                " stands in for them");
    return open_folder(selection.images, trained.config.data);
  }
}

SelectedImages open_images(const TrainedModel& trained, const ImageSelection& selection) {
  Dataset dataset = open_split(trained, selection);
  if (!selection.select.empty()) return {dataset, 0, dataset.size()};
  const ListPart part = selected_part(selection, dataset.size(), "images");
  return {dataset, part.first, part.count};
}

}  // namespace patronus::cli
