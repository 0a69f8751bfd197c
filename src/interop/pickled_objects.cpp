#include "interop/pickled_objects.h"

#include <ATen/Functions.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <map>

#include "patronus/core/error.h"

namespace patronus {
namespace {

const std::map<std::string, at::ScalarType> kStorageTypes{
    {"torch.FloatStorage", at::kFloat},
    {"torch.DoubleStorage", at::kDouble},
    {"torch.HalfStorage", at::kHalf},
    {"torch.BFloat16Storage", at::kBFloat16},
    {"torch.LongStorage", at::kLong},
    {"torch.IntStorage", at::kInt},
    {"torch.ShortStorage", at::kShort},
    {"torch.CharStorage", at::kChar},
    {"torch.ByteStorage", at::kByte},
    {"torch.BoolStorage", at::kBool},
    {"torch.ComplexFloatStorage", at::kComplexFloat},
    {"torch.ComplexDoubleStorage", at::kComplexDouble},
};

constexpr int kMaxLevels = 64;
// A reference to an earlier value takes two bytes, so a small pickle can expand exponentially; these limits
// keep it from exhausting the memory.
constexpr int64_t kMaxValues = 4'000'000;
constexpr size_t kMaxText = size_t{1} << 28;
// A tensor may repeat its storage's elements (`expand`); limits what hostile sizes can allocate.
constexpr int64_t kMaxRepeatedElements = int64_t{1} << 24;

/// Number of elements of `size`, and one past the last storage element reached from `offset` with `stride`.
struct Extent {
  int64_t elements;
  int64_t end;
};

Extent extent_of(int64_t offset, const std::vector<int64_t>& size, const std::vector<int64_t>& stride) {
  if (size.size() != stride.size() || offset < 0) throw DataError("tensor with an impossible shape");
  Extent extent{1, 0};
  bool overflow = __builtin_add_overflow(offset, 1, &extent.end);
  for (size_t i = 0; i < size.size(); ++i) {
    int64_t reach = 0;
    if (size[i] < 0 || stride[i] < 0) throw DataError("tensor with a negative size or stride");
    overflow |= __builtin_mul_overflow(extent.elements, size[i], &extent.elements);
    overflow |= __builtin_mul_overflow(std::max<int64_t>(size[i] - 1, 0), stride[i], &reach);
    overflow |= __builtin_add_overflow(extent.end, reach, &extent.end);
  }
  if (overflow) throw DataError("tensor with an impossible shape");
  if (extent.elements == 0) extent.end = 0;
  return extent;
}

class PlainValues {
 public:
  Value convert(const PickledObject& object) {
    if (++count_ > kMaxValues) throw DataError("more than four million values");
    if (const auto* value = std::get_if<Value>(&object.content)) return counted(*value);
    if (++level_ > kMaxLevels) throw DataError("nested more than 64 levels deep");
    Value result;
    if (const auto* sequence = std::get_if<PickledSequence>(&object.content)) {
      result = list(*sequence);
    } else if (const auto* mapping = std::get_if<PickledMapping>(&object.content)) {
      result = dict(*mapping);
    } else {
      throw DataError(kind_of(object) + " where plain data is expected");
    }
    --level_;
    return result;
  }

 private:
  const Value& counted(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) text_ += text->size();
    if (text_ > kMaxText) throw DataError("more than 256 MiB of text");
    return value;
  }

  List list(const PickledSequence& sequence) {
    List result;
    result.reserve(sequence.items.size());
    for (const auto* item : sequence.items) result.push_back(convert(*item));
    return result;
  }

  Dict dict(const PickledMapping& mapping) {
    Dict result;
    bool text_keys = false;
    for (const auto& [key, value] : mapping.items) {
      const auto* integer = plain_in<int64_t>(*key);
      const auto* text = plain_in<std::string>(*key);
      if (!integer && !text)
        throw DataError("dictionary key that is " + kind_of(*key) + "; expected text or integers");
      (integer ? result.integer_keys : text_keys) = true;
      result.set(integer ? std::to_string(*integer) : *text, convert(*value));
    }
    if (result.integer_keys && text_keys) throw DataError("dictionary with both text and integer keys");
    return result;
  }

