#include "support/parity.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>

namespace patronus::test {

namespace fs = std::filesystem;

fs::path parity_folder() {
  const char* chosen = std::getenv("PATRONUS_PARITY_DIR");
  return chosen ? fs::path(chosen) : fs::path(PATRONUS_SOURCE_DIR).parent_path() / "shared" / "parity";
}

std::vector<fs::path> parity_cases(const std::string& prefix) {
  std::vector<fs::path> cases;
  if (!fs::is_directory(parity_folder())) {
    std::cerr << "SKIPPED: no parity cases '" << prefix << "*': " << parity_folder() << " does not exist\n";
    return cases;
  }
  for (const auto& entry : fs::directory_iterator(parity_folder())) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && entry.path().extension() == ".pt") cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::string case_name(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
}

testing::AssertionResult close(const at::Tensor& actual, const at::Tensor& expected, double atol,
                               double rtol) {
  if (actual.sizes() != expected.sizes()) {
    return testing::AssertionFailure() << "shape " << actual.sizes() << ", expected " << expected.sizes();
  }
  if (expected.numel() == 0) return testing::AssertionSuccess();
  const auto a = actual.detach().to(at::kCPU, at::kDouble).flatten();
  const auto e = expected.detach().to(at::kCPU, at::kDouble).flatten();
  // Equal infinities agree; a NaN never does.
  const auto difference = at::where(a == e, at::zeros_like(a), (a - e).abs());
  const auto beyond = at::nan_to_num(difference - (atol + rtol * e.abs()), INFINITY, INFINITY);
  const auto excess = at::where(a == e, 0.0, beyond);
  const int64_t worst = excess.argmax().item<int64_t>();
  if (excess[worst].item<double>() <= 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "element " << worst << " of " << actual.sizes() << ": "
                                     << a[worst].item<double>() << ", expected " << e[worst].item<double>()
                                     << " (atol " << atol << ", rtol " << rtol << "; largest difference "
                                     << difference.max().item<double>() << ")";
}

at::Tensor formula_tensor(const std::string& name, at::IntArrayRef shape, uint64_t seed, double gain) {
  constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;
  uint64_t base = 0xcbf29ce484222325;
  for (const unsigned char c : name) base = (base ^ c) * 0x100000001b3;
  base ^= seed * kGolden;
  const std::string leaf = name.substr(name.rfind('.') + 1);
  auto tensor = at::empty(shape, at::kFloat);
  const double fan_in = shape.size() > 1 ? static_cast<double>(tensor.numel() / shape[0]) : 1;
  auto* out = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    uint64_t z = base + static_cast<uint64_t>(i + 1) * kGolden;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    const double u = static_cast<double>(z >> 11) * 0x1p-52 - 1;
    double value = 0.05 * u;
    if (leaf == "running_var") {
      value = 1.0 + 0.5 * u;
    } else if (leaf == "running_mean") {
      value = 0.1 * u;
    } else if (leaf == "prototype_vectors") {
      value = 0.5 + 0.5 * u;
    } else if (shape.size() > 1) {
      value = gain * std::sqrt(3 / fan_in) * u;
    } else if (leaf == "weight") {
      value = 1.0 + 0.2 * u;
    }
    out[i] = static_cast<float>(value);
  }
  return tensor;
}

}  // namespace patronus::test
