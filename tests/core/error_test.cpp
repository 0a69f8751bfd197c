#include "patronus/core/error.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/failure.h"

namespace patronus {
namespace {

const std::vector<std::string> kCommands{"train", "sample", "encode", "reconstruct"};

TEST(DidYouMean, FindsTypingMistakes) {
  EXPECT_EQ(did_you_mean("trian", kCommands), "; did you mean train?");
  EXPECT_EQ(did_you_mean("recontsruct", kCommands), "; did you mean reconstruct?");
  EXPECT_EQ(did_you_mean("smaple", kCommands), "; did you mean sample?");
}

TEST(DidYouMean, FindsWhatBeginsLikeItAndOtherCase) {
  EXPECT_EQ(did_you_mean("SAMPLE", kCommands), "; did you mean sample?");
  EXPECT_EQ(did_you_mean("training", kCommands), "; did you mean train?");
  EXPECT_EQ(did_you_mean("reco", kCommands), "; did you mean reconstruct?");
  EXPECT_EQ(did_you_mean("step", std::vector<std::string>{"steps-of-a", "steps-of-b"}), "");
}

TEST(DidYouMean, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(did_you_mean("count", std::vector<std::string>{"out"}), "");
  EXPECT_EQ(did_you_mean("b", std::vector<std::string>{"a", "abc", "bed"}), "");
  EXPECT_EQ(did_you_mean("xylophone", kCommands), "");
  EXPECT_EQ(did_you_mean("train", {}), "");
}

TEST(Nearest, IsTheFirstOfThoseThatAreAsNear) {
  EXPECT_EQ(nearest_name("rain", std::vector<std::string>{"sample", "train", "grain"}), 1u);
  EXPECT_EQ(nearest_name("xylophone", kCommands), std::nullopt);
}

TEST(IndexOf, IsThePlaceOfANameThatIsThere) {
  EXPECT_EQ(index_of("encode", kCommands, "command 'encode':"), 2u);
  EXPECT_EQ(test::message_of([] { index_of("smaple", kCommands, "command 'smaple':"); }),
            "command 'smaple': expected train, sample, encode or reconstruct; did you mean sample?");
  EXPECT_EQ(test::message_of([] { index_of("train", {}, "command 'train':"); }),
            "command 'train': expected none");
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
