#include "patronus/interop/pickle_file.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/python.h"
#include "support/run_program.h"

namespace patronus {
namespace {

/// What reading a file with this content says, after its path.
std::string pickle_failure(const std::string& bytes) {
  const test::TemporaryFolder folder;
  write_file(folder / "p", bytes);
  const std::string message = test::message_of([&] { read_pickle_file(folder / "p"); });
  const std::string prefix = (folder / "p").string() + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

constexpr char kWritePickle[] = R"(
import pickle, sys
import numpy as np
content = {b"data": np.arange(6, dtype=np.uint8).reshape(2, 3), b"long": np.array([-1, 2**40]),
           b"half": np.array([[0.5]], np.float32), b"labels": [3, 9], b"name": b"caf\xe9", "text": "café"}
pickle.dump(content, open(sys.argv[1], "wb"), protocol=int(sys.argv[2]))
)";

TEST(PickleFile, HoldsPlainDataAndArraysOfNumpy) {
  const auto python = test::python_with("numpy");
  if (!python) GTEST_SKIP() << "no Python with numpy";
  const test::TemporaryFolder folder;
  for (const char* protocol : {"2", "4", "5"}) {
    ASSERT_EQ(test::run_python(*python, kWritePickle, {(folder / "p").string(), protocol}).status, 0);
    const Dict content = read_pickle_file(folder / "p");
    EXPECT_TRUE(content.at("data").tensor().equal(at::arange(6).to(at::kByte).view({2, 3})));
    EXPECT_TRUE(content.at("long").tensor().equal(at::tensor({int64_t{-1}, int64_t{1} << 40}, at::kLong)));
    EXPECT_TRUE(content.at("half").tensor().equal(at::full({1, 1}, 0.5f)));
    EXPECT_EQ(content.at("labels").list()[1].integer(), 9);
    EXPECT_EQ(content.at("name").text(), "caf\xE9") << "bytes stay bytes";
    EXPECT_EQ(content.at("text").text(), "café");
  }
}

TEST(PickleFile, ArraysOfNumpyMayBeInFortranOrderReadOnlyOrEmpty) {
  const auto python = test::python_with("numpy");
  if (!python) GTEST_SKIP() << "no Python with numpy";
  const test::TemporaryFolder folder;
  for (const char* protocol : {"2", "4", "5"}) {
    const auto outcome = test::run_python(*python, R"(
import pickle, sys
import numpy as np
numbers = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
constant = numbers.copy()
constant.flags.writeable = False
content = {"fortran": np.asfortranarray(numbers), "constant": constant, "one": np.array(3.5),
           "half": np.float16([[0.5]]), "none": np.zeros((0, 3)), "nothing": b""}
pickle.dump(content, open(sys.argv[1], "wb"), protocol=int(sys.argv[2]))
)",
                                          {(folder / "p").string(), protocol});
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
    const Dict content = read_pickle_file(folder / "p");
    const auto numbers = at::arange(24, at::kShort).view({2, 3, 4});
    EXPECT_TRUE(content.at("fortran").tensor().equal(numbers)) << protocol;
    EXPECT_TRUE(content.at("fortran").tensor().is_contiguous());
    EXPECT_TRUE(content.at("constant").tensor().equal(numbers)) << protocol;
    EXPECT_TRUE(content.at("one").tensor().equal(at::scalar_tensor(3.5, at::kDouble))) << protocol;
    EXPECT_TRUE(content.at("half").tensor().equal(at::full({1, 1}, 0.5, at::kHalf))) << protocol;
    EXPECT_TRUE(content.at("none").tensor().equal(at::empty({0, 3}, at::kDouble))) << protocol;
    EXPECT_EQ(content.at("nothing").text(), "") << protocol;
  }
}

TEST(PickleFile, IsReadByPythonAndByUsAsItWasWritten) {
  const test::TemporaryFolder folder;
  Dict inner, content;
  inner.set("DEVICE", std::string("cuda:1"));
  inner.set("shape", List{int64_t{1}, int64_t{-70000}});
  content.set("config", inner);
  content.set("rate", 1e-5);
  content.set("on", true);
  content.set("none", Value());
  content.set("name", std::string("café"));
  write_pickle_file(folder / "p", content, "DEVICE");
  const Dict read = read_pickle_file(folder / "p");
  EXPECT_EQ(read.at("config").dict().at("DEVICE").text(), "cuda:1");
  EXPECT_EQ(read.at("config").dict().at("shape").list()[1].integer(), -70000);
  EXPECT_EQ(read.at("rate").number(), 1e-5);
  const auto python = test::python_with("torch");
  if (!python) GTEST_SKIP() << "no Python with torch (set PATRONUS_PYTHON)";
  const auto outcome = test::run_python(*python, R"(
import pickle, sys, torch
assert pickle.load(open(sys.argv[1], "rb")) == {
    "config": {"DEVICE": torch.device("cuda:1"), "shape": (1, -70000)}, "rate": 1e-5, "on": True, "none": None, "name": "café"}
)",
                                        {(folder / "p").string()});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
}

