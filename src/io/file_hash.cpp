#include "patronus/io/file_hash.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <regex>

#include "patronus/core/error.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

constexpr size_t kShortDigits = 8;

std::string digits_of(const unsigned char* bytes, size_t count) {
  std::string digits;
  for (size_t i = 0; i < count; ++i) digits += hexadecimal(bytes[i], 2);
  return digits;
}

}  // namespace

std::string file_sha256(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(path.string() + ": cannot be read");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool good = hash && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1;
  std::array<char, 1 << 16> block;
  while (file.read(block.data(), block.size()), file.gcount() > 0) {
    good = good && EVP_DigestUpdate(hash.get(), block.data(), static_cast<size_t>(file.gcount())) == 1;
  }
  if (file.bad()) throw DataError(path.string() + ": cannot be read");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int length = 0;
  good = good && EVP_DigestFinal_ex(hash.get(), digest.data(), &length) == 1;
  if (!good) throw Error("this system's OpenSSL computes no SHA-256");
  return digits_of(digest.data(), length);
}

std::string file_identity(const std::filesystem::path& path) {
  return "sha256 " + file_sha256(path).substr(0, kShortDigits);
}

void check_hash_in_name(const std::filesystem::path& path) {
  static const std::regex ends_in_hash(".*-((?=[0-9]*[a-f])[0-9a-f]{8,64})");  // 20240115 is a date
  const std::string name = path.stem().string();
  std::smatch match;
  if (!std::regex_match(name, match, ends_in_hash)) return;
  const std::string promised = match[1], found = file_sha256(path);
  if (found.starts_with(promised)) return;
  throw DataError(path.string() + ": its name promises a sha256 of " + promised + ", its bytes have " +
                  found.substr(0, promised.size()) + "; fetch it again");
}

}  // namespace patronus
