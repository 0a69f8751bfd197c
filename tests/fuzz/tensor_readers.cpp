#include <ATen/Functions.h>
#include <caffe2/serialize/inline_container.h>

#include "fuzz/readers.h"
#include "fuzz/small_reference_run.h"
#include "interop/legacy_tensor_file.h"
#include "patronus/evaluation/fid_files.h"
#include "patronus/interop/pickle_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/reference_checkpoint.h"
#include "support/small_run.h"

namespace patronus::test {
namespace {

namespace fs = std::filesystem;
using Seeds = std::vector<std::string>;

Dict some_content() {
  Dict inner, content;
  inner.set("weight", at::arange(6, at::kFloat).view({2, 3}));
  inner.set("half", at::ones({3}, at::kHalf));
  content.set("state", inner);
  content.set("names", List{std::string("a"), int64_t{70000}, 0.5, true, Value()});
  content.set("mask", at::zeros({2, 2}, at::kBool));
  return content;
}

/// A record of an archive.
std::string record(const fs::path& archive, const std::string& name) {
  caffe2::serialize::PyTorchStreamReader reader(archive.string());
  const auto [data, size] = reader.getRecord(name);
  return {static_cast<const char*>(data.get()), size};
}

/// The pickle of `some_content`, and its tensors' bytes.
std::vector<std::string> pickle_and_storages(const fs::path& folder) {
  write_tensor_file(folder / "content.pt", some_content());
  Seeds parts{record(folder / "content.pt", "data.pkl")};
  for (const char* storage : {"data/0", "data/1", "data/2"}) {
    parts.push_back(record(folder / "content.pt", storage));
  }
  return parts;
}

std::string length_of(uint64_t elements) {
  return {reinterpret_cast<const char*>(&elements), sizeof elements};
}

/// The same in the format before PyTorch 1.6.
std::string legacy_bytes(const fs::path& folder) {
  const Seeds parts = pickle_and_storages(folder);
  const auto text = [](const std::string& value) { return "U" + std::string(1, char(value.size())) + value; };
  return std::string(kLegacyMagic) + "\x80\2M\xe9\3." + "\x80\2}" + text("little_endian") + "\x88s." +
         parts[0] + "\x80\2](" + text("0") + text("1") + text("2") + "e." + length_of(6) + parts[1] +
         length_of(3) + parts[2] + length_of(4) + parts[3];
}

Seeds tensor_files(const fs::path& folder) {
  const std::string legacy = legacy_bytes(folder);
  return {read_file(folder / "content.pt"), legacy, legacy};
}

/// Reads an archive with a whole checksum around the damaged pickle: damage elsewhere is found before it.
void read_pickle_in_archive(const fs::path& file) {
  const fs::path folder = file.parent_path();
  const std::string pickle = read_file(file);
  static const Seeds parts = pickle_and_storages(folder);
  {
    caffe2::serialize::PyTorchStreamWriter archive((folder / "archive.pt").string());
    archive.writeRecord("data.pkl", pickle.data(), pickle.size());
    for (size_t i = 1; i < parts.size(); ++i) {
      archive.writeRecord("data/" + std::to_string(i - 1), parts[i].data(), parts[i].size());
    }
    archive.writeEndOfFile();
  }
  read_tensor_file(folder / "archive.pt");
}

Seeds checkpoints(const fs::path& folder) {
  const NamedTensors tensors{{"encoder.weight", at::ones({2, 3})}, {"unet.bias", at::zeros({4})}};
  write_checkpoint(
      folder / "checkpoint.pt",
      {.step = 3, .config = small_run(), .model = tensors, .ema = tensors, .optimizer = some_content()});
  return {read_file(folder / "checkpoint.pt")};
}

Seeds reference_checkpoints(const fs::path& folder) {
  const RunConfig config = small_reference_run();
  write_reference_checkpoint(folder, config, make_model(config).state(), {});
  return {read_file(folder / "ckpt.tar")};
}

/// Pickles of {"data": uint8 [3, 4], "labels": [1, 2, 3]}, as Python writes arrays of numpy before protocol
/// 5, and in it.
Seeds pickles(const fs::path&) {
  const std::string labels = "U\6labels](K\1K\2K\3eu.";
  return {std::string(
              "\x80\2}(U\4datacnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(tU\1btR(K\1(K\3K\4t") +
              "cnumpy\ndtype\n(U\2u1tR(tb\x89U\14abcdefghijkltb" + labels,
          std::string("\x80\5}(U\4datacnumpy.core.numeric\n_frombuffer\n(\x96\14\0\0\0\0\0\0\0", 52) +
              "abcdefghijklcnumpy\ndtype\n(U\2u1tR(tb(K\3K\4tU\1FtR" + labels};
}

Seeds statistics(const fs::path& folder) {
  write_feature_statistics(
      folder / "statistics.npz",
      {.mean = at::ones({3}, at::kDouble), .covariance = at::eye(3, at::kDouble), .count = 4});
  return {read_file(folder / "statistics.npz")};
}

}  // namespace

std::vector<Reader> tensor_readers() {
  return {
      {"tensors", "tensors.pt", tensor_files, [](const fs::path& file) { read_tensor_file(file); }},
      {"pickle-in-archive", "data.pkl",
       [](const fs::path& folder) -> Seeds { return {pickle_and_storages(folder)[0]}; },
       read_pickle_in_archive},
      {"pickle", "pickle", pickles, [](const fs::path& file) { read_pickle_file(file); }},
      {"checkpoint", "checkpoint.pt", checkpoints, [](const fs::path& file) { read_checkpoint(file); }},
      {"reference-checkpoint", "ckpt.tar", reference_checkpoints,
       [](const fs::path& file) {
         read_reference_checkpoint({file, "", {}});
       }},
      {"statistics", "statistics.npz", statistics,
       [](const fs::path& file) { read_feature_statistics(file); }},
  };
}

}  // namespace patronus::test
