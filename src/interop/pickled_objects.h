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

/// A class or function named in the pickle, as "module.name".
struct PickledGlobal {
  std::string name;
};

/// A storage of the file, with the element type that the pickle states.
struct PickledStorage {
  at::Tensor bytes;
  at::ScalarType dtype;
  bool* taken;  // whether a tensor has already taken over these bytes
};

/// A numpy dtype.
struct PickledDtype {
  at::ScalarType type;
};

/// A numpy array whose content is still to come.
struct PickledArray {};

struct PickledSequence {
  std::vector<ObjectPointer> items;
  bool is_tuple;
};

struct PickledMapping {
  std::vector<std::pair<ObjectPointer, ObjectPointer>> items;
};

/// An object on the unpickler's stack. Containers hold pointers, since a pickle fills them after others refer
/// to them; the unpickler owns all objects, so that reference cycles in hostile files do no harm.
struct PickledObject {
  std::variant<Value, PickledGlobal, PickledStorage, PickledDtype, PickledArray, PickledSequence,
               PickledMapping>
      content;
};

/// Kind of the object for messages: "a tensor", "a dictionary", "collections.OrderedDict".
std::string kind_of(const PickledObject& object);

/// Pointer to the plain value of type T in `object`, or null.
template <class T>
const T* plain_in(const PickledObject& object) {
  const auto* value = std::get_if<Value>(&object.content);
  return value ? std::get_if<T>(value) : nullptr;
}

/// The integer in `object` (not a bool); else throws a DataError that starts with `what`.
int64_t integer_in(const PickledObject& object, const char* what);
std::vector<int64_t> integers_in(const PickledObject& object, const char* what);

/// Key, element type and size of a storage.
struct StorageId {
  std::string key;
  at::ScalarType dtype;
  int64_t size;  // bytes
};

/// Whether `name` is a supported storage type, such as "torch.FloatStorage".
bool is_storage_type(const std::string& name);

/// Storage of a persistent id ("storage", type, key, device, elements); the device is ignored. Before PyTorch
/// 1.6 a sixth part tells whether it is a view of another storage. Throws DataError for those and for any
/// other object.
StorageId storage_id(const PickledObject& object);

/// Tensor from the arguments of torch._utils._rebuild_tensor_v2: (storage, offset, size, stride, ...). Checks
/// bounds; the result is contiguous and owns its storage.
at::Tensor rebuild_tensor(const PickledSequence& arguments);

/// Converts `object` to a plain value. Throws DataError for nesting deeper than 64, more than four million
/// values (a small pickle can expand exponentially), or dictionary keys other than text or integers.
Value plain_value(const PickledObject& object);

}  // namespace patronus
