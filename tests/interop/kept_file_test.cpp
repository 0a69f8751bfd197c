#include "patronus/interop/kept_file.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

class KeptFile : public testing::Test {
 protected:
  void keep(const KeptKey& key, int64_t number) const {
    Dict measurement;
    measurement.set("number", number);
    write_kept(path_, key, measurement);
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "kept.pt";
};

TEST_F(KeptFile, IsReadUnderTheSameVersionAndProtocolAlone) {
  EXPECT_FALSE(read_kept(path_, {1, "a"})) << "there is none yet";
  keep({1, "a"}, 7);
  const auto same = read_kept(path_, {1, "a"});
  ASSERT_TRUE(same);
  EXPECT_EQ(same->at("number").integer(), 7);
  EXPECT_FALSE(read_kept(path_, {2, "a"}));
  EXPECT_FALSE(read_kept(path_, {1, "b"}));
  keep({1, "b"}, 8);
  EXPECT_EQ(read_kept(path_, {1, "b"})->at("number").integer(), 8);
  EXPECT_FALSE(read_kept(path_, {1, "a"})) << "the later one took its place";
}

TEST_F(KeptFile, OfBeforeThereWereVersionsIsNotRead) {
  Dict old;
  old.set("protocol", "a");
  write_tensor_file(path_, old);
  EXPECT_FALSE(read_kept(path_, {1, "a"}));
}

TEST_F(KeptFile, ThatIsDamagedIsNamed) {
  keep({1, "a"}, 7);
  write_file(path_, read_file(path_).substr(0, 40));
  const std::string message = test::message_of([&] { read_kept(path_, {1, "a"}); });
  EXPECT_TRUE(message.starts_with(path_.string() + ": ")) << message;
}

}  // namespace
}  // namespace patronus
