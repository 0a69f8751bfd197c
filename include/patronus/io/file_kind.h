#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// Kind of a file according to its name.
enum class FileKind {
  kImage,             // a picture that read_image decodes
  kUnsupportedImage,  // a picture in an unsupported format: HEIC, DICOM, camera raw ...
  kOther
};

/// The extension of a name in lower case, with its dot: ".jpg"; empty if there is none.
std::string lower_extension(const std::filesystem::path& name);

/// Determines the kind of a file from its extension, ignoring case.
FileKind file_kind(const std::filesystem::path& name);

}  // namespace patronus
