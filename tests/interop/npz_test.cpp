#include "patronus/interop/npz.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/python.h"
#include "support/run_program.h"
#include "support/tiny_disk.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

const at::Tensor kMu = at::arange(3, at::kDouble) / 7;
const at::Tensor kSigma = at::arange(9, at::kDouble).view({3, 3}) / 11;

void write_example(const fs::path& path) {
  write_npz(path, {{"mu", kMu}, {"sigma", kSigma}});
}

std::string refusal_of_npz(const fs::path& path, const std::vector<std::string>& names) {
  const std::string message = test::message_of([&] { read_npz(path, names); });
  return message.starts_with(path.string()) ? "FILE" + message.substr(path.string().size()) : message;
}

TEST(Npz, WhatIsWrittenReadsBack) {
  TemporaryFolder folder;
  write_example(folder / "a.npz");
  const auto arrays = read_npz(folder / "a.npz", {"sigma", "mu"});
  ASSERT_EQ(arrays.size(), 2u);
  EXPECT_TRUE(at::equal(arrays[0], kSigma));
  EXPECT_TRUE(at::equal(arrays[1], kMu));
  write_example(folder / "b.npz");
  EXPECT_TRUE(test::file_text(folder / "a.npz") == test::file_text(folder / "b.npz"));
}

TEST(Npz, NumpyReadsWhatWeWrite) {
  const auto python = test::python_with("numpy");
  if (!python) GTEST_SKIP() << "no Python with numpy (set PATRONUS_PYTHON)";
  TemporaryFolder folder;
  write_npz(folder / "ours.npz", {{"mu", kMu}, {"sigma", kSigma}, {"single", at::ones({2}, at::kFloat)}});
  const auto outcome = test::run_python(*python, R"(
import sys, zipfile, numpy as np
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
with np.load(sys.argv[1], allow_pickle=False) as ours:
    assert ours.files == ["mu", "sigma", "single"], ours.files
    assert all(ours[name].dtype == np.float64 for name in ours.files)
    assert np.array_equal(ours["mu"], np.arange(3) / 7)
    assert np.array_equal(ours["sigma"], np.arange(9).reshape(3, 3) / 11)
    assert np.array_equal(ours["single"], np.ones(2))
)",
                                        {(folder / "ours.npz").string()});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
}

TEST(Npz, ReadsWhatNumpyWritesAndRefusesOtherArraysByName) {
  const auto python = test::python_with("numpy");
  if (!python) GTEST_SKIP() << "no Python with numpy (set PATRONUS_PYTHON)";
  TemporaryFolder folder;
  const auto outcome = test::run_python(*python, R"(
import sys, numpy as np
sigma = np.arange(9.0).reshape(3, 3) / 11
for save, name in ((np.savez, "plain"), (np.savez_compressed, "compressed")):
    save(f"{sys.argv[1]}/{name}.npz", sigma=sigma, mu=np.float32([1, 2]), scalar=np.float64(4),
         counts=np.arange(3), turned=sigma.T, other_order=sigma.astype(">f8"))
np.savez(f"{sys.argv[1]}/object.npz", mu=np.array([{}], dtype=object))
)",
                                        {folder.path().string()});
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  for (const fs::path& file : {folder / "plain.npz", folder / "compressed.npz"}) {
    const auto arrays = read_npz(file, {"mu", "sigma", "scalar"});
    EXPECT_TRUE(at::equal(arrays[0], at::tensor({1, 2}, at::kFloat))) << file;
    EXPECT_TRUE(at::equal(arrays[1], kSigma)) << file;
    EXPECT_TRUE(at::equal(arrays[2], at::tensor(4.0, at::kDouble).squeeze())) << file;
    EXPECT_EQ(refusal_of_npz(file, {"mu", "counts"}),
              "FILE: array 'counts': elements of type '<i8'; expected '<f8' or '<f4'");
    EXPECT_TRUE(at::equal(read_npz(file, {"turned"})[0], kSigma.t())) << file;
    EXPECT_EQ(refusal_of_npz(file, {"other_order"}),
              "FILE: array 'other_order': elements of type '>f8'; expected '<f8' or '<f4'");
  }
  EXPECT_EQ(refusal_of_npz(folder / "object.npz", {"mu"}),
            "FILE: array 'mu': elements of type '|O'; expected '<f8' or '<f4'");
}

TEST(Npz, NamesTheFileAndWhatIsMissing) {
  TemporaryFolder folder;
  write_example(folder / "a.npz");
  EXPECT_EQ(refusal_of_npz(folder / "a.npz", {"mu", "cov"}), "FILE: no array 'cov'; expected mu, cov");
  EXPECT_EQ(refusal_of_npz(folder / "a.npz", {"Mu"}), "FILE: no array 'Mu'; expected Mu");
  EXPECT_EQ(refusal_of_npz(folder / "b.npz", {"mu"}), "FILE: cannot be read; expected numpy's .npz");
  EXPECT_EQ(refusal_of_npz(folder.path(), {"mu"}), "FILE: cannot be read; expected numpy's .npz");
  write_file(folder / "c.npz", "hello");
  EXPECT_EQ(refusal_of_npz(folder / "c.npz", {"mu"}), "FILE: damaged or not numpy's .npz");
}

/// Whether the example, damaged to these bytes, is refused; it must read the same where it is not.
bool is_refused_or_same(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  try {
    const auto arrays = read_npz(path, {"mu", "sigma"});
    EXPECT_TRUE(at::equal(arrays[0], kMu) && at::equal(arrays[1], kSigma));
    return false;
  } catch (const DataError&) {
    return true;
  }
}

TEST(Npz, ADamagedFileIsRefusedOrReadsTheSame) {
  TemporaryFolder folder;
  write_example(folder / "a.npz");
  const std::string whole = test::file_text(folder / "a.npz");
  std::mt19937 random(7);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    refused += is_refused_or_same(folder / "b.npz", whole.substr(0, random() % whole.size()));
  }
  EXPECT_GT(refused, 290);  // the last bytes are the length of a comment
  refused = 0;
  for (int i = 0; i < 600; ++i) {
    std::string mutated = whole;
    mutated[random() % whole.size()] ^= static_cast<char>(1 + random() % 255);
    refused += is_refused_or_same(folder / "b.npz", mutated);
  }
  EXPECT_GT(refused, 300);  // the rest changes dates and padding
}

TEST(Npz, AFullDiskOrAnUnwritablePlaceIsAnErrorThatNamesTheFile) {
  EXPECT_EQ(test::message_of([] { write_example("/nowhere/a.npz"); }),
            "/nowhere/a.npz: cannot be written: No such file or directory");
  TemporaryFolder folder;
  const test::TinyDisk disk(folder.path(), 64);
  if (!disk.mounted()) GTEST_SKIP() << "only root may mount a file system of its own";
  const fs::path path = folder / "large.npz";
  EXPECT_EQ(test::message_of([&] {
              write_npz(path, {{"mu", at::zeros({100'000}, at::kDouble)}});
            }),
            path.string() + ": cannot be written: No space left on device");
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace patronus