  int level_ = 0;
  int64_t count_ = 0;
  size_t text_ = 0;  // bytes
};

}  // namespace

std::string kind_of(const PickledObject& object) {
  struct Namer {
    std::string operator()(const Value& value) const { return value.kind(); }
    std::string operator()(const PickledGlobal& global) const { return global.name; }
    std::string operator()(const PickledStorage&) const { return "a storage"; }
    std::string operator()(const PickledDtype&) const { return "a dtype of numpy"; }
    std::string operator()(const PickledArray&) const { return "an array of numpy without content"; }
    std::string operator()(const PickledSequence& s) const { return s.is_tuple ? "a tuple" : "a list"; }
    std::string operator()(const PickledMapping&) const { return "a dictionary"; }
  };
  return std::visit(Namer{}, object.content);
}

int64_t integer_in(const PickledObject& object, const char* what) {
  if (const auto* integer = plain_in<int64_t>(object)) return *integer;
  throw DataError(std::string(what) + " is " + kind_of(object) + "; expected an integer");
}

std::vector<int64_t> integers_in(const PickledObject& object, const char* what) {
  const auto* sequence = std::get_if<PickledSequence>(&object.content);
  if (!sequence) throw DataError(std::string(what) + " is " + kind_of(object) + "; expected a tuple");
  std::vector<int64_t> integers;
  for (const auto* item : sequence->items) integers.push_back(integer_in(*item, what));
  return integers;
}

bool is_storage_type(const std::string& name) {
  return kStorageTypes.contains(name);
}

StorageId storage_id(const PickledObject& object) {
  const auto* parts = std::get_if<PickledSequence>(&object.content);
  if (!parts || parts->items.size() < 5)
    throw DataError("persistent id that is " + kind_of(object) + "; expected a storage");
  const auto* global = std::get_if<PickledGlobal>(&parts->items[1]->content);
  const auto type = global ? kStorageTypes.find(global->name) : kStorageTypes.end();
  if (type == kStorageTypes.end()) throw DataError("storage type that is " + kind_of(*parts->items[1]));
  const auto* key = plain_in<std::string>(*parts->items[2]);
  if (!key) throw DataError("storage without a key");
  if (parts->items.size() > 5 && kind_of(*parts->items[5]) != "None") {
    throw DataError("storage that is part of another one; save it with PyTorch 1.6 or newer");
  }
  const int64_t elements = integer_in(*parts->items[4], "storage size");
  const auto element_size = static_cast<int64_t>(c10::elementSize(type->second));
  int64_t size = 0;
  if (elements < 0 || __builtin_mul_overflow(elements, element_size, &size)) {
    throw DataError("storage with an impossible size");
  }
  return {*key, type->second, size};
}

at::Tensor rebuild_tensor(const PickledSequence& arguments) {
  if (arguments.items.size() < 4) throw DataError("tensor with too few arguments");
  const auto* storage = std::get_if<PickledStorage>(&arguments.items[0]->content);
  if (!storage) throw DataError("tensor on " + kind_of(*arguments.items[0]) + "; expected a storage");
  const int64_t offset = integer_in(*arguments.items[1], "tensor offset");
  const auto size = integers_in(*arguments.items[2], "tensor size");
  const auto stride = integers_in(*arguments.items[3], "tensor stride");
  const Extent extent = extent_of(offset, size, stride);
  const int64_t available = storage->bytes.numel() / static_cast<int64_t>(c10::elementSize(storage->dtype));
  if (extent.end > available) throw DataError("tensor that reaches beyond its storage");
  if (extent.elements > std::max(available, kMaxRepeatedElements))
    throw DataError("tensor far larger than its storage");
  const auto view = at::empty({0}, storage->dtype).set_(storage->bytes.storage(), offset, size, stride);
  // The first tensor that spans a whole storage takes it over; any other gets a copy of its part.
  if (extent.elements == available && view.is_contiguous() && !std::exchange(*storage->taken, true))
    return view;
  return view.clone(at::MemoryFormat::Contiguous);
}

Value plain_value(const PickledObject& object) {
  return PlainValues().convert(object);
}

}  // namespace patronus
