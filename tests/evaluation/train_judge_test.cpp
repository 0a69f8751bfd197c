#include "patronus/evaluation/train_judge.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/interop/tensor_file.h"
#include "support/run_program.h"

namespace patronus {
namespace {

class JudgeOfFaces : public testing::Test {
 protected:
  static DataConfig faces() {
    DataConfig config;
    config.faces.train_images = 80;
    config.size = 16;
    return config;
  }

  AttributeJudge train(const std::filesystem::path& kept, uint64_t seed = 0, int64_t steps = 4) const {
    return train_judge(real_, attributes_, at::kCPU, {.steps = steps, .batch_size = 8, .seed = seed}, kept);
  }

  test::TemporaryFolder folder_;
  Dataset real_ = open_dataset(faces(), Split::kTrain);
  BinaryAttributes attributes_ = binary_attributes(real_.attributes());
};

TEST_F(JudgeOfFaces, ThatWasKeptSaysTheSame) {
  const AttributeJudge trained = train(""), first = train(folder_ / "judge.pt");
  const AttributeJudge kept = train(folder_ / "judge.pt");
  EXPECT_EQ(kept.names, trained.names);
  EXPECT_TRUE(at::allclose(kept.accuracy, trained.accuracy, 0, 0, /*equal_nan=*/true));
  const auto images = real_.slice(0, 20);
  EXPECT_TRUE(at::equal(kept.probabilities(images), trained.probabilities(images)));
  EXPECT_TRUE(at::equal(first.probabilities(images), trained.probabilities(images)));
  Dict file = read_tensor_file(folder_ / "judge.pt");
  file.set("accuracy", at::full({9}, 0.25, at::kDouble));
  write_tensor_file(folder_ / "judge.pt", file);
  EXPECT_TRUE((train(folder_ / "judge.pt").accuracy == 0.25).all().item<bool>()) << "it is read, not trained";
}

TEST_F(JudgeOfFaces, IsTrainedAnewForOtherImagesAttributesOrOptions) {
  const auto images = real_.slice(0, 20);
  const auto first = train(folder_ / "judge.pt").probabilities(images);
  EXPECT_FALSE(at::equal(train(folder_ / "judge.pt", 1).probabilities(images), first));
  EXPECT_TRUE(at::equal(train(folder_ / "judge.pt").probabilities(images), first)) << "trained again";
  attributes_.values = 1 - attributes_.values;
  EXPECT_FALSE(at::equal(train(folder_ / "judge.pt").probabilities(images), first));
}

TEST_F(JudgeOfFaces, OfMoreStepsTakesThePlaceOfOneOfFewerAndNotTheOtherWayRound) {
  const auto images = real_.slice(0, 20);
  const auto path = folder_ / "judge.pt";
  const auto said_and_judged = [&](int64_t steps) {
    testing::internal::CaptureStderr();
    const auto judged = train(path, 0, steps).probabilities(images);
    return std::pair{testing::internal::GetCapturedStderr(), judged};
  };
  const auto first = said_and_judged(2), longer = said_and_judged(4), shorter = said_and_judged(2);
  EXPECT_NE(longer.first.find("judge: the one in " + path.string() +
                              " learnt for 2 steps, not 4: another one takes its place"),
            std::string::npos)
      << longer.first;
  EXPECT_FALSE(at::equal(longer.second, first.second));
  EXPECT_NE(
      shorter.first.find("judge: the one in " + path.string() + " learnt for 4 steps, not 2: it is taken"),
      std::string::npos)
      << shorter.first;
  EXPECT_TRUE(at::equal(shorter.second, longer.second));
}

}  // namespace
}  // namespace patronus
