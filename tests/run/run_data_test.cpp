#include "patronus/run/run_data.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "patronus/run/run_config.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

class RunData : public testing::Test {
 protected:
  std::string complaint() {
    return test::message_of([&] { require_same_data(run_, report_); });
  }
  test::TemporaryFolder folder_;
  RunDirectory run_{folder_.path()};
  DataReport report_{.identity = {{"training images", "100"},
                                  {"names of training images", "0123456789abcdef"},
                                  {"preprocessing", "3 x 64 x 64, squash"}}};
  std::string file_ = (folder_ / "data.json").string();
};

TEST_F(RunData, TheSameDataAndARunWithoutARecordPass) {
  EXPECT_NO_THROW(require_same_data(run_, report_));
  write_run_data(run_, report_);
  EXPECT_NO_THROW(require_same_data(run_, report_));
}

TEST_F(RunData, OtherDataAreOnlyThoseThatARecordTellsApart) {
  const DataConfig config;
  EXPECT_FALSE(warn_of_other_data(run_, config, report_)) << "there is no record";
  write_run_data(run_, report_);
  EXPECT_FALSE(warn_of_other_data(run_, config, report_));
  report_.identity[0].second = "90";
  EXPECT_TRUE(warn_of_other_data(run_, config, report_));
}

TEST_F(RunData, OtherDataOfARunWhoseSourceIsGoneAreStillOnlyWarnedOf) {
  RunConfig config;
  config.training.from = "/nowhere/run";
  config.training.max_steps = 1;
  write_file(run_.file("config.yaml"), to_yaml(config));
  write_run_data(run_, report_);
  report_.identity[0].second = "90";
  EXPECT_TRUE(warn_of_other_data(run_, config.data, report_));
}

TEST_F(RunData, OtherDataAreRefusedWithWhatDiffers) {
  write_run_data(run_, report_);
  report_.identity[0].second = "90";
  report_.identity[1].second = "fedcba9876543210";
  EXPECT_EQ(complaint(),
            folder_.path().string() +
                ": began with other data, which differ in training images (90, were 100), names of "
                "training images; remove " +
                file_ + " to go on with the data as they are now");
  std::filesystem::remove(file_);
  EXPECT_NO_THROW(require_same_data(run_, report_));
}

TEST_F(RunData, ADamagedFileIsSaid) {
  for (const char* text : {"", "{}", "{\"identity\": 3}", "{\"identity\": {\"training images\": 3}}"}) {
    write_file(file_, text);
    EXPECT_EQ(complaint(), file_ + ": damaged; remove it to go on with the data as they are now") << text;
  }
}

}  // namespace
}  // namespace patronus
