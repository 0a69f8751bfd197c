#include "interop/legacy_tensor_file.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <random>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/python.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

const fs::path kOfEveryType = fs::path(PATRONUS_SOURCE_DIR) / "tests" / "golden" / "python_types.pt";

/// The golden file of every type, saved once by Python in the format before PyTorch 1.6.
class LegacyTensorFile : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto python = test::python_with("torch");
    if (!python) return;
    TemporaryFolder folder;
    const auto outcome = test::run_python(*python, R"(
import sys, torch
content = torch.load(sys.argv[1], weights_only=True, map_location="cpu")
torch.save(content, sys.argv[2], _use_new_zipfile_serialization=False)
)",
                                          {kOfEveryType.string(), (folder / "legacy.pt").string()});
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
    bytes_ = test::file_text(folder / "legacy.pt");
  }
  void SetUp() override {
    if (bytes_.empty()) GTEST_SKIP() << "no Python with torch (set PATRONUS_PYTHON)";
  }

  /// The file with the first `from` behind `start` replaced by as many other bytes.
  static std::string with(std::string_view from, std::string_view to, size_t start = 0) {
    std::string changed = bytes_;
    EXPECT_EQ(from.size(), to.size());
    const size_t place = changed.find(from, start);
    EXPECT_NE(place, std::string::npos);
    return place == std::string::npos ? changed : changed.replace(place, to.size(), to);
  }

  static std::string refusal(const std::string& bytes) {
    return test::message_of([&] { decode_legacy_tensor_file(bytes); });
  }

  static inline std::string bytes_;
};

TEST_F(LegacyTensorFile, ReadsAsTheZipFileOfTheSameContent) {
  TemporaryFolder folder;
  write_file(folder / "legacy.pt", bytes_);
  write_tensor_file(folder / "from_legacy.pt", read_tensor_file(folder / "legacy.pt"));
  write_tensor_file(folder / "from_zip.pt", read_tensor_file(kOfEveryType));
  EXPECT_TRUE(test::file_text(folder / "from_legacy.pt") == test::file_text(folder / "from_zip.pt"));
}

TEST_F(LegacyTensorFile, RefusesWhatItDoesNotKnowByName) {
  EXPECT_EQ(refusal(with("M\xe9\x03", "M\xea\x03")), "format version 1002; expected 1001");
  EXPECT_EQ(refusal(with("\x88", "\x89")),
            "written on a big-endian machine; save it again on a little-endian one");
  EXPECT_EQ(
      refusal(with("collections\nOrderedDict", "collections\nOrderedFate")),
      "contains collections.OrderedFate, which is not plain data; save tensors, numbers, text, lists and "
      "dictionaries only");
  // The last part of a storage's id: None, or where it lies in another one.
  EXPECT_EQ(refusal(with("Ntq", "\x88tq")),
            "storage that is part of another one; save it with PyTorch 1.6 or newer");
}

TEST_F(LegacyTensorFile, NamesStoragesThatDoNotFit) {
  const size_t names = bytes_.rfind("\x80\x02]");
  ASSERT_NE(names, std::string::npos);
  const size_t first = bytes_.find('X', names) + 5;
  const std::string name = bytes_.substr(first, bytes_.find('q', first) - first);
  const std::string other(name.size(), '7');
  EXPECT_EQ(refusal(with(name, other, names)), "damaged: storage " + other + " of no tensor");
  const size_t storages = bytes_.find('.', names) + 1;
  std::string longer = bytes_;
  ++longer[storages];
  EXPECT_EQ(refusal(longer), "damaged: storage " + name + " has another size than its tensors");
}

TEST_F(LegacyTensorFile, SurvivesTruncationsAndMutations) {
  std::mt19937 random(7);
  const size_t shortest = kLegacyMagic.size();
  for (int i = 0; i < 300; ++i) {
    const size_t length = shortest + random() % (bytes_.size() - shortest);
    EXPECT_NE(refusal(bytes_.substr(0, length)), "no error") << length;
  }
  int refused = 0;
  for (int i = 0; i < 600; ++i) {
    std::string mutated = bytes_;
    for (int flips = 1 + i % 3; flips > 0; --flips) {
      mutated[shortest + random() % (mutated.size() - shortest)] = static_cast<char>(random());
    }
    refused += refusal(mutated) != "no error";
  }
  EXPECT_GT(refused, 100);  // a changed number, text or element is still a file
}

TEST(LegacyMagic, AloneIsADamagedFile) {
  TemporaryFolder folder;
  write_file(folder / "file.pt", kLegacyMagic);
  EXPECT_EQ(test::message_of([&] { read_tensor_file(folder / "file.pt"); }),
            (folder / "file.pt").string() + ": damaged pickle: it ends early");
}

}  // namespace
}  // namespace patronus
