#include "patronus/analysis/encode.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/table.h"
#include "patronus/run/run_config.h"
#include "support/failure.h"
#include "support/named.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_run.h"
#include "support/three_ranks.h"

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
  write_encoding(folder.path(), written, {});
  const Encoding read = read_encoding(folder / "encoding.pt", 6);
  EXPECT_TRUE(at::equal(read.activation, written.activation));
  EXPECT_TRUE(at::equal(read.boxes, written.boxes));
  EXPECT_EQ(read.files, written.files);
  EXPECT_EQ(read.weights, written.weights);
  EXPECT_NE(read.weights, "");
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
  write_file(path, "file,0,1\n");
  EXPECT_EQ(
      test::message_of([&] { read_encoding(path, 6); }),
      path +
          ": not a file of torch.save, nor of its format before PyTorch 1.6; expected the encoding.pt that "
          "`patronus encode` writes");
}

TEST(Encode, NumbersVectorsWithoutNames) {
  const test::TemporaryFolder folder;
  Dict file;
  file.set("activation", at::arange(6, at::kDouble).view({3, 2}));
  write_tensor_file(folder / "a.pt", file);
  const Encoding read = read_encoding(folder / "a.pt", 2);
  EXPECT_EQ(read.files, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_TRUE(at::equal(read.activation, at::arange(6, at::kFloat).view({3, 2})));
  EXPECT_FALSE(read.distance.defined());
  EXPECT_FALSE(read.boxes.defined());
}

TEST(Encode, NamesAFileWithAnEntryThatIsNotWhatItShouldBe) {
  const test::TemporaryFolder folder;
  const std::string path = (folder / "a.pt").string();
  const auto mistake = [&](const std::string& key, const Value& value) {
    Dict file;
    file.set("activation", at::zeros({2, 6}));
    file.set(key, value);
    write_tensor_file(path, file);
    return test::message_of([&] { read_encoding(path, 6); });
  };
  EXPECT_EQ(mistake("files", List{Value("one")}),
            path + ": files has 1 names, activation 2 vectors; expected one for each");
  for (const char* key : {"files", "distance", "boxes", "activation"}) {
    const std::string message = mistake(key, Value(0.5));
    EXPECT_TRUE(message.starts_with(path + ": ")) << key << ": " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
  auto vectors = at::zeros({4, 6});
  vectors[1][3] = NAN;
  vectors[3][0] = INFINITY;
  EXPECT_EQ(mistake("activation", vectors),
            path + ": 2 of 4 activation vectors are not finite, the first is number 1");
}

using test::ThreeRanks;

TEST_F(ThreeRanks, ShareTheImagesWhoseActivationsAreAskedFor) {
  if (!is_rank()) return run_as_ranks();
  const ProcessGroup group = join();
  const RunConfig config = test::small_run();
  PatronusModel model = make_model(config);
  model.eval();
  const Dataset faces = open_dataset(config.data, Split::kTrain);
  const auto indices = at::arange(150) % faces.size();
  const auto alone = encode_activations(model.encoder, faces, indices);
  EXPECT_TRUE(at::equal(encode_activations(model.encoder, faces, indices, group), alone));
  // Prototype 0 tells which rank has encoded an image.
  model.encoder->fix_activations(at::tensor({0}, at::kLong), at::tensor({static_cast<float>(group.rank())}));
  const auto shared = encode_activations(model.encoder, faces, indices, group);
  EXPECT_TRUE(at::equal(shared.select(1, 0), at::arange(150).floor_divide(64).to(at::kFloat)));
  EXPECT_TRUE(at::equal(shared.slice(1, 1), alone.slice(1, 1)));
  group.barrier();
}

TEST(Encode, TakesImagesInAnyOrderAndWritesARowOfEachAndOfEachPrototype) {
  const RunConfig config = test::small_run();
  const PatronusModel model = make_model(config);
  const Dataset faces = open_dataset(config.data, Split::kTest);
  const Encoding all = encode_images(model.encoder, faces, 0, 16);
  const Encoding some = encode_images(model.encoder, faces, at::tensor({9, 2, 9}, at::kLong));
  EXPECT_EQ(some.files, (std::vector<std::string>{faces.file(9), faces.file(2), faces.file(9)}));
  EXPECT_TRUE(test::close(some.activation[1], all.activation[2], 1e-5));
  EXPECT_TRUE(test::close(some.activation,
                          encode_activations(model.encoder, faces, at::tensor({9, 2, 9}, at::kLong)), 0));
  const test::TemporaryFolder folder;
  write_encoding(folder.path(), some, test::named("4: hat\n", 6));
  const Table activations = read_csv(folder / "activations.csv"), patches = read_csv(folder / "patches.csv");
  ASSERT_EQ(activations.rows.size(), 3u);
  ASSERT_EQ(patches.rows.size(), 18u);
  const auto& row = patches.rows[10];  // of the second image and prototype 4
  EXPECT_EQ(row[0], faces.file(2));
  EXPECT_EQ(row[1], "4");
  EXPECT_EQ(row[2], "hat");
  EXPECT_EQ(patches.rows[9][2], "");
  EXPECT_EQ(row[3], activations.rows[1][5]);
  EXPECT_NEAR(std::stod(row[4]), some.distance[1][4].item<double>(), 1e-5);
  EXPECT_EQ(row[8], std::to_string(some.boxes[1][4][3].item<int64_t>()));
}

}  // namespace
}  // namespace patronus
