#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace patronus {

struct Value;
using List = std::vector<Value>;

/// A Python dictionary with string or integer keys, in insertion order. Integer keys are stored as decimal
/// text.
class Dict {
 public:
  /// The value under `key`. Throws DataError naming the key if it is missing.
  const Value& at(const std::string& key) const;
  const Value* find(const std::string& key) const;
  void set(std::string key, Value value);
  const std::vector<std::pair<std::string, Value>>& entries() const { return entries_; }
  size_t size() const { return entries_.size(); }

  bool integer_keys = false;  // whether keys are written as Python ints

 private:
  std::vector<std::pair<std::string, Value>> entries_;
  std::unordered_map<std::string, size_t> places_;  // index of each key in entries_
};

/// Content of a `.pt` file: None, bool, int, float, str, tensor, list (or tuple), dict (or OrderedDict).
struct Value : std::variant<std::monostate, bool, int64_t, double, std::string, at::Tensor, List, Dict> {
  using variant::variant;
  Value() = default;
  // Defined in the .cpp file: gcc 12 wrongly warns of uninitialised members if moves of this variant are
  // inlined.
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();
  // Accessors; each throws DataError naming the actual kind if the value is of another one.
  const at::Tensor& tensor() const;
  int64_t integer() const;  // an int or bool
  double number() const;    // a float or int
  const std::string& text() const;
  const List& list() const;
  const Dict& dict() const;
  std::string kind() const;  // name of the kind for messages: "a tensor", "text", ...
};

/// Copies a dictionary recursively; the copied tensors are on the CPU.
Dict deep_copy(const Dict& content);

/// Reads a dictionary saved by Python's `torch.save` (zip format, or the one before PyTorch 1.6) or by
/// `write_tensor_file`. Accepts plain data only: tensors and parameters (any storage tag, loaded to the CPU),
/// numpy arrays of floating-point numbers, signed integers, bytes or booleans (as tensors), dict,
/// OrderedDict, list, tuple, numbers, text, and torch.device (as text). Anything else in the pickle is
/// rejected by name, and no code is run. Throws DataError for a damaged or foreign file.
Dict read_tensor_file(const std::filesystem::path& path);

/// Writes a file that Python's `torch.load(weights_only=True)` opens. Atomic: temporary file, fsync, rename.
/// Bytes that are not UTF-8 in lists of texts (such as file names) become U+FFFD, as Python rejects them.
void write_tensor_file(const std::filesystem::path& path, const Dict& content);

}  // namespace patronus
