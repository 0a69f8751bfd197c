#include "patronus/interop/npz.h"

#include <ATen/core/Tensor.h>
#include <minizip/unzip.h>
#include <minizip/zip.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "interop/npy.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

using ZipReader = std::unique_ptr<void, decltype(&unzClose)>;

/// Decompresses the current entry and verifies its checksum. The buffer grows with the data, so that a
/// damaged size cannot exhaust the memory.
std::string current_entry(const ZipReader& zip) {
  if (unzOpenCurrentFile(zip.get()) != UNZ_OK) throw DataError("damaged, or compressed in an unknown way");
  constexpr size_t kMaxBytes = size_t{1} << 28;  // eight times the statistics of 2048 features
  std::string bytes;
  std::vector<char> block(size_t{1} << 16);
  int count = 0;
  while ((count = unzReadCurrentFile(zip.get(), block.data(), static_cast<unsigned>(block.size()))) > 0) {
    bytes.append(block.data(), static_cast<size_t>(count));
    if (bytes.size() > kMaxBytes) throw DataError("holds more than 256 MiB");
  }
  if (unzCloseCurrentFile(zip.get()) != UNZ_OK || count < 0)
    throw DataError("damaged: its checksum is wrong");
  return bytes;
}

void require_written(int status) {
  if (status != ZIP_OK) throw std::system_error(errno, std::generic_category());
}

void write_entry(zipFile zip, const std::string& name, const std::string& bytes) {
  zip_fileinfo info{};
  info.dosDate = 1 << 5 | 1;  // 1 January 1980, zip's first day
  require_written(zipOpenNewFileInZip64(zip, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                                        /*method=*/0, /*level=*/0, /*zip64=*/1));
  // minizip's lengths are unsigned int, so large entries are written in parts.
  constexpr size_t kMaxBytes = size_t{1} << 30;
  for (size_t first = 0; first < bytes.size(); first += kMaxBytes) {
    const size_t count = std::min(kMaxBytes, bytes.size() - first);
    require_written(zipWriteInFileInZip(zip, bytes.data() + first, static_cast<unsigned>(count)));
  }
  require_written(zipCloseFileInZip(zip));
}

}  // namespace

std::vector<at::Tensor> read_npz(const fs::path& path, const std::vector<std::string>& names) {
  const std::string where = path.string();
  if (!fs::is_regular_file(path)) throw DataError(where + ": cannot be read; expected numpy's .npz");
  const ZipReader zip(unzOpen64(path.c_str()), &unzClose);
  if (!zip) throw DataError(where + ": damaged or not numpy's .npz");
  std::vector<at::Tensor> arrays;
  for (const auto& name : names) {
    if (unzLocateFile(zip.get(), (name + ".npy").c_str(), /*case sensitive*/ 1) != UNZ_OK) {
      throw DataError(where + ": no array '" + name + "'; expected " + join(names));
    }
    arrays.push_back(
        with_context(where + ": array '" + name + "'", [&] { return decode_npy(current_entry(zip)); }));
  }
  return arrays;
}

void write_npz(const fs::path& path, const std::vector<std::pair<std::string, at::Tensor>>& arrays) {
  write_atomically(path, [&](const fs::path& temporary) {
    std::unique_ptr<void, int (*)(zipFile)> zip(zipOpen64(temporary.c_str(), APPEND_STATUS_CREATE),
                                                [](zipFile file) { return zipClose(file, nullptr); });
    if (!zip) throw std::system_error(errno, std::generic_category());
    for (const auto& [name, array] : arrays) {
      write_entry(zip.get(), name + ".npy", encode_npy(array.to(at::kCPU, at::kDouble)));
    }
    require_written(zipClose(zip.release(), nullptr));
  });
}

}  // namespace patronus
