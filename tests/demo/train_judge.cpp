// The fixture `train_judge`: trains the judge of the demo's tests beside the demo, of which it needs nothing.
#include <gtest/gtest.h>

#include <cstdlib>

#include "patronus/run/run_config.h"
#include "support/judge.h"

namespace patronus::test {
namespace {

TEST(TrainJudge, AndSaveItForTheTestsOfTheDemo) {
  const char* file = std::getenv("PATRONUS_DEMO_JUDGE");
  if (file == nullptr) GTEST_SKIP() << "PATRONUS_DEMO_JUDGE, the file to write, is not set";
  const auto config = load_run_config({std::string(PATRONUS_SOURCE_DIR) + "/configs/demo.yaml"}, {});
  Judge(config.data.faces).save(file);
  EXPECT_TRUE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace patronus::test
