#include "interop/legacy_tensor_file.h"

#include <ATen/Functions.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <map>
#include <string>

#include "interop/unpickler.h"
#include "patronus/core/error.h"
#include "patronus/io/byte_reader.h"

namespace patronus {
namespace {

constexpr int64_t kLegacyVersion = 1001;

at::Tensor no_storage(const StorageId& storage) {
  throw DataError("damaged: storage " + storage.key + " where plain data is expected");
}

using Storages = std::map<std::string, StorageId>;

/// Skips the pickle at the front of `bytes` and returns its storages. Reads no content, but checks that all
/// storages fit into the file.
Storages skip_object(std::string_view& bytes) {
  Storages storages;
  auto room = std::ssize(bytes);
  unpickle(bytes, [&](const StorageId& storage) {
    if (storage.size > room) throw DataError("damaged: storage " + storage.key + " is longer than the file");
    room -= storage.size;
    storages.emplace(storage.key, storage);
    return at::empty({storage.size}, at::kByte);
  });
  return storages;
}

/// Locates the bytes of every storage. `bytes` starts at the pickled list of storage keys.
std::map<std::string, std::string_view> locate(std::string_view bytes, const Storages& storages) {
  const Value names = unpickle(bytes, no_storage);
  ByteReader rest(bytes, "damaged: it ends early");
  std::map<std::string, std::string_view> places;
  for (const auto& name : names.list()) {
    const auto found = storages.find(name.text());
    if (found == storages.end()) throw DataError("damaged: storage " + name.text() + " of no tensor");
    const auto& [key, dtype, size] = found->second;
    if (rest.little_endian(8) * c10::elementSize(dtype) != static_cast<uint64_t>(size)) {
      throw DataError("damaged: storage " + key + " has another size than its tensors");
    }
    places[key] = rest.take(static_cast<size_t>(size));
  }
  return places;
}

}  // namespace

Value decode_legacy_tensor_file(std::string_view bytes) {
  bytes.remove_prefix(kLegacyMagic.size());
  if (const auto version = unpickle(bytes, no_storage).integer(); version != kLegacyVersion) {
    throw DataError("format version " + std::to_string(version) + "; expected " +
                    std::to_string(kLegacyVersion));
  }
  const Value machine = unpickle(bytes, no_storage);
  if (machine.dict().at("little_endian").integer() == 0) throw DataError(kBigEndianFile);
  // The storages follow the object that refers to them, so it is decoded twice: first to find them.
  auto object = bytes;
  const auto storages = skip_object(bytes);
  const auto places = locate(bytes, storages);
  return unpickle(object, [&](const StorageId& storage) {
    const auto place = places.find(storage.key);
    if (place == places.end()) throw DataError("damaged: storage " + storage.key + " is not in the file");
    auto content = at::empty({storage.size}, at::kByte);
    std::copy(place->second.begin(), place->second.end(), static_cast<char*>(content.data_ptr()));
    return content;
  });
}

}  // namespace patronus
