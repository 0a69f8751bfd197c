#include "patronus/core/error.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/failure.h"

namespace patronus {
namespace {

const std::vector<std::string> kCommands{"train", "sample", "encode", "reconstruct"};

TEST(NearestName, FindsTypingMistakes) {
  EXPECT_EQ(nearest_name("trian", kCommands), "train");
  EXPECT_EQ(nearest_name("recontsruct", kCommands), "reconstruct");
  EXPECT_EQ(did_you_mean("smaple", kCommands), "; did you mean sample?");
}

TEST(NearestName, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("xylophone", kCommands), std::nullopt);
  EXPECT_EQ(did_you_mean("xylophone", kCommands), "");
  EXPECT_EQ(nearest_name("train", {}), std::nullopt);
}

TEST(Error, CarriesTheExitStatus) {
  EXPECT_EQ(ConfigError("x").code(), ExitCode::kUsage);
  EXPECT_EQ(DataError("x").code(), ExitCode::kData);
  EXPECT_EQ(DivergedError("x").code(), ExitCode::kDiverged);
  EXPECT_EQ(Error("x").code(), ExitCode::kOther);
}

TEST(WithContext, PutsAPlaceBeforeErrorsOfDataAndConfiguration) {
  EXPECT_EQ(with_context("a.pt", [] { return 3; }), 3);
  const auto failing = [](auto error) { return [error] { throw error; }; };
  EXPECT_EQ(test::message_of([&] { with_context("a.pt", failing(DataError("damaged"))); }), "a.pt: damaged");
  EXPECT_EQ(test::message_of([&] { with_context("a.pt", failing(ConfigError("too large"))); }),
            "a.pt: too large");
  EXPECT_THROW(with_context("a.pt", failing(ConfigError("too large"))), ConfigError);
  EXPECT_EQ(test::message_of([&] { with_context("a.pt", failing(Error("other"))); }), "other");
}

}  // namespace
}  // namespace patronus
