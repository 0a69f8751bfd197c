#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "patronus/core/describe.h"

namespace patronus {

/// Data set formats (docs/data.md).
enum class DataKind { kFaces, kFashionMnist, kCifar10, kImages, kCeleba, kChexpert };
inline std::vector<std::string> enum_names(DataKind) {
  return {"faces", "fashion-mnist", "cifar10", "images", "celeba", "chexpert"};
}

/// Detects the kind of a folder from its files: CIFAR-10, CelebA, CheXpert or Fashion-MNIST (also for MNIST,
/// whose files have the same names); else, also for a missing folder, kImages. Throws DataError if the folder
/// cannot be read.
DataKind kind_of_folder(const std::filesystem::path& folder);

/// How pictures become square: by scaling each side separately, or by cropping the centre first.
enum class Resize { kSquash, kCrop };
inline std::vector<std::string> enum_names(Resize) {
  return {"squash", "crop"};
}

/// Meaning of subfolders of pictures: detected from names and content, classes, or none.
enum class FolderMeaning { kAuto, kClasses, kNone };
inline std::vector<std::string> enum_names(FolderMeaning) {
  return {"auto", "classes", "none"};
}

/// Settings of the drawn data set `faces`; YAML section `data.faces`.
struct FacesConfig {
  int64_t train_images = 8000;
  int64_t test_images = 2000;
  double correlation = 0;
  int64_t seed = 0;

  void describe(Fields& field);
};

/// Value of a finding marked as uncertain or left blank: unknown, 0 or 1.
enum class FindingPolicy { kUnknown, kZero, kOne };
inline std::vector<std::string> enum_names(FindingPolicy) {
  return {"unknown", "zero", "one"};
}

/// Which CheXpert scans are used, how findings are read, and which columns of further tables about scans and
/// patients become attributes (an empty name omits one). YAML section `data.chexpert`.
struct ChexpertConfig {
  FindingPolicy blank = FindingPolicy::kUnknown;
  FindingPolicy uncertain = FindingPolicy::kUnknown;
  int64_t seed = 0;
  std::string scans{};
  std::vector<std::string> tables{};
  std::string key{};
  std::string race = "race";
  std::string ethnicity = "ethnicity";
  std::string insurance = "insurance_type";
  std::string interpreter = "interpreter_needed";
  std::string deceased = "deceased";
  std::string bmi = "recent_bmi";
  std::string pacemaker = "PM";

  void describe(Fields& field);
};

/// Where images come from and how they become tensors. YAML section `data`.
struct DataConfig {
  DataKind kind = DataKind::kFaces;
  std::string path;
  std::string typed_path;
  int64_t channels = 3;
  int64_t size = 32;
  Resize resize = Resize::kSquash;
  std::string csv;
  FolderMeaning folders = FolderMeaning::kAuto;
  std::vector<std::string> attributes;
  std::string where;
  double test_fraction = 0.1;
  bool skip_unreadable = false;
  std::string cache;
  double cache_gb = 50;
  FacesConfig faces;
  ChexpertConfig chexpert;

  void describe(Fields& field);

  /// Throws ConfigError for a `path` that is not used: that of faces, which are drawn.
  void validate() const;

  /// Makes `path` absolute, relative to the current folder and with "~" expanded, so that a run finds its
  /// data from any folder; keeps a relative one as typed. Also makes absolute: `cache`, and a relative `csv`
  /// that exists in the current folder and not below `path`. Idempotent.
  void resolve_paths();
};

/// Use of the images of a data set. `kValidation`: neither for training nor for testing, in data sets divided
/// into three.
enum class Split { kTrain, kTest, kValidation };
inline std::vector<std::string> enum_names(Split) {
  return {"train", "test", "validation"};
}
inline constexpr Split kSplits[] = {Split::kTrain, Split::kTest, Split::kValidation};

/// A value for each split.
template <class T>
struct PerSplit {
  std::array<T, std::size(kSplits)> values{};

  T& operator[](Split split) { return values[static_cast<size_t>(split)]; }
  const T& operator[](Split split) const { return values[static_cast<size_t>(split)]; }
};

}  // namespace patronus
