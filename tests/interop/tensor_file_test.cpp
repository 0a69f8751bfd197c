#include "patronus/interop/tensor_file.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <random>

#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/named_tensors.h"
#include "support/parity.h"
#include "support/python.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::integers;
using test::TemporaryFolder;

const fs::path kPythonTypes = fs::path(PATRONUS_SOURCE_DIR) / "tests" / "golden" / "python_types.pt";

Dict python_types() {
  return read_tensor_file(kPythonTypes);
}

/// What reading `bytes` as a file says, with the path replaced by FILE; "" when it reads.
std::string refusal(const std::string& bytes) {
  TemporaryFolder folder;
  const fs::path path = folder / "file.pt";
  write_file(path, bytes);
  std::string message;
  try {
    read_tensor_file(path);
    return "";
  } catch (const DataError& error) {
    message = error.what();
  }
  EXPECT_TRUE(message.starts_with(path.string() + ": ")) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  return "FILE" + message.substr(path.string().size());
}

/// The golden file's bytes with one text in its pickle replaced by another of the same length.
std::string python_types_with(const std::string& from, const std::string& to) {
  std::string bytes = test::file_text(kPythonTypes);
  EXPECT_EQ(from.size(), to.size());
  for (size_t at = 0; (at = bytes.find(from, at)) != std::string::npos; at += to.size())
    bytes.replace(at, to.size(), to);
  return bytes;
}

TEST(TensorFile, ReadsEveryElementTypeOfPython) {
  const Dict file = python_types();
  const auto& dtypes = file.at("dtypes").dict();
  ASSERT_EQ(dtypes.size(), 12u);
  EXPECT_EQ(dtypes.at("bfloat16").tensor().scalar_type(), at::kBFloat16);
  EXPECT_EQ(dtypes.at("uint8").tensor().scalar_type(), at::kByte);
  EXPECT_EQ(dtypes.at("complex128").tensor().scalar_type(), at::kComplexDouble);
  for (const auto& [name, value] : dtypes.entries()) {
    const auto& tensor = value.tensor();
    const auto expected = name == "bool" ? at::tensor({0, 1, 1}) : at::tensor({0, 1, 2});
    EXPECT_TRUE(at::equal(tensor, expected.to(tensor.scalar_type()))) << name;
  }
}

TEST(TensorFile, HonoursStridesAndGivesEveryTensorItsOwnStorage) {
  const Dict file = python_types();
  const auto& views = file.at("views").dict();
  const auto base = at::arange(12, at::kFloat);
  EXPECT_TRUE(at::equal(views.at("transposed").tensor(), base.view({3, 4}).t()));
  EXPECT_TRUE(at::equal(views.at("part").tensor(), base.slice(0, 5, 8)));
  EXPECT_TRUE(at::equal(views.at("every_second").tensor(), base.slice(0, 1, 12, 2)));
  EXPECT_TRUE(at::equal(views.at("expanded").tensor(), at::full({2, 3}, 7.0f)));
  EXPECT_EQ(views.at("scalar").tensor().dim(), 0);
  EXPECT_EQ(views.at("empty").tensor().sizes(), at::IntArrayRef({0, 3}));
  for (const auto& [name, value] : views.entries()) {
    EXPECT_EQ(value.tensor().storage().nbytes(), value.tensor().nbytes()) << name;
  }
  const auto& tied = file.at("tied").list();
  tied[0].tensor().zero_();
  EXPECT_TRUE(at::equal(tied[1].tensor(), base.view({3, 4})));
}

TEST(TensorFile, ReadsStateDictsAndParameters) {
  const Dict file = python_types();
  EXPECT_EQ(file.at("parameter").tensor().item<float>(), 1.5f);
  const auto& state = file.at("state_dict").dict();
  ASSERT_EQ(state.size(), 2u);
  EXPECT_EQ(state.entries()[0].first, "weight");
  EXPECT_EQ(state.entries()[1].second.tensor().item<float>(), 3.0f);
}

