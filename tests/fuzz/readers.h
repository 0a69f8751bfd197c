#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace patronus::test {

/// A kind of file that this program reads.
struct Reader {
  std::string name;
  std::string file;  // that is read, below a working folder
  /// Gives valid files; makes folders and whatever else must lie beside the file.
  std::function<std::vector<std::string>(const std::filesystem::path& folder)> prepare;
  /// Reads the file as the program does. May throw an Error and nothing else.
  std::function<void(const std::filesystem::path& file)> read;
};

std::vector<Reader> picture_readers();
std::vector<Reader> text_readers();
std::vector<Reader> tensor_readers();
std::vector<Reader> data_set_readers();

}  // namespace patronus::test
