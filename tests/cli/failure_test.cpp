#include "cli/failure.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <new>
#include <stdexcept>

namespace patronus::cli {
namespace {

Failure failure_in(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& exception) {
    return failure_of(exception);
  }
  return {"none", ExitCode::kOther};
}

TEST(FailureOf, OursHasItsMessageAndStatus) {
  const Failure failure = failure_in([] { throw DataError("a.png: is damaged"); });
  EXPECT_EQ(failure.message, "a.png: is damaged");
  EXPECT_EQ(static_cast<int>(failure.code), 3);
}

TEST(FailureOf, FullMemorySaysWhatTakesLess) {
  const std::string advice =
      "; lower training.batch_size or raise training.accumulate, or give an analysis a "
      "smaller --batch-size";
  EXPECT_EQ(failure_in([] { throw std::bad_alloc(); }).message, "memory is full" + advice);
  const std::string of_libtorch = failure_in([] { at::empty({1'000'000'000'000'000}); }).message;
  EXPECT_TRUE(of_libtorch.starts_with("memory is full: ") && of_libtorch.ends_with(advice)) << of_libtorch;
}

TEST(FailureOf, OthersAreOneLine) {
  EXPECT_EQ(failure_in([] { throw std::runtime_error("first\nsecond"); }).message, "first");
  const Failure no_path = failure_in([] { std::filesystem::remove(std::string(5000, 'x')); });
  EXPECT_EQ(no_path.message, std::string(5000, 'x') + ": File name too long");
  EXPECT_EQ(static_cast<int>(no_path.code), 2);
}

TEST(FailureOf, AFullDiskIsNoWrongUsage) {
  const Failure full = failure_in([] {
    throw std::filesystem::filesystem_error("cannot copy", "out/a.png",
                                            std::make_error_code(std::errc::no_space_on_device));
  });
  EXPECT_EQ(full.message, "out/a.png: No space left on device");
  EXPECT_EQ(static_cast<int>(full.code), 1);
}

}  // namespace
}  // namespace patronus::cli
