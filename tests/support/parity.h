#pragma once
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"

namespace patronus::test {

/// The folder of the reference's recorded cases: $PATRONUS_PARITY_DIR, else ../shared/parity beside the
/// checkout.
std::filesystem::path parity_folder();

/// Files in it whose name starts with `prefix` and ends with `.pt`, sorted, for
/// INSTANTIATE_TEST_SUITE_P(ValuesIn(...)). Empty, with a message, when the folder is absent and the variable
/// unset.
std::vector<std::filesystem::path> parity_cases(const std::string& prefix);

/// The case's file name without folder and ending, for test names.
std::string case_name(const testing::TestParamInfo<std::filesystem::path>& info);

/// |actual - expected| <= atol + rtol |expected| everywhere; the failure names the worst element, both values
/// and the largest difference.
testing::AssertionResult close(const at::Tensor& actual, const at::Tensor& expected, double atol,
                               double rtol = 0);

/// Weights by formula (parity README): the tensor of this name and shape for a seed and gain, float32.
at::Tensor formula_tensor(const std::string& name, at::IntArrayRef shape, uint64_t seed, double gain);

}  // namespace patronus::test
