#include "patronus/io/make_folder.h"

#include <system_error>

#include "patronus/core/error.h"

namespace patronus {

std::filesystem::path make_folder(const std::filesystem::path& path, const std::string& what_to_do) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    throw Error(path.string() + ": cannot be made: " + error.message() +
                (what_to_do.empty() ? "" : "; " + what_to_do));
  }
  return path;
}

CreatedFolder::CreatedFolder(const std::filesystem::path& path) {
  std::error_code error;
  for (auto folder = std::filesystem::absolute(path); !std::filesystem::exists(folder, error);
       folder = folder.parent_path()) {
    made_.push_back(folder);
  }
  try {
    make_folder(path);
  } catch (const Error&) {
    remove_empty();
    throw;
  }
}

CreatedFolder::~CreatedFolder() {
  remove_empty();
}

void CreatedFolder::remove_empty() const {
  std::error_code not_empty;
  for (const auto& folder : made_) std::filesystem::remove(folder, not_empty);
}

}  // namespace patronus
