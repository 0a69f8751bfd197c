#include "patronus/io/tensorboard.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/io/json_text.h"
#include "support/failure.h"
#include "support/python.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Prints everything that TensorBoard's own reader finds in a folder, as JSON.
constexpr const char* kReadBack = R"(
import base64, json, sys
from tensorboard.backend.event_processing import event_accumulator as ea
reader = ea.EventAccumulator(sys.argv[1], size_guidance={ea.SCALARS: 0, ea.IMAGES: 0, ea.TENSORS: 0})
reader.Reload()
tags = reader.Tags()
print(json.dumps({
    'scalars': {t: [[e.step, e.value] for e in reader.Scalars(t)] for t in tags['scalars']},
    'images': {t: [[e.step, e.width, e.height, base64.b16encode(e.encoded_image_string).decode()]
                   for e in reader.Images(t)] for t in tags['images']},
    'texts': {t: [[e.step, e.tensor_proto.string_val[0].decode(),
                   reader.SummaryMetadata(t).plugin_data.plugin_name] for e in reader.Tensors(t)]
              for t in tags['tensors']},
}))
)";

Json read_back(const std::string& python, const fs::path& folder) {
  const auto outcome = test::run_python(python, kReadBack, {folder.string()});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  return outcome.status == 0 ? Json::parse(outcome.output) : Json();
}

std::string base16(const std::string& bytes) {
  std::string text;
  for (const unsigned char c : bytes) {
    text += "0123456789ABCDEF"[c >> 4];
    text += "0123456789ABCDEF"[c & 15];
  }
  return text;
}

class TensorBoard : public testing::Test {
 protected:
  void SetUp() override {
    python_ = test::python_with("tensorboard");
    if (!python_) GTEST_SKIP() << "no Python with tensorboard: set PATRONUS_PYTHON to one";
  }
  Json read() { return read_back(*python_, folder_.path()); }

  std::optional<std::string> python_;
  test::TemporaryFolder folder_;
};

TEST_F(TensorBoard, ReadsScalarsImagesAndTextWhileTheyAreWritten) {
  TensorBoardWriter writer(folder_.path(), 0);
  writer.scalar("loss/train", 0.5, 1);
  writer.scalar("loss/train", -3e-7, 100'000);
  const auto picture = at::arange(2 * 3 * 5, at::kByte).remainder(200).view({3, 2, 5});
  writer.image("samples", picture, 300);
  writer.image("samples", picture.slice(0, 0, 1), 301);
  writer.text("config", "model:\n  größe: 3", 0);
  writer.flush();
  const Json events = read();  // the writer is still open
  EXPECT_EQ(events["scalars"]["loss/train"], (Json{{1, 0.5}, {100'000, static_cast<double>(-3e-7f)}}));
  EXPECT_EQ(events["images"]["samples"], (Json{{300, 5, 2, base16(encode_png(picture))},
                                               {301, 5, 2, base16(encode_png(picture.slice(0, 0, 1)))}}));
  EXPECT_EQ(events["texts"]["config"], (Json::array({Json{0, "model:\n  größe: 3", "text"}})));
}

TEST_F(TensorBoard, AContinuedRunReplacesTheStepsAfterItsCheckpoint) {
  {
    TensorBoardWriter first(folder_.path(), 0);
    for (const int64_t step : {10, 20, 30, 40}) first.scalar("loss", static_cast<double>(step), step);
  }
  TensorBoardWriter second(folder_.path(), 21);  // the checkpoint was of step 20
  second.scalar("loss", 0.25, 30);
  second.flush();
  EXPECT_EQ(read()["scalars"]["loss"], (Json{{10, 10.0}, {20, 20.0}, {30, 0.25}}));
}

TEST(TensorBoardFile, RecordsCarryTheChecksumsOfTheFormat) {
  const test::TemporaryFolder folder;
  { const TensorBoardWriter writer(folder.path(), 0); }
  const std::string bytes = test::file_text(fs::directory_iterator(folder.path())->path());
  // Length 24, its masked CRC-32C as TensorFlow writes it, then wall_time (key 0x09) and "brain.Event:2" (key
  // 0x1A).
  EXPECT_EQ(base16(bytes.substr(0, 13)), "1800000000000000A37F4B2209");
  EXPECT_EQ(bytes.substr(21, 15),
            "\x1A\x0D"
            "brain.Event:2");
  EXPECT_EQ(bytes.size(), 8u + 4 + 24 + 4);
}

TEST(TensorBoardFile, SaysWhyItCannotBeWritten) {
  const test::TemporaryFolder folder;
  write_file(folder / "taken", "a file");
  const std::string message = test::message_of([&] { TensorBoardWriter(folder / "taken", 0); });
  EXPECT_TRUE(message.starts_with((folder / "taken/events.out.tfevents.").string())) << message;
  EXPECT_TRUE(message.ends_with(": cannot be written: Not a directory")) << message;
}

}  // namespace
}  // namespace patronus
