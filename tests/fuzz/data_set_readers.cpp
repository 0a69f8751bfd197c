#include <zlib.h>

#include <ATen/Functions.h>

#include "fuzz/readers.h"
#include "patronus/data/dataset.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"

namespace patronus::test {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using Seeds = std::vector<std::string>;

std::function<void(const fs::path&)> listing(DataKind kind, const std::string& table = "") {
  return [kind, table](const fs::path& file) {
    DataConfig config;
    config.kind = kind;
    config.csv = table;
    config.path = file.parent_path().string();
    config.cache = (file.parent_path().parent_path() / "cache").string();
    config.size = 8;
    DataListing{config};
  };
}

std::string packed(const std::string& content) {
  std::string bytes(compressBound(content.size()) + 32, '\0');
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  deflate(&stream, Z_FINISH);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

Seeds idx_images(const fs::path& folder) {
  write_file(folder / "data/train-labels-idx1-ubyte", "\0\0\x08\x01\0\0\0\3\7\0\x09"s);
  const auto images = "\0\0\x08\x03\0\0\0\3\0\0\0\2\0\0\0\2"s + "abcdefghijkl";
  return {images, packed(images)};
}

std::string record(char label) {
  return label + std::string(3 * 32 * 32, 'p');
}

Seeds binary_batches(const fs::path&) {
  return {record(1) + record(9) + record(0)};
}

Seeds pickled_batches(const fs::path&) {
  const auto head =
      "\x80\2}(U\4datacnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(tU\1btR(K\1(K\2M\0\14t"
      "cnumpy\ndtype\n(U\2u1tR(tb\x89T\0\x18\0\0"s;
  return {head + std::string(2 * 3072, 'p') + "tbU\6labels](K\1K\2eu."};
}

/// Images beside which the table lies.
Seeds attribute_tables(const fs::path& folder) {
  for (const char* name : {"a.png", "b.png", "c.png"})
    write_png(folder / "data" / name, at::zeros({3, 2, 2}, at::kByte));
  return {"file,smile,hair,split\na.png,1,red,train\nb.png,-1,,test\nc.png,0,fair,train\n",
          ",image_id;hat\n0;a.png;1\n1;b.png;-1\n2;c.png;0\n"};
}

}  // namespace

std::vector<Reader> data_set_readers() {
  return {
      {"idx", "data/train-images-idx3-ubyte.gz", idx_images, listing(DataKind::kFashionMnist)},
      {"cifar-binary", "data/data_batch_1.bin", binary_batches, listing(DataKind::kCifar10)},
      {"cifar-python", "data/data_batch_1", pickled_batches, listing(DataKind::kCifar10)},
      {"attributes", "data/attributes.csv", attribute_tables, listing(DataKind::kImages, "attributes.csv")},
  };
}

}  // namespace patronus::test
