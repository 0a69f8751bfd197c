#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "patronus/core/describe.h"

namespace patronus {

/// The formats of data sets (docs/data.md).
enum class DataKind { kFaces, kFashionMnist, kCifar10, kImages, kCeleba, kChexpert };
inline std::vector<std::string> enum_names(DataKind) {
  return {"faces", "fashion-mnist", "cifar10", "images", "celeba", "chexpert"};
}

/// The kind whose own files lie in a folder: CIFAR-10's, CelebA's, CheXpert's; kImages of any other folder,
/// and where there is none. DataError for one that cannot be looked into.
DataKind kind_of_folder(const std::filesystem::path& folder);

/// How pictures of other shapes become square: each side on its own, or after cutting out the centre.
enum class Resize { kSquash, kCrop };
inline std::vector<std::string> enum_names(Resize) {
  return {"squash", "crop"};
}

/// What sub-folders of pictures are: as names and content suggest, classes, or nothing.
enum class FolderMeaning { kAuto, kClasses, kNone };
inline std::vector<std::string> enum_names(FolderMeaning) {
  return {"auto", "classes", "none"};
}

/// The generated data set `faces`; YAML section `data.faces`.
struct FacesConfig {
  int64_t train_images = 8000;
  int64_t test_images = 2000;
  double correlation = 0;
  int64_t seed = 0;

  void describe(Fields& field);
};

/// What a finding becomes that nobody is sure of: it stays unknown, or counts as 0 or 1.
enum class FindingPolicy { kUnknown, kZero, kOne };
inline std::vector<std::string> enum_names(FindingPolicy) {
  return {"unknown", "zero", "one"};
}

/// Which scans of CheXpert are used, how its findings are read, and what further tables say of its scans and
/// patients: the columns that become attributes by name, empty for one that is not wanted. YAML section
/// `data.chexpert`.
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

/// Where images come from and how they become tensors; YAML section `data`.
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

  /// Makes `path` absolute, as seen from the present folder and with "~" for the user's home, and keeps a
  /// relative one as typed: a run then finds its data from every folder. A relative `csv` that lies in the
  /// present folder and not below `path` becomes absolute, too. Does nothing the second time.
  void resolve_paths();
};

/// What images of a data set are for. `kValidation`: images that are neither trained on nor tested with, in a
/// set that is divided into three.
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
