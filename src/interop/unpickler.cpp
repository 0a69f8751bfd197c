#include "interop/unpickler.h"

#include <bit>
#include <deque>
#include <unordered_map>

#include "interop/pickle_ops.h"
#include "interop/pickled_arrays.h"
#include "patronus/core/error.h"
#include "patronus/io/byte_reader.h"

namespace patronus {
namespace {

constexpr const char* kOrderedDict = "collections.OrderedDict";
constexpr const char* kRebuildTensor = "torch._utils._rebuild_tensor_v2";
constexpr const char* kRebuildParameter = "torch._utils._rebuild_parameter";
constexpr const char* kDevice = "torch.device";

using Op = PickleOp;

/// The pickle machine: executes the opcodes of one pickle.
class Unpickler {
 public:
  Unpickler(std::string_view bytes, const StorageReader& read_storage)
      : bytes_(bytes, "damaged pickle: it ends early"), read_storage_(read_storage) {}

  Value run() {
    for (;;) {
      const Op op{bytes_.byte()};
      if (op == Op::kStop) return plain_value(*pop());
      if (!push_scalar(op) && !push_container(op) && !change_container(op) && !use_memo(op)) construct(op);
    }
  }

  std::string_view rest() const { return bytes_.rest(); }

 private:
  using Items = std::vector<ObjectPointer>;

  bool push_scalar(Op op) {
    switch (op) {
      case Op::kNone:
        push(Value());
        return true;
      case Op::kNewTrue:
        push(Value(true));
        return true;
      case Op::kNewFalse:
        push(Value(false));
        return true;
      case Op::kBinInt:
        push(Value(int64_t{static_cast<int32_t>(bytes_.little_endian(4))}));
        return true;
      case Op::kBinInt1:
        push(Value(int64_t{bytes_.byte()}));
        return true;
      case Op::kBinInt2:
        push(Value(static_cast<int64_t>(bytes_.little_endian(2))));
        return true;
      case Op::kLong1:
        push(Value(long_integer()));
        return true;
      case Op::kBinFloat:
        push(Value(std::bit_cast<double>(load_unsigned(std::endian::big, bytes_.take(8), 0, 8))));
        return true;
      case Op::kShortBinString:
      case Op::kShortBinBytes:
      case Op::kShortBinUnicode:
        push(Value(std::string(bytes_.take(bytes_.byte()))));
        return true;
      case Op::kBinString:
      case Op::kBinBytes:
      case Op::kBinUnicode:
        push(Value(std::string(bytes_.take(bytes_.little_endian(4)))));
        return true;
      case Op::kByteArray8:
        push(Value(std::string(bytes_.take(bytes_.little_endian(8)))));
        return true;
      default:
        return false;
    }
  }

  /// LONG1: a length byte, then a two's complement integer of that length.
  int64_t long_integer() {
    const size_t bytes = bytes_.byte();
    if (bytes > 8) throw DataError("integer of more than 64 bits");
    if (bytes == 0) return 0;
    const auto unused_bits = 64 - 8 * bytes;
    return static_cast<int64_t>(bytes_.little_endian(bytes) << unused_bits) >> unused_bits;  // sign-extends
  }

  bool push_container(Op op) {
    switch (op) {
      case Op::kMark:
        marks_.push_back(stack_.size());
        return true;
      case Op::kEmptyList:
        push(PickledSequence{{}, false});
        return true;
      case Op::kEmptyDict:
        push(PickledMapping{});
        return true;
      case Op::kEmptyTuple:
        push(PickledSequence{{}, true});
        return true;
      case Op::kTuple:
        push(PickledSequence{pop_to_mark(), true});
        return true;
      case Op::kTuple1:
        push(PickledSequence{pop_items(1), true});
        return true;
      case Op::kTuple2:
        push(PickledSequence{pop_items(2), true});
        return true;
      case Op::kTuple3:
        push(PickledSequence{pop_items(3), true});
        return true;
      default:
        return false;
    }
  }

