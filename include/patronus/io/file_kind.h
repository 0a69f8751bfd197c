#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// What a file's name lets expect of it.
enum class FileKind {
  kImage,        // a picture that read_image decodes
  kUnreadImage,  // a picture of a format that is not read: HEIC, DICOM, camera raw ...
  kOther
};

/// The ending of a name in lower case, with its dot: ".jpg"; empty where there is none.
std::string lower_ending(const std::filesystem::path& name);

/// Tells the kind of a file by its ending alone, in whatever capitalisation.
FileKind file_kind(const std::filesystem::path& name);

}  // namespace patronus
