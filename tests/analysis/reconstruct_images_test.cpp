#include "patronus/analysis/reconstruct_images.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/interop/tensor_file.h"
#include "patronus/io/table.h"
#include "patronus/metrics/image_similarity.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class Reconstruction : public testing::Test {
 protected:
  Reconstruction() {
    options.regenerate.inversion.steps = 3;
    options.first = 3;
    options.count = 3;
    options.variations = 2;
    trained.config.sampling.steps = 2;
  }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTest);
  ReconstructImagesOptions options;
};

TEST_F(Reconstruction, VariationsAreDrawnFromTheImagesActivationsWhereverOneBegins) {
  const auto three = reconstruct_images(trained, faces, options);
  ASSERT_EQ(three.variations.sizes(), (at::IntArrayRef{3, 2, 3, 32, 32}));
  EXPECT_EQ(three.inverted.files[0], faces.file(3));
  options.first = 5;
  options.count = 1;
  options.regenerate.batch_size = 1;
  const auto last = reconstruct_images(trained, faces, options);
  EXPECT_TRUE(test::close(last.variations[0], three.variations[2], 1e-4));
  EXPECT_FALSE(test::close(last.variations[0][0], last.variations[0][1], 0.1)) << "from other noise";
  const ConditionedSamplesOptions sampling{
      .sampling = trained.config.sampling, .per_condition = 2, .first = 5};
  const auto drawn = sample_conditioned(trained, last.inverted.activation, sampling);
  EXPECT_TRUE(test::close(last.variations[0], drawn.images, 1e-4));
}

TEST_F(Reconstruction, FixedNoiseIsTheSameForEveryImage) {
  options.noise = NoiseChoice::kFixed;
  for (auto& [name, parameter] : trained.model.parameters()) {
    if (name.starts_with("cond_embeddings")) parameter.set_data(at::zeros_like(parameter));
  }
  const auto images = reconstruct_images(trained, faces, options);
  EXPECT_TRUE(test::close(images.variations[0], images.variations[2], 1e-4))
      << "a model that looks at no condition gives the same from the same noise";
}

TEST_F(Reconstruction, WithoutVariationsKeepsTheShape) {
  options.variations = 0;
  EXPECT_EQ(reconstruct_images(trained, faces, options).variations.sizes(),
            (at::IntArrayRef{3, 0, 3, 32, 32}));
}

TEST_F(Reconstruction, FilesHoldTheRoundTripsAndHowGoodTheyAre) {
  const test::TemporaryFolder folder;
  options.draw_noise = true;
  const auto images = reconstruct_images(trained, faces, options);
  write_reconstruction(folder.path(), trained, images);
  const Table table = read_csv(folder / "reconstruct.csv");
  ASSERT_EQ(table.rows.size(), 3u);
  const auto error = mse(images.inverted.image, images.inverted.original);
  const auto ratio = psnr(images.inverted.image, images.inverted.original);
  for (int64_t i = 0; i < 3; ++i) {
    const auto& row = table.rows[static_cast<size_t>(i)];
    EXPECT_EQ(row[table.column("file")], faces.file(3 + i));
    EXPECT_NEAR(std::stod(row[table.column("mse")]), error[i].item<double>(), 1e-8);
    EXPECT_NEAR(std::stod(row[table.column("psnr_db")]), ratio[i].item<double>(), 0.005);
  }
  const Dict file = read_tensor_file(folder / "reconstruct.pt");
  EXPECT_TRUE(at::equal(file.at("reconstruction").tensor(), images.inverted.image));
  EXPECT_TRUE(at::equal(file.at("x_T").tensor(), images.inverted.x_T));
  EXPECT_TRUE(at::equal(file.at("variations").tensor(), images.variations));
  EXPECT_EQ(file.at("files").list()[2].text(), faces.file(5));
  EXPECT_TRUE(std::filesystem::exists(folder / "reconstruct.png"));
}

}  // namespace
}  // namespace patronus
