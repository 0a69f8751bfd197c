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

/// A Python dictionary with string or integer keys, in insertion order. Integer keys are kept as decimal
/// text.
class Dict {
 public:
  /// The value under `key`; a DataError names the key when it is absent.
  const Value& at(const std::string& key) const;
  const Value* find(const std::string& key) const;
  void set(std::string key, Value value);
  const std::vector<std::pair<std::string, Value>>& entries() const { return entries_; }
  size_t size() const { return entries_.size(); }

  bool integer_keys = false;  // written as Python ints

 private:
  std::vector<std::pair<std::string, Value>> entries_;
  std::unordered_map<std::string, size_t> places_;  // of the keys in entries_
};

/// What a `.pt` file may hold: None, bool, int, float, str, tensor, list (or tuple), dict (or OrderedDict).
struct Value : std::variant<std::monostate, bool, int64_t, double, std::string, at::Tensor, List, Dict> {
  using variant::variant;
  Value() = default;
  // In the .cpp file: gcc 12 warns wrongly of uninitialised members where moves of such a variant are
  // inlined.
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();
  // Each throws a DataError that says what was found when the value is of another kind.
  const at::Tensor& tensor() const;
  int64_t integer() const;  // an int or bool
  double number() const;    // a float or int
  const std::string& text() const;
  const List& list() const;
  const Dict& dict() const;
  std::string kind() const;  // "a tensor", "text", ... for messages
};

/// A copy of everything in it, with tensors of its own on the CPU.
Dict deep_copy(const Dict& content);

/// Reads a dictionary saved by Python's `torch.save` (its zip format, or the one before PyTorch 1.6) or by
/// `write_tensor_file`. Only plain data is accepted: tensors and parameters (any storage tag, loaded to the
/// CPU), numpy's arrays of numbers, which become tensors, dict, OrderedDict, list, tuple, numbers, text, and
/// a torch.device, which becomes text; anything else in the pickle is refused by name, and no code is run.
/// DataError for a damaged or foreign file.
Dict read_tensor_file(const std::filesystem::path& path);

/// Writes a file that Python's `torch.load(weights_only=True)` opens. Atomic: temporary file, fsync, rename.
/// Bytes of texts in lists, which files' names are, that are no UTF-8 become U+FFFD, since Python refuses
/// them.
void write_tensor_file(const std::filesystem::path& path, const Dict& content);

}  // namespace patronus
