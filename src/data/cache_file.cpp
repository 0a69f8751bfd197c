#include "data/cache_file.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <fcntl.h>
#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <type_traits>

#include "patronus/core/error.h"
#include "patronus/core/hash.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPageBytes = 4096;  // aligns the pixels to memory pages
static_assert(std::has_unique_object_representations_v<OriginalImage>, "its bytes have a checksum");
// Bytes per image after the pixels: index, original and checksum.
constexpr int64_t kPerImage = sizeof(int64_t) + sizeof(OriginalImage) + sizeof(uint32_t);

/// Layout of the first page of the file.
struct Page {
  char magic[8] = {'P', 'A', 'T', 'R', 'D', 'A', 'T', 'A'};
  uint32_t version = 6;
  uint32_t resized = 0;
  uint64_t key = 0;
  int64_t listed = 0;
  int64_t kept = 0;
  int64_t channels = 0;
  int64_t size = 0;
  uint64_t checksum = 0;  // of this page with checksum 0, and of everything after the pixels
  char source[kPageBytes - 64] = {};
};
static_assert(sizeof(Page) == kPageBytes);

std::string_view as_text(const void* bytes, size_t count) {
  return {static_cast<const char*>(bytes), count};
}

uint64_t checksum_of(Page page, std::initializer_list<std::string_view> behind_pixels) {
  page.checksum = 0;
  uint64_t checksum = hash_of(as_text(&page, sizeof page));
  for (const auto bytes : behind_pixels) checksum = hash_of(bytes, checksum);
  return checksum;
}

uint32_t image_checksum(const void* pixels, int64_t bytes) {
  return static_cast<uint32_t>(hash_of(as_text(pixels, static_cast<size_t>(bytes))));
}

CacheHeader header_of(const Page& page) {
  return {.key = page.key,
          .listed = page.listed,
          .kept = page.kept,
          .channels = page.channels,
          .size = page.size,
          .resized = page.resized != 0,
          .source = std::string(page.source, strnlen(page.source, sizeof page.source))};
}

bool read_page(std::ifstream& file, Page& page) {
  return static_cast<bool>(file.read(reinterpret_cast<char*>(&page), sizeof page));
}

std::string damage_of(const Page& page, uintmax_t file_bytes) {
  const Page expected;
  if (std::memcmp(page.magic, expected.magic, sizeof page.magic) != 0) return "not a cache file";
  if (page.version != expected.version) return "written by another version";
  const bool sane = page.kept > 0 && page.kept <= page.listed && page.channels > 0 && page.channels <= 3 &&
                    page.size > 0 && page.size <= 1024;
  if (!sane || file_bytes != static_cast<uintmax_t>(header_of(page).file_bytes()))
    return "truncated or damaged";
  return "";
}

/// Whether all images (uint8 [N, bytes]) have these checksums.
bool pixels_match(const at::Tensor& images, const std::vector<uint32_t>& checksums) {
  std::atomic<bool> match = true;
  const int64_t bytes = images.size(1);
  const auto* first = images.const_data_ptr<uint8_t>();
  at::parallel_for(0, images.size(0), 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end && match; ++i) {
      if (image_checksum(first + i * bytes, bytes) != checksums[i]) match = false;
    }
  });
  return match;
}

