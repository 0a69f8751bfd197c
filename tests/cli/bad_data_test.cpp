// What a user is told when the data is not what it should be. The library's tests have more of each kind.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "cli/workshop.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "support/picture_files.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::Workshop;

/// Trains on `kind` data in the folder `data` and gives exit status and message.
std::string train_on(const Workshop& workshop, const std::string& kind,
                     const std::vector<std::string>& more = {}) {
  return workshop.mistake(
      test::train_command("run", test::concat({"data.kind=" + kind, "--data", "data"}, more)));
}

TEST(BadData, AMissingFolder) {
  const Workshop workshop;
  EXPECT_EQ(train_on(workshop, "images"),
            "3 error: data: no such folder; expected JPEG, PNG, WebP, TIFF, BMP, GIF or PPM files there; put "
            "the data there or name its "
            "folder with --data FOLDER");
  EXPECT_FALSE(fs::exists(workshop.path() / "run"));
}

TEST(BadData, ACorruptIdxFile) {
  const Workshop workshop;
  fs::create_directories(workshop.path() / "data");
  write_file(workshop.path() / "data/train-images-idx3-ubyte", "GIF89a, not an IDX file at all");
  write_file(workshop.path() / "data/train-labels-idx1-ubyte", "GIF89a, neither");
  EXPECT_EQ(
      train_on(workshop, "fashion-mnist", {"data.channels=1"}),
      "3 error: data/train-images-idx3-ubyte: IDX magic number 0x47494638; expected 0x00000803 (images)");
}

TEST(BadData, ATruncatedCifarFile) {
  const Workshop workshop;
  fs::create_directories(workshop.path() / "data");
  write_file(workshop.path() / "data/data_batch_1.bin", std::string(3000, '\1'));
  EXPECT_EQ(train_on(workshop, "cifar10"),
            "3 error: data/data_batch_1.bin: 3000 bytes; expected whole records of 3073 bytes; the file is "
            "truncated or not "
            "CIFAR-10 binary, fetch it again");
}

class BadImage : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(workshop_.path() / "data");
    for (int i = 0; i < 12; ++i) {
      write_png(workshop_.path() / "data" / (std::to_string(i) + ".png"),
                at::full({3, 32, 32}, 20 * i, at::kByte));
    }
  }
  Workshop workshop_;
};

TEST_F(BadImage, IsNamedAndStopsTheRun) {
  write_file(workshop_.path() / "data/5.png", "this is no picture");
  const std::string message = train_on(workshop_, "images");
  EXPECT_EQ(message.substr(0, 8), "3 error:") << message;
  EXPECT_NE(message.find("5.png"), std::string::npos) << message;
  EXPECT_NE(message.find("data.skip_unreadable=true"), std::string::npos) << message;
}

TEST_F(BadImage, IsLeftOutWhenAskedFor) {
  write_file(workshop_.path() / "data/5.png", "this is no picture");
  const auto outcome = workshop_.train(
      "run", {"data.kind=images", "--data", "data", "data.skip_unreadable=true", "--max-steps", "1"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_NE(outcome.errors.find("warning:"), std::string::npos) << outcome.errors;
}

TEST_F(BadImage, GoodOnesTrainInGrayToo) {
  const auto outcome =
      workshop_.train("run", {"data.kind=images", "--data", "data", "data.channels=1", "--max-steps", "2"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
}

TEST_F(BadImage, ACsvThatNamesAMissingFile) {
  write_file(workshop_.path() / "list.csv", "file,split,smile\n0.png,train,1\nabsent.png,train,0\n");
  EXPECT_EQ(train_on(workshop_, "images", {"data.csv=list.csv"}),
            "3 error: " + fs::canonical(workshop_.path() / "list.csv").string() +
                ":3: absent.png is not in data; expected every listed file there; correct the line, or the "
                "folder with "
                "--data FOLDER, or leave such lines out with data.skip_unreadable=true");
}

TEST_F(BadImage, OfSixteenBitsIsSaidToBeCut) {
  const auto warning = [&](const std::string& run) {
    const auto outcome =
        workshop_.train(run, {"data.kind=images", "--data", "data", "--max-steps", "1", "data.cache=" + run});
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    return outcome.errors.find("images of 16 bits a value, of which the upper 8 are taken") !=
           std::string::npos;
  };
  EXPECT_FALSE(warning("before"));
  write_file(workshop_.path() / "data/scan.png", test::sixteen_bit_png(at::full({32, 32}, 4095, at::kInt)));
  EXPECT_TRUE(warning("after"));
}

}  // namespace
}  // namespace patronus