TEST(TensorFile, ReadsPlainPythonValues) {
  const Dict file = python_types();
  constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(integers(file.at("integers")), (std::vector<int64_t>{0, 255, 65535, -1, 2147483647, 2147483648,
                                                                 -2147483649, kLargest, -kLargest - 1}));
  EXPECT_EQ(file.at("floats").list()[1].number(), -1e300);
  EXPECT_EQ(file.at("truths").list()[0].kind(), "a bool");
  EXPECT_EQ(file.at("truths").list()[2].kind(), "None");
  EXPECT_EQ(file.at("text").text(), "na\u00efve \u2713 \n");
  EXPECT_EQ(integers(file.at("tuples").list()[4]), (std::vector<int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(file.at("nested").dict().at("a").dict().at("b").list()[0].dict().at("c").list().size(), 2u);
  EXPECT_EQ(file.at("ordered").dict().entries()[0].first, "second");
  const auto& keyed = file.at("integer_keys").dict();
  EXPECT_TRUE(keyed.integer_keys);
  EXPECT_EQ(keyed.at("-1").text(), "minus");
}

TEST(TensorFile, LoadsStoragesTaggedCudaToTheCpu) {
  ASSERT_NE(test::file_text(kPythonTypes).find("cuda:0"), std::string::npos);
  const Dict file = python_types();
  for (const auto& [name, value] : file.at("dtypes").dict().entries())
    EXPECT_TRUE(value.tensor().is_cpu()) << name;
}

TEST(TensorFile, WrittenFilesReadBackTheSame) {
  TemporaryFolder folder;
  const Dict original = python_types();
  write_tensor_file(folder / "copy.pt", original);
  write_tensor_file(folder / "copy.pt", read_tensor_file(folder / "copy.pt"));  // over itself
  const Dict copy = read_tensor_file(folder / "copy.pt");
  ASSERT_EQ(copy.size(), original.size());
  EXPECT_TRUE(copy.at("integer_keys").dict().integer_keys);
  EXPECT_EQ(copy.at("text").text(), original.at("text").text());
  EXPECT_EQ(integers(copy.at("integers")), integers(original.at("integers")));
  EXPECT_EQ(copy.at("truths").list()[0].kind(), "a bool");
  EXPECT_EQ(copy.at("ordered").dict().entries()[0].first, "second");
  for (const auto& [name, value] : original.at("dtypes").dict().entries()) {
    EXPECT_TRUE(at::equal(copy.at("dtypes").dict().at(name).tensor(), value.tensor())) << name;
  }
}

TEST(TensorFile, WritesOnlyTheElementsOfAView) {
  TemporaryFolder folder;
  Dict content;
  content.set("row", at::zeros({1000, 1000})[3]);
  content.set("transposed", at::arange(6).view({2, 3}).t());
  write_tensor_file(folder / "view.pt", content);
  EXPECT_LT(fs::file_size(folder / "view.pt"), 10'000u);
  EXPECT_TRUE(at::equal(read_tensor_file(folder / "view.pt").at("transposed").tensor(),
                        at::arange(6).view({2, 3}).t()));
}

TEST(TensorFile, NamesInListsAreWrittenAsUtf8) {
  TemporaryFolder folder;
  Dict content;
  content.set("files", List{std::string("m\xE4.png"), std::string("\u00e4.png")});
  content.set("path", std::string("m\xE4"));
  write_tensor_file(folder / "names.pt", content);
  const Dict read = read_tensor_file(folder / "names.pt");
  EXPECT_EQ(read.at("files").list()[0].text(), "m\uFFFD.png");
  EXPECT_EQ(read.at("files").list()[1].text(), "\u00e4.png");
  EXPECT_EQ(read.at("path").text(), "m\xE4") << "only names in lists";
}

TEST(TensorFile, PythonLoadsWhatWeWriteAsPlainWeights) {
  const auto python = test::python_with("torch");
  if (!python) GTEST_SKIP() << "no Python with torch (set PATRONUS_PYTHON)";
  TemporaryFolder folder;
  write_tensor_file(folder / "ours.pt", python_types());
  const auto outcome = test::run_python(*python, R"(
import sys, torch
def same(a, b):
    if torch.is_tensor(b): return a.dtype == b.dtype and a.shape == b.shape and torch.equal(a, b)
    if isinstance(b, dict): return list(a) == list(b) and all(same(a[k], b[k]) for k in b)
    if isinstance(b, (list, tuple)): return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b
ours, theirs = (torch.load(path, weights_only=True, map_location="cpu") for path in sys.argv[1:])
for key in theirs:
    print(key, same(ours[key], theirs[key]))
)",
                                        {(folder / "ours.pt").string(), kPythonTypes.string()});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(outcome.output.find("False"), std::string::npos) << outcome.output;
  EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 13) << outcome.output;
}

TEST(TensorFile, ReadsEveryParityFile) {
  for (const auto& path : test::parity_cases("")) EXPECT_GT(read_tensor_file(path).size(), 0u) << path;
}

TEST(TensorFile, RefusesOtherClassesByName) {
  EXPECT_EQ(refusal(python_types_with("collections\nOrderedDict", "collections\nOrderedFate")),
            "FILE: contains collections.OrderedFate, which is not plain data; save tensors, numbers, text, "
            "lists and "
            "dictionaries only");
  EXPECT_EQ(
      refusal(python_types_with("ctorch\nFloatStorage", "ctorch\nQuietStorage")),
      "FILE: contains torch.QuietStorage, which is not plain data; save tensors, numbers, text, lists and "
      "dictionaries only");
}

TEST(TensorFile, RefusesForeignFilesInOneLine) {
  EXPECT_EQ(refusal("hello"), "FILE: not a file of torch.save, nor of its format before PyTorch 1.6");
  EXPECT_EQ(refusal(""), "FILE: not a file of torch.save, nor of its format before PyTorch 1.6");
  EXPECT_EQ(refusal("PK\3\4 and nothing else"), "FILE: damaged or not a file of torch.save");
  EXPECT_EQ(test::message_of([] { read_tensor_file("/nowhere/a.pt"); }),
            "/nowhere/a.pt: cannot be read; expected a file of torch.save");
  EXPECT_EQ(test::message_of([] { read_tensor_file("/"); }),
            "/: cannot be read; expected a file of torch.save");
}

TEST(TensorFile, RefusesTensorsThatReachBeyondTheirStorage) {
  // base[5:8]: offset 5 (K\5), size (3,) of stride (1,).
  EXPECT_EQ(refusal(python_types_with("K\5K\3\x85", "K\xffK\3\x85")),
            "FILE: tensor that reaches beyond its storage");
}

TEST(TensorFile, SurvivesTruncationsAndMutations) {
  const std::string whole = test::file_text(kPythonTypes);
  std::mt19937 random(7);
  int refused = 0;
  for (int i = 0; i < 300; ++i) refused += !refusal(whole.substr(0, random() % whole.size())).empty();
  EXPECT_EQ(refused, 300);
  refused = 0;
  const size_t pickle_end = whole.find("PK\3\4", 4);  // the pickle is the first record
  for (int i = 0; i < 600; ++i) {
    std::string mutated = whole;
    const size_t range = i % 2 ? whole.size() : pickle_end;
    for (int flips = 1 + i % 3; flips > 0; --flips) mutated[random() % range] = static_cast<char>(random());
    refused += !refusal(mutated).empty();
  }
  EXPECT_GT(refused, 100);  // a changed number, text or element is still a file
}

TEST(TensorFile, NamesWhatWasFoundAndWhatWasExpected) {
  Dict dict;
  dict.set("steps", int64_t{3});
  EXPECT_EQ(test::message_of([&] { dict.at("steps").tensor(); }), "found an integer; expected a tensor");
  EXPECT_EQ(test::message_of([&] { dict.at("model"); }), "no entry 'model'");
  EXPECT_EQ(dict.at("steps").number(), 3.0);
}

TEST(TensorFile, AnUnwritablePlaceIsAnErrorThatNamesIt) {
  EXPECT_EQ(test::message_of([] { write_tensor_file("/nowhere/a.pt", Dict()); }),
            "/nowhere/a.pt: cannot be written: No such file or directory");
}

TEST(Dict, ADeepCopySharesNoTensorAndKeepsAllElse) {
  const auto tensor = at::arange(6, at::kFloat).view({2, 3});
  Dict inner, dict;
  inner.integer_keys = true;
  inner.set("3", tensor);
  dict.set("inner", inner);
  dict.set("list", List{tensor.t(), std::string("text"), Value(), true});
  const Dict copy = deep_copy(dict);
  tensor.fill_(9);
  const auto expected = at::arange(6, at::kFloat).view({2, 3});
  EXPECT_TRUE(copy.at("inner").dict().integer_keys);
  EXPECT_TRUE(at::equal(copy.at("inner").dict().at("3").tensor(), expected));
  const List& list = copy.at("list").list();
  EXPECT_TRUE(at::equal(list[0].tensor(), expected.t()));
  EXPECT_EQ(list[1].text(), "text");
  EXPECT_EQ(list[2].kind(), "None");
  EXPECT_EQ(list[3].kind(), "a bool");
}

TEST(Dict, ASecondValueTakesThePlaceOfTheFirst) {
  Dict dict;
  for (const char* key : {"b", "a", "b"}) dict.set(key, static_cast<int64_t>(dict.size()));
  ASSERT_EQ(dict.size(), 2u);
  EXPECT_EQ(dict.entries()[0].first, "b");
  EXPECT_EQ(dict.at("b").integer(), 2);
  EXPECT_EQ(dict.find("c"), nullptr);
}

TEST(Dict, IsQuickWithManyKeysAndKeepsTheirOrder) {
  constexpr int64_t kKeys = 200'000;
  Dict dict;
  for (int64_t i = 0; i < kKeys; ++i) dict.set(std::to_string(kKeys - i), i);
  dict.set("7", int64_t{-1});
  EXPECT_EQ(dict.size(), static_cast<size_t>(kKeys));
  EXPECT_EQ(dict.entries().front().first, "200000");
  int64_t sum = 0;
  for (int64_t i = 1; i <= kKeys; ++i) sum += dict.at(std::to_string(i)).integer();
  EXPECT_EQ(sum, kKeys * (kKeys - 1) / 2 - (kKeys - 7) - 1);
  EXPECT_EQ(dict.find("0"), nullptr);
}

}  // namespace
}  // namespace patronus
