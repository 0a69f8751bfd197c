#include "patronus/io/file_kind.h"

#include <gtest/gtest.h>

namespace patronus {
namespace {

TEST(FileKind, IsToldByTheEndingInAnyCapitalisation) {
  for (const char* name :
       {"a.jpg", "b/c.JPEG", "d.jfif", "e.WebP", "f.tif", "g.bmp", "h.gif", "i.ppm", "j.x.png"}) {
    EXPECT_EQ(file_kind(name), FileKind::kImage) << name;
  }
  for (const char* name : {"IMG_0001.HEIC", "a.avif", "scan.dcm", "b.CR2"}) {
    EXPECT_EQ(file_kind(name), FileKind::kUnsupportedImage) << name;
  }
  for (const char* name : {"list.csv", "png", ".png", "a.png.txt", "Thumbs.db", ""}) {
    EXPECT_EQ(file_kind(name), FileKind::kOther) << name;
  }
  EXPECT_EQ(lower_extension("a.b.JPG"), ".jpg");
  EXPECT_EQ(lower_extension("jpg"), "");
}

}  // namespace
}  // namespace patronus
