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

}  // namespace patronus
