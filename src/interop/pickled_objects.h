#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "patronus/interop/tensor_file.h"

namespace patronus {

struct PickledObject;
using ObjectPointer = PickledObject*;

/// A class or function of the pickle, as "module.name".
struct PickledGlobal {
  std::string name;
};

/// A storage of the file: its bytes, and the element type that the pickle gives it.
struct PickledStorage {
  at::Tensor bytes;
  at::ScalarType dtype;
  bool* taken;  // whether a tensor already has these bytes for its own
};

/// numpy's description of an array's elements.
struct PickledDtype {
  at::ScalarType type;
};

/// An array of numpy before its content is known.
struct PickledArray {};

struct PickledSequence {
  std::vector<ObjectPointer> items;
  bool is_tuple;
};

struct PickledMapping {
  std::vector<std::pair<ObjectPointer, ObjectPointer>> items;
};

/// An object of the pickle machine. Containers point to objects, since a pickle fills them after others refer
/// to them; the unpickler owns every object, so that no reference cycle of a hostile file matters.
struct PickledObject {
  std::variant<Value, PickledGlobal, PickledStorage, PickledDtype, PickledArray, PickledSequence,
               PickledMapping>
      content;
};

/// The kind of the object for messages: "a tensor", "a dictionary", "collections.OrderedDict".
std::string kind_of(const PickledObject& object);

/// The plain value of this type that `object` is, or null.
template <class T>
const T* plain_in(const PickledObject& object) {
  const auto* value = std::get_if<Value>(&object.content);
  return value ? std::get_if<T>(value) : nullptr;
}

/// The integer in `object` (not a bool), or a DataError that starts with `what`.
int64_t integer_in(const PickledObject& object, const char* what);
std::vector<int64_t> integers_in(const PickledObject& object, const char* what);

/// Where a storage lies in the file, and what its elements are.
struct StorageId {
  std::string key;
  at::ScalarType dtype;
  int64_t size;  // bytes
};

/// Whether "torch.FloatStorage" or the like names a type of elements that we know.
bool is_storage_type(const std::string& name);

/// The storage of a persistent id ("storage", type, key, device, elements), before PyTorch 1.6 with a sixth
/// part that says whether it lies in another one; the device does not matter here. DataError for any other
/// object.
StorageId storage_id(const PickledObject& object);

/// The tensor that the arguments of torch._utils._rebuild_tensor_v2 describe: (storage, offset, size, stride,
/// ...). Bounds are checked; the result is contiguous and owns its storage.
at::Tensor rebuild_tensor(const PickledSequence& arguments);

/// `object` as a plain value. DataError for nesting deeper than 64, more than four million values (a small
/// pickle can refer to the same object exponentially often), dictionary keys other than text or integers.
Value plain_value(const PickledObject& object);

}  // namespace patronus
