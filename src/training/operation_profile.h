#pragma once
#include <functional>
#include <map>
#include <string>

namespace patronus {

/// Name of the convolutions' kind, in profiles of operators and of kernels.
inline constexpr const char* kConvolutions = "convolutions";

/// Where work spends its time, and how much it computes.
struct OperationProfile {
  double seconds = 0;                     // total
  std::map<std::string, double> kinds{};  // seconds by kind; the rest is outside of operators (or kernels)
  double flop = 0;                        // of convolutions and matrix products, forward and backward
  double convolution_flop = 0;            // of convolutions alone
};

/// Runs `work` and times LibTorch's operators and ours; on a GPU, `work` must wait until it is done, and
/// times are those of the launches. Not reentrant.
OperationProfile profile_operations(const std::function<void()>& work);

}  // namespace patronus
