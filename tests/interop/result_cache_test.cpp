#include "patronus/interop/result_cache.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/run_program.h"

namespace patronus {
namespace {

class KeptFile : public testing::Test {
 protected:
  void keep(const ResultCacheKey& key, int64_t number) const {
    Dict measurement;
    measurement.set("number", number);
    write_cached_result(path_, key, measurement);
  }

  std::optional<int64_t> known(const ResultCacheKey& key) const {
    int64_t number = 0;
    const bool is_known =
        read_cached_result(path_, key, [&](const Dict& kept) { number = kept.at("number").integer(); });
    return is_known ? std::optional(number) : std::nullopt;
  }

  std::string said(const ResultCacheKey& key) const {
    testing::internal::CaptureStderr();
    known(key);
    return testing::internal::GetCapturedStderr();
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "kept.pt";
};

TEST_F(KeptFile, IsReadUnderTheSameVersionAndProtocolAlone) {
  EXPECT_FALSE(known({1, "a"})) << "there is none yet";
  keep({1, "a"}, 7);
  EXPECT_EQ(known({1, "a"}), 7);
  EXPECT_FALSE(known({2, "a"}));
  EXPECT_FALSE(known({1, "b"}));
  keep({1, "b"}, 8);
  EXPECT_EQ(known({1, "b"}), 8);
  EXPECT_FALSE(known({1, "a"})) << "the later one took its place";
}

TEST_F(KeptFile, OfOtherSettingsIsNamed) {
  keep({1, "a"}, 7);
  EXPECT_EQ(said({1, "a"}), "");
  EXPECT_NE(said({1, "b"}).find(path_.string() + ": is of other settings"), std::string::npos);
}

TEST_F(KeptFile, ThatIsDamagedIsNamedAndCountsAsNone) {
  const std::string anew = "; it is made anew";
  keep({1, "a"}, 7);
  write_file(path_, read_file(path_).substr(0, 40));
  std::string warning = said({1, "a"});
  EXPECT_NE(warning.find("warning: " + path_.string() + ": damaged"), std::string::npos) << warning;
  EXPECT_NE(warning.find(anew), std::string::npos) << warning;
  EXPECT_FALSE(known({1, "a"}));
  write_cached_result(path_, {1, "a"}, {});
  warning = said({1, "a"});
  EXPECT_NE(warning.find("warning: " + path_.string() + ": no entry 'number'" + anew), std::string::npos)
      << warning;
  EXPECT_FALSE(known({1, "a"}));
}

}  // namespace
}  // namespace patronus