/// A locked file, mapped into memory. Only for reading: the system would set memory aside for pages that
/// could be written to, and refuse files larger than it has.
class Mapping {
 public:
  /// Throws Error if it cannot be mapped.
  Mapping(OpenFile file, int64_t bytes)
      : file_(std::move(file)),
        bytes_(static_cast<size_t>(bytes)),
        start_(mmap(nullptr, bytes_, PROT_READ, MAP_SHARED, file_.descriptor(), 0)) {
    if (start_ == MAP_FAILED)
      throw Error(file_.path().string() + ": cannot be mapped into memory: " + std::strerror(errno));
  }
  ~Mapping() { munmap(start_, bytes_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  char* start() const { return static_cast<char*>(start_); }

 private:
  OpenFile file_;
  size_t bytes_;
  void* start_;
};

/// Copies `count` elements from `place` and moves it behind them.
template <class Element>
std::vector<Element> take_elements(const char*& place, int64_t count) {
  std::vector<Element> elements(static_cast<size_t>(count));
  const size_t bytes = elements.size() * sizeof(Element);
  std::memcpy(elements.data(), place, bytes);
  place += bytes;
  return elements;
}

template <class Element>
void write_elements(std::ofstream& file, const std::vector<Element>& elements) {
  file.write(reinterpret_cast<const char*>(elements.data()),
             static_cast<std::streamsize>(elements.size() * sizeof(Element)));
}

template <class Element>
std::string_view as_text(const std::vector<Element>& elements) {
  return as_text(elements.data(), elements.size() * sizeof(Element));
}

}  // namespace

int64_t CacheHeader::file_bytes() const {
  return kPageBytes + kept * (image_bytes() + kPerImage);
}

bool is_cache_file(const fs::path& path) {
  const Page expected;
  Page page;
  std::ifstream file(path, std::ios::binary);
  return file.read(page.magic, sizeof page.magic) &&
         std::memcmp(page.magic, expected.magic, sizeof page.magic) == 0;
}

std::optional<CacheHeader> read_cache_header(const fs::path& path, std::string& damage) {
  std::ifstream file(path, std::ios::binary);
  Page page;
  std::error_code error;
  damage = read_page(file, page) ? damage_of(page, fs::file_size(path, error)) : "truncated or damaged";
  return damage.empty() ? std::optional(header_of(page)) : std::nullopt;
}

std::optional<OpenFile> open_cache_file(const fs::path& path) {
  try {
    OpenFile file(path, O_RDONLY);
    const bool is_being_removed = file.try_lock(OpenFile::Holders::kMany) == std::errc::operation_would_block;
    if (!is_being_removed && file.is_at_its_path()) return file;
  } catch (const std::system_error&) {
  }
  return std::nullopt;
}

std::optional<CachedImages> map_cache_file(OpenFile opened, const CacheHeader& header) {
  const auto mapping = std::make_shared<Mapping>(std::move(opened), header.file_bytes());
  Page page;
  std::memcpy(&page, mapping->start(), sizeof page);
  const int64_t pixel_bytes = header.kept * header.image_bytes();
  const char* place = mapping->start() + kPageBytes + pixel_bytes;
  const auto kept = take_elements<int64_t>(place, header.kept);
  const auto originals = take_elements<OriginalImage>(place, header.kept);
  const auto checksums = take_elements<uint32_t>(place, header.kept);
  if (checksum_of(page, {as_text(kept), as_text(originals), as_text(checksums)}) != page.checksum)
    return std::nullopt;
  const auto bytes = at::from_blob(
      mapping->start() + kPageBytes, {pixel_bytes}, [mapping](void*) {}, at::kByte);
  if (!pixels_match(bytes.view({header.kept, header.image_bytes()}), checksums)) return std::nullopt;
  const auto pixels = bytes.view(header.resized ? at::kShort : at::kByte);
  return CachedImages{pixels.view({header.kept, header.channels, header.size, header.size}),
                      at::tensor(kept, at::kLong), originals};
}

CacheWriter::CacheWriter(const fs::path& path, const CacheHeader& header)
    : file_(path, std::ios::binary | std::ios::trunc), header_(header) {
  file_.exceptions(std::ios::badbit | std::ios::failbit);
  file_.write(std::string(kPageBytes, '\0').data(), kPageBytes);
}

void CacheWriter::add(int64_t index, const at::Tensor& pixels, const OriginalImage& original) {
  file_.write(static_cast<const char*>(pixels.const_data_ptr()),
              static_cast<std::streamsize>(pixels.nbytes()));
  kept_.push_back(index);
  originals_.push_back(original);
  checksums_.push_back(image_checksum(pixels.const_data_ptr(), header_.image_bytes()));
}

void CacheWriter::finish() {
  Page page;
  page.resized = header_.resized;
  page.key = header_.key;
  page.listed = header_.listed;
  page.kept = std::ssize(kept_);
  page.channels = header_.channels;
  page.size = header_.size;
  header_.source.copy(page.source, sizeof page.source - 1);
  page.checksum = checksum_of(page, {as_text(kept_), as_text(originals_), as_text(checksums_)});
  write_elements(file_, kept_);
  write_elements(file_, originals_);
  write_elements(file_, checksums_);
  file_.seekp(0);
  file_.write(reinterpret_cast<const char*>(&page), sizeof page);
  file_.close();
}

}  // namespace patronus