  bool change_container(Op op) {
    switch (op) {
      case Op::kAppend:
        append(pop_items(1));
        return true;
      case Op::kAppends:
        append(pop_to_mark());
        return true;
      case Op::kSetItem:
        set_items(pop_items(2));
        return true;
      case Op::kSetItems:
        set_items(pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  bool use_memo(Op op) {
    switch (op) {
      case Op::kBinPut:
        memo_[bytes_.byte()] = top();
        return true;
      case Op::kLongBinPut:
        memo_[bytes_.little_endian(4)] = top();
        return true;
      case Op::kMemoize:
        memo_[memo_.size()] = top();
        return true;
      case Op::kBinGet:
        recall(bytes_.byte());
        return true;
      case Op::kLongBinGet:
        recall(bytes_.little_endian(4));
        return true;
      default:
        return false;
    }
  }

  void construct(Op op) {
    switch (op) {
      case Op::kProto:
        check_protocol(bytes_.byte());
        return;
      case Op::kFrame:
        bytes_.take(8);  // frame length: needed only to read from a stream
        return;
      case Op::kGlobal: {
        const std::string module = bytes_.line();
        push(known_global(module + "." + bytes_.line()));
        return;
      }
      case Op::kStackGlobal: {
        const auto names = pop_items(2);
        push(known_global(name_in(*names[0]) + "." + name_in(*names[1])));
        return;
      }
      case Op::kBinPersId:
        push(storage(storage_id(*pop())));
        return;
      case Op::kReduce:
        reduce();
        return;
      case Op::kBuild:
        build();
        return;
      case Op::kNextBuffer:
        throw DataError("the content of an array lies outside the pickle; save it without buffer_callback");
      default:
        break;
    }
    throw DataError("pickle operation " + std::to_string(static_cast<int>(op)) + " is not one of plain data");
  }

  static void check_protocol(int protocol) {
    if (protocol < 2 || protocol > 5)
      throw DataError("pickle protocol " + std::to_string(protocol) + "; expected 2 to 5");
  }

  static const std::string& name_in(const PickledObject& object) {
    if (const auto* name = plain_in<std::string>(object)) return *name;
    throw DataError("name that is " + kind_of(object) + "; expected text");
  }

  static PickledGlobal known_global(std::string name) {
    if (name != kOrderedDict && name != kRebuildTensor && name != kRebuildParameter && name != kDevice &&
        !is_storage_type(name) && !is_array_function(name)) {
      throw DataError("contains " + name +
                      ", which is not plain data; save tensors, numbers, text, lists and "
                      "dictionaries only");
    }
    return {std::move(name)};
  }

  PickledStorage storage(const StorageId& id) {
    auto [entry, is_new] = storages_.try_emplace(id.key);
    if (is_new) entry->second.bytes = read_storage_(id);
    if (entry->second.bytes.numel() != id.size)
      throw DataError("storage " + id.key + " with two different sizes");
    return {entry->second.bytes, id.dtype, &entry->second.taken};
  }

  void reduce() {
    const auto arguments_and_function = pop_items(2);
    const auto* global = std::get_if<PickledGlobal>(&arguments_and_function[0]->content);
    const auto* arguments = std::get_if<PickledSequence>(&arguments_and_function[1]->content);
    if (!global || !arguments) throw DataError("call of " + kind_of(*arguments_and_function[0]));
    if (global->name == kOrderedDict && arguments->items.empty()) {
      push(PickledMapping{});
    } else if (global->name == kRebuildTensor) {
      push(Value(rebuild_tensor(*arguments)));
    } else if (global->name == kRebuildParameter && !arguments->items.empty()) {
      stack_.push_back(arguments->items[0]);
    } else if (global->name == kDevice && !arguments->items.empty()) {
      push(Value(device_name(*arguments)));
    } else if (is_array_function(global->name)) {
      stack_.push_back(&objects_.emplace_back(call_array_function(global->name, *arguments)));
    } else {
      throw DataError("call of " + global->name + " with unknown arguments");
    }
  }

  /// Device of torch.device's arguments: "cuda" or "cuda:1".
  static std::string device_name(const PickledSequence& arguments) {
    std::string name = name_in(*arguments.items[0]);
    if (arguments.items.size() > 1) name += ":" + std::to_string(integer_in(*arguments.items[1], "device"));
    return name;
  }

  /// BUILD: the state of an array is its content, that of a dtype its byte order. Attributes of an
  /// OrderedDict (a state dict's `_metadata`) are ignored.
  void build() {
    const auto state = pop();
    auto& content = top()->content;
    if (std::holds_alternative<PickledArray>(content)) {
      content = Value(array_content(*state));
    } else if (std::holds_alternative<PickledDtype>(content)) {
      require_own_byte_order(*state);
    } else if (!std::holds_alternative<PickledMapping>(content)) {
      throw DataError("attributes on " + kind_of(*top()));
    }
  }

  void append(const Items& items) {
    auto* list = std::get_if<PickledSequence>(&top()->content);
    if (!list || list->is_tuple) throw DataError("append to " + kind_of(*top()));
    list->items.insert(list->items.end(), items.begin(), items.end());
  }

  void set_items(const Items& items) {
    auto* mapping = std::get_if<PickledMapping>(&top()->content);
    if (!mapping || items.size() % 2 != 0) throw DataError("keys set in " + kind_of(*top()));
    for (size_t i = 0; i < items.size(); i += 2) mapping->items.emplace_back(items[i], items[i + 1]);
  }

  template <class Content>
  void push(Content content) {
    stack_.push_back(&objects_.emplace_back(PickledObject{std::move(content)}));
  }

  void recall(uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) throw DataError("damaged pickle: reference to nothing");
    stack_.push_back(found->second);
  }

  /// Checks that `count` objects lie above the innermost mark; those below belong to a container still open.
  void require(size_t count) const {
    const size_t bottom = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() < bottom + count) throw DataError("damaged pickle: nothing left on its stack");
  }

  ObjectPointer top() const {
    require(1);
    return stack_.back();
  }

  ObjectPointer pop() { return pop_items(1)[0]; }

  Items pop_items(size_t count) {
    require(count);
    const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
    Items items(first, stack_.end());
    stack_.erase(first, stack_.end());
    return items;
  }

  Items pop_to_mark() {
    if (marks_.empty()) throw DataError("damaged pickle: no mark on its stack");
    Items items = pop_items(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }

  struct StoredBytes {
    at::Tensor bytes;
    bool taken = false;
  };

  ByteReader bytes_;
  const StorageReader& read_storage_;
  std::deque<PickledObject> objects_;
  Items stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, ObjectPointer> memo_;
  std::unordered_map<std::string, StoredBytes> storages_;
};

}  // namespace

Value unpickle(std::string_view& bytes, const StorageReader& read_storage) {
  Unpickler unpickler(bytes, read_storage);
  Value value = unpickler.run();
  bytes = unpickler.rest();
  return value;
}

}  // namespace patronus
