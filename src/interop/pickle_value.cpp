#include "interop/pickle_value.h"

#include <ATen/Functions.h>
#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/serialization/pickler.h>

#include "patronus/core/text.h"

namespace patronus {
namespace {

/// Converts values to IValues.
class ObjectMaker {
 public:
  explicit ObjectMaker(const PickleStyle& style) : style_(style) {}

  c10::IValue object(const Value& value) const {
    return std::visit(*this, static_cast<const Value::variant&>(value));
  }

  template <class Plain>
  c10::IValue operator()(const Plain& content) const {
    return content;
  }

  c10::IValue operator()(std::monostate) const { return {}; }

  /// Moves the tensor to the CPU, contiguous, without storage beyond its elements.
  c10::IValue operator()(const at::Tensor& tensor) const {
    const auto plain = tensor.detach().to(at::kCPU).contiguous();
    return plain.storage().nbytes() == plain.nbytes() ? plain : plain.clone();
  }

  c10::IValue operator()(const List& list) const {
    std::vector<c10::IValue> items;
    for (const auto& item : list) {
      const auto* text = std::get_if<std::string>(&item);
      items.push_back(text ? c10::IValue(valid_utf8(*text)) : object(item));
    }
    if (style_.tuples) return c10::ivalue::Tuple::create(std::move(items));
    c10::impl::GenericList result(c10::AnyType::get());
    for (auto& item : items) result.push_back(std::move(item));
    return result;
  }

  c10::IValue operator()(const Dict& dict) const {
    const auto key_type =
        dict.integer_keys ? c10::TypePtr(c10::IntType::get()) : c10::TypePtr(c10::StringType::get());
    c10::impl::GenericDict result(key_type, c10::AnyType::get());
    for (const auto& [key, value] : dict.entries()) {
      const bool is_device = !style_.device_key.empty() && key == style_.device_key;
      result.insert(dict.integer_keys ? c10::IValue(int64_t{std::stoll(key)}) : c10::IValue(key),
                    is_device ? c10::IValue(c10::Device(value.text())) : object(value));
    }
    return result;
  }

 private:
  const PickleStyle& style_;
};

}  // namespace

PickledValue pickle_value(const Dict& content, const PickleStyle& style) {
  std::string pickle;
  size_t storages = 0;
  torch::jit::Pickler pickler([&](const char* bytes, size_t count) { pickle.append(bytes, count); }, nullptr,
                              nullptr, nullptr, [&](const at::Tensor&) { return std::to_string(storages++); },
                              /*tag_aggregates=*/false);
  pickler.protocol();
  pickler.pushIValue(ObjectMaker(style)(content));
  pickler.stop();
  return {std::move(pickle), pickler.tensorData()};
}

}  // namespace patronus
