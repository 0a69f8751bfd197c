#include "patronus/io/file_kind.h"

#include <unordered_set>

#include "patronus/core/text.h"

namespace patronus {
namespace {

const std::unordered_set<std::string> kSupportedExtensions{".jpg",  ".jpeg", ".jpe", ".jfif", ".mpo", ".png",
                                                           ".apng", ".webp", ".tif", ".tiff", ".bmp", ".dib",
                                                           ".gif",  ".ppm",  ".pgm", ".pnm"};
const std::unordered_set<std::string> kUnsupportedExtensions{
    ".heic", ".heif", ".hif", ".avif",  ".jp2", ".j2k",  ".jpx", ".jxl", ".jxr", ".svg",
    ".psd",  ".xcf",  ".tga", ".ico",   ".exr", ".hdr",  ".pbm", ".pam", ".pcx", ".sgi",
    ".eps",  ".fits", ".dcm", ".dicom", ".nii", ".nrrd", ".mha", ".npy", ".npz", ".dng",
    ".cr2",  ".cr3",  ".nef", ".arw",   ".orf", ".rw2",  ".raf", ".raw"};

}  // namespace

std::string lower_extension(const std::filesystem::path& name) {
  return to_lower(name.extension().string());
}

FileKind file_kind(const std::filesystem::path& name) {
  const std::string extension = lower_extension(name);
  return kSupportedExtensions.contains(extension)     ? FileKind::kImage
         : kUnsupportedExtensions.contains(extension) ? FileKind::kUnsupportedImage
                                                      : FileKind::kOther;
}

}  // namespace patronus
