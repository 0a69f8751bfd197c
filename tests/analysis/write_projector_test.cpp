#include "patronus/analysis/write_projector.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/core/pixels.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/run/run_config.h"
#include "support/python.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

/// Of faces 3 to 7.
class WriteProjector : public testing::Test {
 protected:
  WriteProjector() {
    const RunConfig config = test::small_run();
    write_projector(folder.path(), encode_images(make_model(config).encoder, faces, 3, 5), faces, 3);
  }

  Dataset faces = open_dataset(test::small_run().data, Split::kTest);
  test::TemporaryFolder folder;
};

TEST_F(WriteProjector, MetadataNameFilesAndAttributes) {
  const std::string metadata = read_file(folder / "metadata.tsv");
  const std::string head = metadata.substr(0, metadata.find('\n'));
  EXPECT_TRUE(head.starts_with("file\tblond_hair\tlong_hair\t")) << head;
  const size_t second = head.size() + 1;
  const std::string expected =
      faces.file(3) + "\t" + std::to_string(faces.attributes().values[3][0].item<int64_t>());
  EXPECT_EQ(metadata.substr(second, expected.size()), expected);
  EXPECT_EQ(std::count(metadata.begin(), metadata.end(), '\n'), 6);
}

TEST_F(WriteProjector, TheSpriteHoldsTheImagesRowByRow) {
  const auto sprite = read_image(folder / "sprite.png");
  ASSERT_EQ(sprite.sizes(), (at::IntArrayRef{3, 96, 96})) << "three a side for five";
  const auto cell = [&](int64_t row, int64_t column) {
    return sprite.slice(1, 32 * row, 32 * row + 32).slice(2, 32 * column, 32 * column + 32);
  };
  EXPECT_TRUE(at::equal(cell(0, 2), to_pixels(faces.slice(5, 1))[0]));
  EXPECT_TRUE(at::equal(cell(1, 1), to_pixels(faces.slice(7, 1))[0]));
  EXPECT_EQ(cell(2, 2).min().item<int>(), 255);
}

TEST_F(WriteProjector, TensorBoardReadsIt) {
  const auto python = test::python_with("tensorboard");
  if (!python) GTEST_SKIP() << "no Python with tensorboard here";
  const auto read = test::run_python(*python, R"(
import sys
from google.protobuf import text_format
from tensorboard.plugins.projector import projector_plugin
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig
folder = sys.argv[1]
config = text_format.Parse(open(folder + "/projector_config.pbtxt").read(), ProjectorConfig())
one = config.embeddings[0]
vectors = projector_plugin._read_tensor_tsv_file(folder + "/" + one.tensor_path)
print(vectors.shape, one.metadata_path, one.sprite.image_path, list(one.sprite.single_image_dim))
)",
                                     {folder.path().string()});
  EXPECT_EQ(read.output, "(5, 6) metadata.tsv sprite.png [32, 32]\n") << read.errors;
}

}  // namespace
}  // namespace patronus
