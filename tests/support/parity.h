#pragma once
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"

namespace patronus::test {

/// Folder of the reference's recorded cases: $PATRONUS_PARITY_DIR, else ../shared/parity next to the
/// checkout.
std::filesystem::path parity_folder();

/// Its files with names `prefix`*.pt, sorted, for INSTANTIATE_TEST_SUITE_P(ValuesIn(...)). Empty, with a
/// message, if the folder is missing and the variable unset.
std::vector<std::filesystem::path> parity_cases(const std::string& prefix);

/// The case's file name without folder and extension, for test names.
std::string case_name(const testing::TestParamInfo<std::filesystem::path>& info);

/// Checks |actual - expected| <= atol + rtol |expected| everywhere. The failure message gives the worst
/// element, both values and the largest difference.
testing::AssertionResult close(const at::Tensor& actual, const at::Tensor& expected, double atol,
                               double rtol = 0);

/// Float32 weights by formula (parity README), from name, shape, seed and gain.
at::Tensor formula_tensor(const std::string& name, at::IntArrayRef shape, uint64_t seed, double gain);

}  // namespace patronus::test
