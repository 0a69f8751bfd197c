#include "patronus/io/image.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/data/preprocess.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/picture_files.h"
#include "support/python.h"
#include "support/run_program.h"

namespace patronus {
namespace {

using test::exif_bytes;
using test::gradient;
using test::jpeg_bytes;

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
  const std::string message = test::message_of([&] { read_image(folder / "x.png"); });
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

at::Tensor decoded(const std::string& bytes, int64_t channels) {
  const test::TemporaryFolder folder;
  write_file(folder / "x", bytes);
  return with_channels(read_image(folder / "x"), channels);
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
  const auto read = decoded(jpeg_bytes(pixels), 3);
  ASSERT_EQ(read.sizes(), pixels.sizes());
  EXPECT_LE((read.to(at::kInt) - pixels.to(at::kInt)).abs().max().item<int>(), 12);
  const auto gray = gradient(1, 24, 40);
  const auto read_gray = decoded(jpeg_bytes(gray), 1);
  ASSERT_EQ(read_gray.sizes(), gray.sizes());
  EXPECT_LE((read_gray.to(at::kInt) - gray.to(at::kInt)).abs().max().item<int>(), 4);
}

TEST(Image, CmykJpegBecomesRgb) {
  // Red light, half of it; black ink over it; no ink.
  const auto light = at::tensor({128, 0, 0, 255, 255, 255, 255, 0, 255, 255, 255, 255}, at::kByte);
  const auto pixels = light.view({3, 4, 1, 1}).expand({3, 4, 16, 16});
  const auto expected = at::tensor({128, 0, 0, 0, 0, 0, 255, 255, 255}, at::kInt).view({3, 3});
  for (int64_t i = 0; i < 3; ++i) {
    const auto read = decoded(jpeg_bytes(pixels[i]), 3).to(at::kInt);
    EXPECT_LE((read - expected[i].view({3, 1, 1})).abs().max().item<int>(), 2) << i;
  }
}

TEST(Image, OddJpegFilesWithAllOfTheirDataAreRead) {
  const std::string jpeg = jpeg_bytes(gradient(3, 32, 32));
  const auto expected = decoded(jpeg, 3);
  std::string odd_revision = jpeg, extra = jpeg, odd_scan = jpeg;
  odd_revision[11] = 0;
  extra.insert(jpeg.size() - 2, 20, '\0');
  const size_t scan = jpeg.find("\xFF\xDA");
  odd_scan[scan + 4 + 1 + 2 * 3 + 1] = 62;  // its last coefficient
  for (const auto& file : {odd_revision, extra, odd_scan, jpeg + "something behind it"}) {
    EXPECT_TRUE(at::equal(decoded(file, 3), expected));
  }
}

TEST(Image, ThatIsTooLargeForAPngIsRefused) {
  const auto huge = at::zeros({1}, at::kByte).expand({3, 30'000, 30'000});
  EXPECT_EQ(test::message_of([&] { encode_png(huge); }),
            "a picture of 30000 x 30000 pixels is too large for a PNG; ask for fewer images, or for --format "
            "pdf or svg");
}

TEST(Image, OtherFormatsComeBackExactly) {
  const auto pixels = gradient(3, 9, 14);
  const auto alpha = at::cat({pixels, gradient(1, 9, 14)});
  EXPECT_TRUE(at::equal(decoded(test::webp_bytes(pixels), 3), pixels));
  const auto single = at::tensor({200, 100, 50}, at::kByte).view({3, 1, 1});
  EXPECT_TRUE(at::equal(decoded(test::webp_bytes(single), 3), single));
  EXPECT_TRUE(at::equal(decoded(test::tiff_bytes(pixels), 3), pixels));
  EXPECT_TRUE(at::equal(decoded(test::tiff_bytes(alpha), 3), pixels)) << "transparency is ignored";
  EXPECT_TRUE(at::equal(decoded(test::tiff_bytes(gradient(1, 9, 14)), 1), gradient(1, 9, 14)));
  const auto palette = gradient(1, 128, 3)[0], indices = gradient(1, 9, 14)[0].remainder(128);
  const auto coloured =
      palette.index_select(0, indices.flatten().to(at::kLong)).view({9, 14, 3}).permute({2, 0, 1});
  EXPECT_TRUE(at::equal(decoded(test::gif_bytes(indices, palette), 3), coloured));
  std::string transparent = test::gif_bytes(indices, palette);
  transparent.insert(13 + palette.nbytes(), std::string("\x21\xF9\4\1\0\0\7\0", 8));
  EXPECT_TRUE(at::equal(decoded(transparent, 3), coloured)) << "transparency is ignored";
  const auto interleaved = pixels.permute({1, 2, 0}).contiguous();
  const std::string values(static_cast<const char*>(interleaved.const_data_ptr()), interleaved.nbytes());
  EXPECT_TRUE(at::equal(decoded("P6\n# by hand\n14 9\n255\n" + values, 3), pixels));
}

TEST(Image, NetpbmValuesAreScaledByTheirMaximum) {
  const auto gray = at::tensor({0, 128, 255}, at::kByte).view({1, 1, 3});
  EXPECT_TRUE(at::equal(decoded(std::string("P5 3 1 2\n\0\1\2", 12), 1), gray));
  EXPECT_TRUE(at::equal(decoded(std::string("P5 3 1 65535\n\0\0\x80\0\xFF\xFF", 19), 1), gray));
}

TEST(Image, BmpRowsLieUpsideDown) {
  const std::string header =
      std::string("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\2\0\0\0\2\0\0\0\1\0\x18\0", 30);
  const std::string bottom = "\1\2\3\4\5\6\0\0", top = "\7\x8\x9\xA\xB\xC\0\0";
  const std::string file = header + std::string(24, '\0') + std::string(bottom.data(), 6) +
                           std::string(2, '\0') + std::string(top.data(), 6) + std::string(2, '\0');
  const auto expected = at::tensor({9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4}, at::kByte).view({2, 2, 3});
  EXPECT_TRUE(at::equal(decoded(file, 3), expected.permute({2, 0, 1})));
  EXPECT_EQ(image_failure(file.substr(0, file.size() - 1)), "damaged BMP: the file is truncated");
  std::string downwards = file;  // a height of -2
  downwards.replace(22, 4, "\xFE\xFF\xFF\xFF");
  EXPECT_TRUE(at::equal(decoded(downwards, 3), expected.permute({2, 0, 1}).flip(1)));
  std::string run_lengths = file;
  run_lengths[30] = 1;
  EXPECT_EQ(image_failure(run_lengths), "BMP with run-length encoding, which is not read; save it as PNG");
  std::string huge = file;  // its bytes are 2^63
  huge.replace(18, 8, std::string("\0\0\0\x40\0\0\0\x80", 8)).replace(28, 2, std::string("\x20\0", 2));
  EXPECT_EQ(image_failure(huge), "damaged BMP: the file is truncated");
}

/// `picture` [C, H, W] as a camera stores it under this orientation, from EXIF's own words: which side of the
/// picture the first stored row, and the first stored column, are.
at::Tensor as_stored(const at::Tensor& picture, int orientation) {
  switch (orientation) {
    case 2:  // top, right
      return picture.flip({2});
    case 3:  // bottom, right
      return picture.flip({1, 2});
    case 4:  // bottom, left
      return picture.flip({1});
    case 5:  // left, top
      return picture.transpose(1, 2);
    case 6:  // right, top
      return picture.flip({2}).transpose(1, 2);
    case 7:  // right, bottom
      return picture.flip({1, 2}).transpose(1, 2);
    case 8:  // left, bottom
      return picture.flip({1}).transpose(1, 2);
    default:  // top, left
      return picture;
  }
}

TEST(Image, IsTurnedUprightAsItsExifDataSay) {
  const auto picture = gradient(3, 6, 11);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto stored = as_stored(picture, orientation);
    const std::string png = encode_png(stored);
    for (const char* order : {"II", "MM"}) {
      const auto read = decoded(test::with_exif(png, exif_bytes(orientation, order)), 3);
      EXPECT_TRUE(at::equal(read, picture)) << orientation << " " << order;
    }
    EXPECT_TRUE(at::equal(decoded(test::tiff_bytes(stored, orientation), 3), picture))
        << orientation << " TIFF";
    const auto photo = decoded(jpeg_bytes(stored, exif_bytes(orientation)), 3);
    EXPECT_TRUE(at::equal(photo, as_stored(decoded(jpeg_bytes(stored), 3), orientation == 6   ? 8
                                                                           : orientation == 8 ? 6
                                                                                              : orientation)))
        << orientation << " JPEG";
  }
}

TEST(Image, SenselessExifDataAreIgnored) {
  const auto picture = gradient(3, 6, 11);
  const std::string png = encode_png(picture);
  const std::string good = exif_bytes(6);
  for (const auto& exif : {exif_bytes(0), exif_bytes(9), good.substr(0, 12), std::string("II"),
                           std::string("x"), good.substr(0, 4) + "\xFF\xFF\xFF\x7F" + good.substr(8)}) {
    EXPECT_TRUE(at::equal(decoded(test::with_exif(png, exif), 3), picture));
  }
}

TEST(Image, DamagedFilesAreNamedWithTheReason) {
  const auto jpeg = jpeg_bytes(gradient(3, 64, 64));
  EXPECT_EQ(image_failure(jpeg.substr(0, jpeg.size() / 2)), "damaged JPEG: Premature end of JPEG file");
  EXPECT_EQ(image_failure(jpeg.substr(0, 40)), "damaged JPEG: the file is truncated");
  auto late_and_odd = jpeg.substr(0, jpeg.size() / 2);
  late_and_odd[11] = 0;
  EXPECT_EQ(image_failure(late_and_odd), "damaged JPEG: Premature end of JPEG file");
  const auto png = encode_png(gradient(3, 64, 64));
  EXPECT_EQ(image_failure(png.substr(0, png.size() - 20)), "damaged PNG: the file is truncated");
  EXPECT_EQ(image_failure(png.substr(0, png.size() - 1)), "damaged PNG: the file is truncated");
  auto flipped = png;
  flipped[png.size() / 2] ^= 1;
  EXPECT_EQ(image_failure(flipped), "damaged PNG: a checksum is wrong");
  const auto webp = test::webp_bytes(gradient(3, 64, 64));
  EXPECT_EQ(image_failure(webp.substr(0, webp.size() - 8)), "damaged WebP: the file is truncated");
  const auto tiff = test::tiff_bytes(gradient(3, 64, 64));
  EXPECT_TRUE(image_failure(tiff.substr(0, tiff.size() / 2)).starts_with("damaged TIFF: "));
  const auto gif = test::gif_bytes(gradient(1, 64, 64)[0].remainder(128), gradient(1, 128, 3)[0]);
  EXPECT_EQ(image_failure(gif.substr(0, gif.size() - 20)), "damaged GIF: the file is truncated");
  EXPECT_EQ(image_failure("P6 2 2 255\n12345678901"), "damaged PPM: the file is truncated");
  EXPECT_EQ(image_failure("P6 2 two 255\n123456789012"), "damaged PPM: its header");
  const std::string expected = "; expected JPEG, PNG, WebP, TIFF, BMP, GIF or binary PPM data";
  EXPECT_EQ(image_failure(""), "the file is empty" + expected);
  EXPECT_EQ(image_failure("hello, I am a text\n"), "not an image that is read" + expected);
}

TEST(Image, SizesThatWouldFillTheMemoryAreRefused) {
  EXPECT_EQ(image_failure("P6 99999999 99999999 255\n"),
            "a picture of 99999999 x 99999999 pixels; expected at least one, and at most 134 million");
  EXPECT_EQ(image_failure("P6 0 5 255\n"),
            "a picture of 0 x 5 pixels; expected at least one, and at most 134 million");
}

TEST(Image, APngFileThatUnpacksToMuchMoreThanItsPixelsIsRefused) {
  const auto of_zeros = [](size_t bytes) { return test::gray_png(16, 16, 8, std::string(bytes, '\0')); };
  EXPECT_TRUE(at::equal(decoded(of_zeros(16 * 17 + 100), 1), at::zeros({1, 16, 16}, at::kByte)));
  EXPECT_EQ(image_failure(of_zeros(8 << 20)), "damaged PNG: more data than its pixels take");
}

constexpr char kWritePictures[] = R"(
import sys
import numpy as np
from PIL import Image, ImageOps
folder = sys.argv[1]
rng = np.random.default_rng(0)
base = np.kron(rng.integers(0, 255, (5, 7, 4), dtype=np.uint8), np.ones((8, 8, 1), np.uint8))
rgb, rgba = Image.fromarray(base[..., :3].copy()), Image.fromarray(base.copy())
gray, palette = Image.fromarray(base[..., 0].copy()), rgb.quantize(60)
exif = Image.Exif()
exif[0x0112] = 6
files = {
    "rgb.png": (rgb, {}), "rgba.png": (rgba, {}), "gray.png": (gray, {}), "palette.png": (palette, {}),
    "exif.png": (rgb, {"exif": exif}), "q90.jpg": (rgb, {"quality": 90}), "gray.jpg": (gray, {}),
    "progressive.jpg": (rgb, {"progressive": True}), "s444.jpg": (rgb, {"subsampling": 0}),
    "s422.jpg": (rgb, {"subsampling": 1}), "exif.jpg": (rgb, {"exif": exif}), "cmyk.jpg": (rgb.convert("CMYK"), {}),
    "lossy.webp": (rgb, {"quality": 80}), "lossless.webp": (rgb, {"lossless": True}),
    "alpha.webp": (rgba, {"lossless": True, "exact": True}), "exif.webp": (rgb, {"exif": exif}),
    "animated.webp": (rgb, {"save_all": True, "append_images": [rgb.rotate(180)], "lossless": True}),
    "rgb.tif": (rgb, {}), "lzw.tif": (rgb, {"compression": "tiff_lzw"}), "deflate.tif": (rgb, {"compression": "tiff_deflate"}),
    "packbits.tif": (gray, {"compression": "packbits"}), "rgba.tif": (rgba, {}), "palette.tif": (palette, {}),
    "exif.tif": (rgb, {"exif": exif}), "rgb.bmp": (rgb, {}), "gray.bmp": (gray, {}), "palette.bmp": (palette, {}),
    "palette.gif": (palette, {}), "transparent.gif": (palette, {"transparency": 5}), "interlaced.gif": (palette, {"interlace": True}),
    "animated.gif": (palette, {"save_all": True, "append_images": [palette.rotate(180)]}),
    "rgb.ppm": (rgb, {}), "gray.pgm": (gray, {}),
}
for name, (image, options) in files.items():
    image.save(f"{folder}/{name}", **options)
    with Image.open(f"{folder}/{name}") as back:
        pixels = np.asarray(ImageOps.exif_transpose(back).convert("RGB"))
    pixels.transpose(2, 0, 1).tofile(f"{folder}/{name}.raw")
    print(name, pixels.shape[0], pixels.shape[1])
)";

TEST(Image, EveryFormatIsReadAsPillowReadsIt) {
  const auto python = test::python_with("PIL");
  if (!python) GTEST_SKIP() << "no Python with Pillow";
  const test::TemporaryFolder folder;
  const auto written = test::run_python(*python, kWritePictures, {folder.path().string()});
  ASSERT_EQ(written.status, 0) << written.errors;
  std::istringstream lines(written.output);
  std::string name;
  int pictures = 0;
  for (int64_t height = 0, width = 0; lines >> name >> height >> width; ++pictures) {
    const std::string raw = read_file(folder / (name + ".raw"));
    const auto expected = at::empty({3, height, width}, at::kByte);
    ASSERT_EQ(raw.size(), expected.nbytes());
    std::copy(raw.begin(), raw.end(), static_cast<char*>(expected.mutable_data_ptr()));
    EXPECT_TRUE(at::equal(read_image(folder / name), expected)) << name;
  }
  EXPECT_EQ(pictures, 33);
}

TEST(Image, AMissingFileIsNamed) {
  EXPECT_EQ(test::message_of([] { read_image("/absent/x.jpg"); }),
            "/absent/x.jpg: cannot be read: No such file or directory");
}

}  // namespace
}  // namespace patronus
