#pragma once
#include <functional>
#include <map>
#include <string>

namespace patronus {

/// The kind of operation that convolutions are, in the profiles of operators and of kernels.
inline constexpr const char* kConvolutions = "convolutions";

/// Where a piece of work spends its time, and how much it computes.
struct OperationProfile {
  double seconds = 0;                     // of all of it
  std::map<std::string, double> kinds{};  // seconds, by kind of operation; the rest is in none of LibTorch's
  double flop = 0;                        // of convolutions and matrix products, forward and backward
  double convolution_flop = 0;            // of it, that of convolutions
};

/// Runs `work` and watches LibTorch's operators; on a GPU `work` must wait for its end, and times are those
/// of the launches. Not reentrant.
OperationProfile profile_operations(const std::function<void()>& work);

}  // namespace patronus
