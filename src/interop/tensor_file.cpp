#include "patronus/interop/tensor_file.h"

#include <ATen/Functions.h>
#include <caffe2/serialize/inline_container.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "interop/legacy_tensor_file.h"
#include "interop/pickle_value.h"
#include "interop/unpickler.h"
#include "patronus/core/error.h"
#include "patronus/core/nearest_path.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using caffe2::serialize::PyTorchStreamReader;
using caffe2::serialize::PyTorchStreamWriter;

std::string first_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!fs::is_regular_file(path) || !file) {
    throw DataError("cannot be read; expected a file of torch.save" +
                    did_you_mean_path(path, fs::file_type::regular));
  }
  std::string bytes(kLegacyMagic.size(), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

/// Checks that a record fits into the file, where records are uncompressed, so that a damaged size cannot
/// exhaust the memory.
size_t record_size(PyTorchStreamReader& reader, const std::string& name, size_t file_size) {
  const size_t size = reader.getRecordSize(name);
  if (size > file_size) throw DataError("damaged: record " + name + " is longer than the file");
  return size;
}

std::string read_text(PyTorchStreamReader& reader, const std::string& name, size_t file_size) {
  std::string text(record_size(reader, name, file_size), '\0');
  reader.getRecord(name, text.data(), text.size());
  return text;
}

Value read_zip(const fs::path& path) {
  PyTorchStreamReader reader(path.string());
  const size_t file_size = fs::file_size(path);
  if (reader.hasRecord("byteorder") && read_text(reader, "byteorder", file_size) != "little") {
    throw DataError(kBigEndianFile);
  }
  const std::string pickle = read_text(reader, "data.pkl", file_size);
  std::string_view rest = pickle;
  return unpickle(rest, [&](const StorageId& storage) {
    const std::string name = "data/" + storage.key;
    if (record_size(reader, name, file_size) != static_cast<size_t>(storage.size)) {
      throw DataError("damaged: storage " + storage.key + " has another size than its tensors");
    }
    auto bytes = at::empty({storage.size}, at::kByte);
    reader.getRecord(name, bytes.data_ptr(), static_cast<size_t>(storage.size));
    return bytes;
  });
}

Value read_value(const fs::path& path) {
  const std::string start = first_bytes(path);
  if (start.starts_with("PK\3\4")) return read_zip(path);
  if (start == kLegacyMagic) return decode_legacy_tensor_file(read_file(path));
  throw DataError("not a file of torch.save, nor of its format before PyTorch 1.6");
}

void write_archive(const fs::path& path, const Dict& content) {
  const auto [pickle, storages] = pickle_value(content);
  std::ofstream file(path, std::ios::binary);
  int error = file ? 0 : errno;
  // The archive's destructor must not fail, so the sink accepts all data and remembers the first error.
  PyTorchStreamWriter archive([&](const void* bytes, size_t count) {
    if (error == 0 && !file.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(count)))
      error = errno;
    return count;
  });
  archive.writeRecord("data.pkl", pickle.data(), pickle.size());
  archive.writeRecord("byteorder", "little", 6);
  size_t key = 0;
  for (const auto& tensor : storages) {
    archive.writeRecord("data/" + std::to_string(key++), tensor.data_ptr(), tensor.nbytes());
  }
  archive.writeEndOfFile();
  if (error == 0 && !file.flush()) error = errno;
  if (error != 0) throw std::system_error(error, std::generic_category());
}

[[noreturn]] void wrong_kind(const Value& value, const char* expected) {
  throw DataError("found " + value.kind() + "; expected " + expected);
}

Value deep_copy(const Value& value) {
  if (const auto* tensor = std::get_if<at::Tensor>(&value)) {
    return tensor->detach().to(at::TensorOptions(at::kCPU), /*non_blocking=*/false, /*copy=*/true,
                               at::MemoryFormat::Contiguous);
  }
  if (const auto* dict = std::get_if<Dict>(&value)) return deep_copy(*dict);
  if (const auto* list = std::get_if<List>(&value)) {
    List copy;
    for (const auto& element : *list) copy.push_back(deep_copy(element));
    return copy;
  }
  return value;
}

}  // namespace

Dict deep_copy(const Dict& content) {
  Dict copy;
  copy.integer_keys = content.integer_keys;
  for (const auto& [key, value] : content.entries()) copy.set(key, deep_copy(value));
  return copy;
}

Dict read_tensor_file(const fs::path& path) {
  const std::string where = path.string() + ": ";
  try {
    const Value value = read_value(path);
    return value.dict();
  } catch (const DataError& error) {
    throw DataError(where + error.what());
  } catch (const c10::Error&) {
    throw DataError(where + "damaged or not a file of torch.save");
  } catch (const std::bad_alloc&) {
    throw DataError(where + "damaged: a size in it exceeds the memory");
  }
}

void write_tensor_file(const fs::path& path, const Dict& content) {
  write_atomically(path, [&](const fs::path& temporary) { write_archive(temporary, content); });
}

const Value& Dict::at(const std::string& key) const {
  if (const Value* value = find(key)) return *value;
  throw DataError("no entry '" + key + "'");
}

const Value* Dict::find(const std::string& key) const {
  const auto place = places_.find(key);
  return place == places_.end() ? nullptr : &entries_[place->second].second;
}

void Dict::set(std::string key, Value value) {
  const auto [place, is_new] = places_.emplace(key, entries_.size());
  if (is_new) {
    entries_.emplace_back(std::move(key), std::move(value));
  } else {
    entries_[place->second].second = std::move(value);
  }
}

Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

std::string Value::kind() const {
  static const char* const kinds[] = {"None", "a bool",   "an integer", "a float",
                                      "text", "a tensor", "a list",     "a dictionary"};
  return kinds[index()];
}

const at::Tensor& Value::tensor() const {
  if (const auto* tensor = std::get_if<at::Tensor>(this)) return *tensor;
  wrong_kind(*this, "a tensor");
}

int64_t Value::integer() const {
  if (const auto* truth = std::get_if<bool>(this)) return *truth;
  if (const auto* integer = std::get_if<int64_t>(this)) return *integer;
  wrong_kind(*this, "an integer");
}

double Value::number() const {
  if (const auto* number = std::get_if<double>(this)) return *number;
  if (const auto* integer = std::get_if<int64_t>(this)) return static_cast<double>(*integer);
  wrong_kind(*this, "a number");
}

const std::string& Value::text() const {
  if (const auto* text = std::get_if<std::string>(this)) return *text;
  wrong_kind(*this, "text");
}

const List& Value::list() const {
  if (const auto* list = std::get_if<List>(this)) return *list;
  wrong_kind(*this, "a list");
}

const Dict& Value::dict() const {
  if (const auto* dict = std::get_if<Dict>(this)) return *dict;
  wrong_kind(*this, "a dictionary");
}

}  // namespace patronus
