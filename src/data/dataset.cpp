#include "patronus/data/dataset.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <unordered_map>

#include "data/cache.h"
#include "data/decode.h"
#include "data/describe_images.h"
#include "patronus/core/device.h"
#include "patronus/core/error.h"
#include "patronus/core/hash.h"
#include "patronus/core/log.h"
#include "patronus/core/nearest_path.h"

namespace patronus {
namespace {

/// The images of one split, for decoding.
ImageSource source_of(const std::shared_ptr<const DividedImages>& divided, Split split) {
  const auto& rows = divided->division.rows[split];
  ImageSource source;
  for (const int64_t row : rows) {
    source.names.push_back(divided->images.names[row]);
    source.states.push_back(divided->images.stamps[row].state);
  }
  source.read = [divided, &rows](int64_t i) { return divided->images.read(rows[i]); };
  return source;
}

/// Adds the undecodable images of a split to the report's left-out images, unless they are there already.
void note_unreadable(DataReport& report, const ImageSource& source, const CachedImages& cached, Split split) {
  const std::string what = to_string(split) + " images that cannot be decoded";
  const auto is_noted = [&](const LeftOut& left_out) { return left_out.what == what; };
  if (std::any_of(report.left_out.begin(), report.left_out.end(), is_noted)) return;
  const auto* kept = cached.kept.const_data_ptr<int64_t>();
  const auto* last = kept + cached.kept.numel();
  for (size_t i = 0; i < source.names.size(); ++i) {
    if (kept != last && *kept == static_cast<int64_t>(i)) {
      ++kept;
    } else {
      report.left_out.add(what, source.names[i]);
    }
  }
}

/// Decoded images of a split, from the cache; faces are drawn anew instead.
CachedImages pixels_of(const ImageSource& source, const DataConfig& config, Split split) {
  if (config.kind != DataKind::kFaces) return cached_images(source, config, split);
  const auto count = std::ssize(source.names);
  const DecodedImages drawn = decode_images(source, config, {0, count}, at::kByte);
  return {drawn.pixels, at::arange(count), drawn.originals};
}

/// Settings for the images of `folder`, with the preprocessing of `like`.
DataConfig folder_config(const std::string& folder, const DataConfig& like) {
  if (!std::filesystem::is_directory(folder)) {
    throw DataError(folder + (std::filesystem::exists(folder)
                                  ? ": is a file; expected a folder of images"
                                  : ": no such folder; expected images there" +
                                        did_you_mean_path(folder, std::filesystem::file_type::directory)));
  }
  DataConfig config = like;
  config.kind = DataKind::kImages;
  config.path = folder;
  config.typed_path.clear();
  config.resolve_paths();
  return config;
}

uint64_t attributes_hash_of(const AttributeTable& attributes, uint64_t key) {
  for (const auto& name : attributes.names) key = hash_of(name, key);
  return attributes.names.empty() ? key : hash_of(attributes.values, key);
}

}  // namespace

at::Tensor Dataset::rows_at(const at::Tensor& indices) const {
  return rows_.index_select(0, to_device(indices, rows_.device()));
}

at::Tensor Dataset::images(const at::Tensor& indices) const {
  return unpacked(pixels_.index_select(0, rows_at(indices)));
}

at::Tensor Dataset::slice(int64_t first, int64_t count) const {
  return unpacked(pixels_.index_select(0, rows_.slice(0, first, first + count)));
}

Dataset Dataset::subset(const at::Tensor& indices) const {
  Dataset part = *this;
  part.rows_ = rows_at(indices);
  part.attributes_ = attributes_.rows(indices);
  part.files_.clear();
  part.originals_.clear();
  const auto index = indices.accessor<int64_t, 1>();
  for (int64_t i = 0; i < index.size(0); ++i) {
    part.files_.push_back(file(index[i]));
    part.originals_.push_back(original(index[i]));
  }
  return part;
}

Dataset Dataset::on(at::Device device) const {
  Dataset there = *this;
  there.pixels_ = pixels_.to(device);
  there.rows_ = rows_.to(device);
  return there;
}

uint64_t Dataset::fingerprint() const {
  constexpr int64_t kBatch = 256;
  uint64_t key = resized() ? 1 : 0;
  for (const auto& file : files_) key = hash_of(file, key);
  for (const auto& rows : rows_.split(kBatch)) key = hash_of(pixels_.index_select(0, rows), key);
  return attributes_hash_of(attributes_, key);
}

DataListing::DataListing(const DataConfig& config) : DataListing(config, list_divided(config)) {}

DataListing::DataListing(const DataConfig& config, DividedImages divided)
    : config_(config),
      divided_(std::make_shared<DividedImages>(std::move(divided))),
      report_(describe_images(config_, *divided_)) {
  log_report(report_);
}

int64_t DataListing::size(Split split) const {
  return std::ssize(divided_->division.rows[split]);
}

uint64_t DataListing::attributes_hash() const {
  return attributes_hash_of(divided_->images.attributes, 0);
}

const std::string& DataListing::file(Split split, int64_t index) const {
  const auto row = divided_->division.rows[split][index];
  return divided_->images.names[row];
}

void DataListing::note_copies() {
  if (!opened_.contains(Split::kTrain) || !opened_.contains(Split::kTest)) return;
  const Opened &train = opened_.at(Split::kTrain), &test = opened_.at(Split::kTest);
  std::unordered_map<uint64_t, size_t> trained;
  for (size_t i = 0; i < train.originals.size(); ++i) trained.emplace(train.originals[i].hash, i);
  report_.copies = {};
  for (size_t i = 0; i < test.originals.size(); ++i) {
    if (const auto same = trained.find(test.originals[i].hash); same != trained.end())
      report_.copies.add(test.files[i] + " of " + train.files[same->second]);
  }
  if (const auto line = copies_line(report_); !line.empty()) log_warning_once(line);
}

Dataset DataListing::open(Split split) {
  const ImageSource source = source_of(divided_, split);
  if (source.names.empty()) {
    const std::string left_out = left_out_line(report_, true);
    throw DataError((left_out.empty() ? report_.shown + ": " : left_out + "; ") + "no images in the " +
                    to_string(split) + " split; " +
                    (split == Split::kTrain ? "" : "choose another --split, or ") + "see data.csv" +
                    (config_.where.empty() ? "" : ", data.where") + " and data.test_fraction");
  }
  const CachedImages cached = pixels_of(source, config_, split);
  const auto rows = at::tensor(divided_->division.rows[split], at::kLong).index_select(0, cached.kept);
  if (rows.size(0) < size(split)) {
    note_unreadable(report_, source, cached, split);
    count_images(report_, divided_->images.attributes, split, rows);
  }
  Dataset dataset;
  dataset.pixels_ = cached.pixels;
  dataset.rows_ = at::arange(cached.pixels.size(0));
  dataset.attributes_ = divided_->images.attributes.rows(rows);
  const auto kept = cached.kept.accessor<int64_t, 1>();
  for (int64_t i = 0; i < kept.size(0); ++i) dataset.files_.push_back(source.names[kept[i]]);
  dataset.originals_ = cached.originals;
  opened_[split] = {cached.originals, dataset.files_};
  note_copies();
  if (dataset.resized()) {
    const std::string size = std::to_string(config_.size);
    log_info_once(report_.shown + ": images of another size, resized to " + size + " x " + size + " (" +
                  to_string(config_.resize) + ")");
  }
  return dataset;
}

DataReport describe_data(const DataConfig& config) {
  return describe_images(config, list_divided(config));
}

Dataset open_dataset(const DataConfig& config, Split split) {
  return DataListing(config).open(split);
}

FolderPictures list_pictures(const std::string& folder) {
  const DataConfig config = folder_config(folder, {});
  const auto listed = std::make_shared<const DividedImages>(list_undivided(config));
  log_report(describe_images(config, *listed));
  return {std::ssize(listed->images.names), [listed](int64_t i) { return listed->images.read(i); }};
}

Dataset open_folder(const std::string& folder, const DataConfig& like) {
  const DataConfig config = folder_config(folder, like);
  return DataListing(config, list_undivided(config)).open(Split::kTrain);
}

}  // namespace patronus