TEST(PickleFile, RunsNothingAndRefusesTheRest) {
  EXPECT_EQ(pickle_failure(std::string("\x80\2cos\nsystem\nU\2lsR.", 20)),
            "contains os.system, which is not plain data; save tensors, numbers, text, lists and "
            "dictionaries only");
  EXPECT_EQ(pickle_failure("]."), "found a list; expected a dictionary");
  EXPECT_EQ(pickle_failure(""), "damaged pickle: it ends early");
  EXPECT_EQ(pickle_failure(std::string("\x80\6}.", 4)), "pickle protocol 6; expected 2 to 5");
  EXPECT_EQ(pickle_failure("K\1U\1a\x93."), "name that is an integer; expected text");
}

TEST(PickleFile, TextThatIsNamedAgainAndAgainIsRefusedBeforeItFillsTheMemory) {
  constexpr int kLength = 1 << 20;
  std::string pickle =
      "](T" + std::string("\0\0\x10\0", 4) + std::string(kLength, 'a') + std::string("q\0", 2);
  for (int i = 0; i < 300; ++i) pickle += std::string("h\0", 2);
  EXPECT_EQ(pickle_failure(pickle + "e."), "more than 256 MiB of text");
}

/// A pickle of {"x": an array of this dtype, with these bytes, said to have three elements}.
std::string array_pickle(const std::string& dtype, const std::string& bytes) {
  const auto text = [](const std::string& value) {
    return std::string("U") + static_cast<char>(value.size()) + value;
  };
  return "}" + text("x") +
         "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(tU\1btR(K\1(K\3tcnumpy\ndtype\n(" +
         text(dtype) + "tR(tb\x89" + text(bytes) + "tbs.";
}

TEST(PickleFile, ArraysMustFitTheirContent) {
  const test::TemporaryFolder folder;
  write_file(folder / "p", array_pickle("u1", "abc"));
  EXPECT_TRUE(read_pickle_file(folder / "p").at("x").tensor().equal(at::tensor({97, 98, 99}, at::kByte)));
  EXPECT_EQ(pickle_failure(array_pickle("u1", "abcd")), "damaged: its shape and its size do not agree");
  EXPECT_EQ(pickle_failure(array_pickle("i2", "abc")), "damaged: its shape and its size do not agree");
  EXPECT_EQ(pickle_failure(array_pickle("O8", "abc")),
            "an array of numpy of 'O8'; expected f2, f4, f8, i1, i2, i4, i8, u1 or b1");
  EXPECT_EQ(pickle_failure("cnumpy\nndarray\n(tR."), "call of numpy.ndarray with unknown arguments");
}

TEST(PickleFile, ArraysOfAnotherByteOrderAreRefused) {
  const std::string state = "(K\3U\1>NNNJ\xFF\xFF\xFF\xFFJ\xFF\xFF\xFF\xFFK" + std::string("\0tb", 3);
  EXPECT_EQ(pickle_failure("cnumpy\ndtype\n(U\2i2tR" + state),
            "an array of numpy in big-endian order; expected little-endian");
}

/// The same of an array of uint8 [2, 3] as protocol 5 has it; `order`: what follows its shape.
std::string buffer_pickle(const std::string& bytes, const std::string& order) {
  const auto length = static_cast<char>(bytes.size());
  return "}U\1xcnumpy.core.numeric\n_frombuffer\n(\x96" + std::string{length, 0, 0, 0, 0, 0, 0, 0} + bytes +
         "cnumpy\ndtype\n(U\2u1tR(K\2K\3t" + order + "tRs.";
}

TEST(PickleFile, AnArrayInABufferMustFitItToo) {
  const test::TemporaryFolder folder;
  write_file(folder / "p", buffer_pickle("abcdef", "U\1F"));
  EXPECT_TRUE(read_pickle_file(folder / "p")
                  .at("x")
                  .tensor()
                  .equal(at::tensor({97, 99, 101, 98, 100, 102}, at::kByte).view({2, 3})));
  for (const char* bytes : {"", "abcde", "abcdefg"})
    EXPECT_EQ(pickle_failure(buffer_pickle(bytes, "U\1C")), "damaged: its shape and its size do not agree");
  EXPECT_EQ(pickle_failure(buffer_pickle("abcdef", "U\1K(K\1K\2t")),
            "an array of numpy in unknown order; expected C or F; save numpy.ascontiguousarray of it");
}

TEST(PickleFile, ABufferOutsideThePickleIsRefused) {
  EXPECT_EQ(pickle_failure("}U\1xcnumpy._core.numeric\n_frombuffer\n(\x97"),
            "the content of an array lies outside the pickle; save it without buffer_callback");
}

TEST(PickleFile, SurvivesTruncationsAndMutations) {
  const test::TemporaryFolder folder;
  const auto is_refused = [&](const std::string& bytes) {
    write_file(folder / "p", bytes);
    try {
      read_pickle_file(folder / "p");
      return false;
    } catch (const DataError&) {
      return true;
    }
  };
  const std::string good = array_pickle("u1", "abc");
  int refused = 0;
  for (size_t i = 0; i < good.size(); ++i) {
    EXPECT_TRUE(is_refused(good.substr(0, i))) << i;
    std::string changed = good;
    for (const char value : {'\0', '\x7F', 'R', '(', '\xFF'}) {
      changed[i] = value;
      refused += is_refused(changed);
    }
  }
  EXPECT_GT(refused, 100);  // a changed number, text or element is still a file
}

}  // namespace
}  // namespace patronus
