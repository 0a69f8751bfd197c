#include "patronus/io/image.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <memory>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// A smooth uint8 picture [channels, height, width].
at::Tensor gradient(int64_t channels, int64_t height, int64_t width) {
  const auto c = at::arange(channels).view({-1, 1, 1}) * 40;
  const auto y = at::arange(height).view({1, -1, 1}) * 3;
  const auto x = at::arange(width).view({1, 1, -1}) * 2;
  return (c + y + x).remainder(256).to(at::kByte);
}

std::string jpeg_bytes(const at::Tensor& pixels, TJPF format, TJSAMP subsampling) {
  const std::unique_ptr<void, decltype(&tjDestroy)> encoder(tjInitCompress(), &tjDestroy);
  const auto rows = pixels.permute({1, 2, 0}).contiguous();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  tjCompress2(encoder.get(), rows.data_ptr<uint8_t>(), static_cast<int>(rows.size(1)), 0,
              static_cast<int>(rows.size(0)), format, &data, &size, subsampling, 95, 0);
  std::string bytes(reinterpret_cast<char*>(data), size);
  tjFree(data);
  return bytes;
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (; !hex.empty(); hex.remove_prefix(2)) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(0, 2)), nullptr, 16));
  }
  return bytes;
}

/// What read_image says about a file `x` with this content, after the folder and name.
std::string image_failure(const std::string& bytes) {
  const test::TemporaryFolder folder;
  write_file(folder / "x.png", bytes);
  const std::string prefix = (folder / "x.png").string() + ": ";
  const std::string message = test::message_of([&] { read_image(folder / "x.png", 3); });
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

at::Tensor decoded(const std::string& bytes, int64_t channels) {
  const test::TemporaryFolder folder;
  write_file(folder / "x", bytes);
  return read_image(folder / "x", channels);
}

TEST(Image, PngComesBackExactly) {
  for (const int64_t width : {1, 7, 64}) {
    const auto pixels = gradient(3, 5, width);
    EXPECT_TRUE(at::equal(decoded(encode_png(pixels), 3), pixels));
  }
  const auto gray = gradient(1, 9, 6);
  EXPECT_TRUE(at::equal(decoded(encode_png(gray), 1), gray));
  EXPECT_TRUE(at::equal(decoded(encode_png(gray), 3), gray.expand({3, 9, 6})));
}

TEST(Image, GrayIsTheFixedPointFormula) {
  const auto colours =
      at::tensor({255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 200, 77, 1, 1, 1}, at::kByte);
  const auto gray = decoded(encode_png(colours.view({1, 6, 3}).permute({2, 0, 1})), 1);
  EXPECT_TRUE(at::equal(gray.flatten(), at::tensor({76, 150, 29, 255, 129, 1}, at::kByte))) << gray;
}

// Four-pixel PNG files of the other kinds, as written by other programs: red, green, blue, black (or their
// grays).
TEST(Image, EveryKindOfPngBecomesRgb) {
  const auto colours =
      at::tensor({255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0}, at::kByte).view({1, 4, 3}).permute({2, 0, 1});
  const auto black_and_white = at::tensor({255, 0, 255, 255}, at::kByte).view({1, 1, 4}).expand({3, 1, 4});
  EXPECT_TRUE(at::equal(
      decoded(
          from_hex(
              "89504e470d0a1a0a0000000d49484452000000040000000102030000008452e75e0000000c504c544500ff00ff0000"
              "0000ff000000b898ae860000000a49444154789c63f00600004d004c0295c6800000000049454e44ae426082"),
          3),
      colours))
      << "palette";
  EXPECT_TRUE(at::equal(
      decoded(from_hex("89504e470d0a1a0a0000000d4948445200000004000000010806000000f93c0fcd0000001649444154789"
                       "c05c101010000008220a6f7dc402423703263047d94b1bf9e0000000049454e44ae426082"),
              3),
      colours))
      << "with transparency";
  EXPECT_TRUE(
      at::equal(decoded(from_hex("89504e470d0a1a0a0000000d4948445200000004000000010100000000d14732600000000a4"
                                 "9444154789c63d8000000b200b1550ae82a0000000049454e44ae426082"),
                        3),
                black_and_white))
      << "1 bit";
  EXPECT_TRUE(
      at::equal(decoded(from_hex("89504e470d0a1a0a0000000d494844520000000400000001100200000026ce44d90000000f4"
                                 "9444154789c63f8ff9f010cd069005cbc05fb3d473bf00000000049454e44ae426082"),
                        3),
                colours))
      << "16 bit";
}

TEST(Image, JpegIsReadAsRgbAndAsGray) {
  const auto pixels = gradient(3, 24, 40);
  const auto read = decoded(jpeg_bytes(pixels, TJPF_RGB, TJSAMP_444), 3);
  ASSERT_EQ(read.sizes(), pixels.sizes());
  EXPECT_LE((read.to(at::kInt) - pixels.to(at::kInt)).abs().max().item<int>(), 12);
  const auto gray = gradient(1, 24, 40);
  const auto read_gray = decoded(jpeg_bytes(gray, TJPF_GRAY, TJSAMP_GRAY), 1);
  ASSERT_EQ(read_gray.sizes(), gray.sizes());
  EXPECT_LE((read_gray.to(at::kInt) - gray.to(at::kInt)).abs().max().item<int>(), 4);
}

TEST(Image, DamagedFilesAreNamedWithTheReason) {
  const auto jpeg = jpeg_bytes(gradient(3, 64, 64), TJPF_RGB, TJSAMP_420);
  EXPECT_EQ(image_failure(jpeg.substr(0, jpeg.size() / 2)), "damaged JPEG: Premature end of JPEG file");
  EXPECT_EQ(image_failure(jpeg.substr(0, 40)), "damaged JPEG: the file is truncated");
  const auto png = encode_png(gradient(3, 64, 64));
  EXPECT_EQ(image_failure(png.substr(0, png.size() - 20)), "damaged PNG: the file is truncated");
  EXPECT_EQ(image_failure(png.substr(0, png.size() - 1)), "damaged PNG: the file is truncated");
  auto flipped = png;
  flipped[png.size() / 2] ^= 1;
  EXPECT_EQ(image_failure(flipped), "damaged PNG: a checksum is wrong");
  EXPECT_EQ(image_failure(""), "the file is empty; expected JPEG or PNG data");
  EXPECT_EQ(image_failure("hello, I am a text\n"), "not an image; expected JPEG or PNG data");
}

TEST(Image, CmykJpegIsRefused) {
  const auto pixels = gradient(4, 16, 16);
  EXPECT_EQ(image_failure(jpeg_bytes(pixels, TJPF_CMYK, TJSAMP_444)),
            "CMYK colours; expected RGB or gray; convert the file");
}

TEST(Image, AMissingFileIsNamed) {
  EXPECT_EQ(test::message_of([] { read_image("/absent/x.jpg", 3); }),
            "/absent/x.jpg: cannot be read: No such file or directory");
}

}  // namespace
}  // namespace patronus
