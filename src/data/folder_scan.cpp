#include "data/folder_scan.h"

#include <algorithm>
#include <set>

#include "patronus/core/error.h"
#include "patronus/io/file_kind.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Whether the folder is a run of this program, whose pictures are not data.
bool is_run(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "config.yaml", error) && fs::is_directory(folder / "checkpoints", error);
}

/// Whether a folder of this name is created by an operating system, a disk or a network share: its files are
/// not data.
bool is_of_a_system(const std::string& name) {
  static const std::set<std::string, std::less<>> kNames{"__MACOSX", "@eaDir", "lost+found", "$RECYCLE.BIN",
                                                         "System Volume Information"};
  return kNames.contains(name);
}

/// Sorts paths so that the content of each folder is contiguous: "cat/2.png" before "cat-a/1.png".
bool before(const std::string& a, const std::string& b) {
  const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c); };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [&](char x, char y) { return rank(x) < rank(y); });
}

/// Entries of a folder sorted by name, so that messages name the same files on every file system.
std::vector<fs::directory_entry> sorted_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator next(folder, error), end; !error && next != end; next.increment(error))
    entries.push_back(*next);
  if (error) throw DataError(folder.string() + ": cannot be read: " + error.message());
  // The paths differ only in their last component, so that comparing their text gives the same order, several
  // times faster.
  std::sort(entries.begin(), entries.end(), [](const fs::directory_entry& a, const fs::directory_entry& b) {
    return a.path().native() < b.path().native();
  });
  return entries;
}

class FolderScanner {
 public:
  explicit FolderScanner(const fs::path& root) : root_(root) {}

  FolderScan run() {
    scan(root_, "");
    std::sort(result_.images.begin(), result_.images.end(), before);
    return std::move(result_);
  }

 private:
  void scan(const fs::path& folder, const std::string& below) {
    std::error_code error;
    around_.push_back(folder);
    const auto entries = sorted_entries(folder);
    if (entries.empty()) result_.left_out.add_minor("empty folders", below);
    for (const auto& entry : entries) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with('.')) {
        result_.left_out.add_minor("hidden files and folders", below + name);
      } else if (is_of_a_system(name)) {
        result_.left_out.add_minor("folders of the system", below + name);
      } else if (entry.is_directory(error)) {
        take_folder(entry, below + name);
      } else if (entry.is_other(error)) {  // pipe or device
        result_.left_out.add_minor("other files", below + name);
      } else {
        take_file(below, name);
      }
    }
    around_.pop_back();
  }

  void take_folder(const fs::directory_entry& entry, const std::string& name) {
    if (is_run(entry.path())) {
      result_.left_out.add_minor("folders of runs", name);
    } else if (entry.is_symlink() && leads_back(entry.path())) {
      result_.left_out.add_minor("links to a folder around them", name);
    } else {
      scan(entry.path(), name + "/");
    }
  }

  void take_file(const std::string& below, const std::string& name) {
    switch (file_kind(name)) {
      case FileKind::kImage:
        result_.images.push_back(below + name);
        return;
      case FileKind::kUnsupportedImage:
        result_.left_out.add(lower_extension(name) + " images, which are not read", below + name);
        return;
      case FileKind::kOther:
        if (below.empty() && lower_extension(name) == ".csv") {
          result_.tables.push_back(name);
        } else {
          result_.left_out.add_minor("other files", below + name);
        }
        return;
    }
  }

  /// Whether a link leads to a folder that is being scanned or to one that contains it; following it would
  /// not end.
  bool leads_back(const fs::path& link) const {
    std::error_code error;
    const fs::path target = fs::canonical(link, error);
    return std::any_of(around_.begin(), around_.end(), [&](const fs::path& around) {
      const fs::path folder = fs::canonical(around, error);
      return std::mismatch(target.begin(), target.end(), folder.begin(), folder.end()).first == target.end();
    });
  }

  const fs::path& root_;
  std::vector<fs::path> around_;  // folders from the root to the current one
  FolderScan result_;
};

}  // namespace

FolderScan scan_folder(const fs::path& folder) {
  return FolderScanner(folder).run();
}

}  // namespace patronus
