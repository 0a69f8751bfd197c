#include "patronus/data/attribute_masks.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

class Masks : public testing::Test {
 protected:
  Masks() {
    config.kind = DataKind::kImages;
    config.path = (folder / "photos").string();
    config.size = 4;
    config.test_fraction = 0;
    for (const char* name : {"a.png", "b.png", "deep/c.png"}) {
      std::filesystem::create_directories((folder / "photos" / name).parent_path());
      write_png(folder / "photos" / name, at::zeros({3, 8, 8}, at::kByte));
    }
    images = open_folder(config.path, config);
  }
  void write_mask(const std::string& name, const at::Tensor& mask) {
    const auto file = folder / "hat" / name;
    std::filesystem::create_directories(file.parent_path());
    write_png(file, mask.to(at::kByte).unsqueeze(0) * 255);
  }
  AttributeMasks read(const std::vector<int64_t>& indices) {
    return read_attribute_masks(folder / "hat", images, at::tensor(indices, at::kLong), config);
  }

  test::TemporaryFolder folder;
  DataConfig config;
  Dataset images;
};

TEST_F(Masks, HaveTheNamesAndBecomeTheSizeOfTheirImages) {
  auto left = at::zeros({8, 8}, at::kBool);
  left.slice(1, 0, 4).fill_(true);
  write_mask("b.png", left);
  write_mask("deep/c.png", left.t());
  const auto found = read({2, 0, 1});
  EXPECT_TRUE(at::equal(found.rows, at::tensor({0, 2}, at::kLong))) << "a.png has none";
  auto small = at::zeros({4, 4}, at::kBool);
  small.slice(1, 0, 2).fill_(true);
  EXPECT_TRUE(at::equal(found.masks[1], small));
  EXPECT_TRUE(at::equal(found.masks[0], small.t()));
}

TEST_F(Masks, AreCroppedWhereImagesAre) {
  write_png(folder / "photos/a.png", at::zeros({3, 8, 16}, at::kByte));
  config.resize = Resize::kCrop;
  images = open_folder(config.path, config);
  auto wide = at::zeros({4, 8}, at::kBool);
  wide.slice(1, 0, 3).fill_(true);
  write_mask("a.png", wide);
  auto cropped = at::zeros({4, 4}, at::kBool);
  cropped.slice(1, 0, 1).fill_(true);
  EXPECT_TRUE(at::equal(read({0}).masks[0], cropped));
}

TEST_F(Masks, ThatAreEmptyAreLeftOut) {
  write_mask("a.png", at::zeros({8, 8}));
  const auto found = read({0, 1});
  EXPECT_EQ(found.masks.sizes(), (at::IntArrayRef{0, 4, 4}));
  EXPECT_EQ(found.dark, 1) << "of b.png there is none";
}

TEST_F(Masks, ThatHaveAnotherShapeThanTheirImageAreNamed) {
  write_mask("a.png", at::ones({8, 12}, at::kBool));
  const auto message = test::message_of([&] { read({0}); });
  EXPECT_NE(message.find("hat/a.png: 12 x 8 pixels, its image has 8 x 8"), std::string::npos) << message;
  write_mask("b.png", at::ones({80, 79}, at::kBool));
  EXPECT_EQ(read({1}).rows.size(0), 1) << "rounded, where the mask was scaled";
  write_png(folder / "photos/b.png", at::zeros({3, 9, 13}, at::kByte));
  images = open_folder(config.path, config);
  write_mask("b.png", at::ones({667, 1000}, at::kBool));
  EXPECT_EQ(read({1}).rows.size(0), 1) << "rounded, where the image was scaled";
}

TEST_F(Masks, OfTwoImagesAreNamed) {
  write_mask("a.png", at::ones({8, 8}, at::kBool));
  std::filesystem::copy(folder / "photos/b.png", folder / "photos/a.bmp");
  images = open_folder(config.path, config);
  const auto message = test::message_of([&] { read({0, 1}); });
  EXPECT_NE(message.find("is it the mask of a.bmp or of a.png?"), std::string::npos) << message;
}

TEST_F(Masks, ThatAreDamagedAreNamed) {
  std::filesystem::create_directories(folder / "hat");
  write_file(folder / "hat/a.png", "no picture");
  EXPECT_NE(test::message_of([&] { read({0}); }).find("hat/a.png"), std::string::npos);
}

}  // namespace
}  // namespace patronus
