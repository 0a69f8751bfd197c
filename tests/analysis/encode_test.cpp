#include "patronus/analysis/encode.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/io/tensor_file.h"
#include "patronus/run/run_config.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

Encoding small_encoding(int64_t first, int64_t count) {
  const RunConfig config = test::small_run();
  const PatronusModel model = make_model(config);
  return encode_images(model.encoder, open_dataset(config.data, Split::kTest), first, count);
}

TEST(Encode, DoesNotDependOnWhereTheSelectionStarts) {
  const Encoding all = small_encoding(0, 16);
  const Encoding some = small_encoding(5, 3);
  EXPECT_TRUE(test::close(some.activation, all.activation.slice(0, 5, 8), 1e-5));
  EXPECT_TRUE(at::equal(some.boxes, all.boxes.slice(0, 5, 8)));
  EXPECT_EQ(some.files[0], all.files[5]);
}

TEST(Encode, TheBoxIsThePatchThatMatchesBest) {
  const RunConfig config = test::small_run();
  PatronusModel model = make_model(config);
  const Dataset faces = open_dataset(config.data, Split::kTest);
  const Encoding encoding = encode_images(model.encoder, faces, 0, 4);
  const auto distances =
      model.encoder->distances(model.encoder->features(faces.slice(0, 4)));  // [4, P, n, n]
  const auto cells = distances.flatten(2).argmin(2);
  for (int64_t i = 0; i < 4; ++i) {
    for (int64_t k = 0; k < cells.size(1); ++k) {
      const Box box = patch_box(model.encoder->receptive_field(), cells[i][k].item<int64_t>());
      EXPECT_TRUE(at::equal(encoding.boxes[i][k], at::tensor({box.row0, box.row1, box.col0, box.col1})))
          << i << " " << k;
    }
  }
}

TEST(Encode, ReadsBackWhatItWrites) {
  const test::TemporaryFolder folder;
  const Encoding written = small_encoding(0, 4);
  write_encoding(folder.path(), written);
  const Encoding read = read_encoding(folder / "encoding.pt", 6);
  EXPECT_TRUE(at::equal(read.activation, written.activation));
  EXPECT_TRUE(at::equal(read.boxes, written.boxes));
  EXPECT_EQ(read.files, written.files);
}

TEST(Encode, NamesAFileThatHoldsNoFittingVectors) {
  const test::TemporaryFolder folder;
  const std::string path = (folder / "a.pt").string();
  Dict file;
  file.set("weights", at::zeros({2}));
  write_tensor_file(path, file);
  EXPECT_EQ(test::message_of([&] { read_encoding(path, 6); }),
            path + ": no tensor 'activation'; expected a file that `patronus encode` writes");
  file.set("activation", at::zeros({2, 5}));
  write_tensor_file(path, file);
  EXPECT_EQ(test::message_of([&] { read_encoding(path, 6); }),
            path + ": activation is [2, 5], expected [N, 6]");
}

}  // namespace
}  // namespace patronus
