#include "patronus/interop/python_literal.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "patronus/io/json_text.h"
#include "support/failure.h"
#include "support/python.h"

namespace patronus {
namespace {

Value parsed(const std::string& text) {
  return parse_python_literal(text, "config.txt");
}
std::string complaint(const std::string& text) {
  return test::message_of([&] { parsed(text); });
}

TEST(PythonLiteral, KeepsOrderKindsAndNesting) {
  const Dict dict =
      parsed("{'a': (1, -2, 3e-05),\n 'b': [True, None], 'c': {'d': 'it\\'s'}, 'e': (), 'f': (1,)}\n").dict();
  ASSERT_EQ(dict.size(), 5u);
  EXPECT_EQ(dict.at("a").list()[1].integer(), -2);
  EXPECT_EQ(dict.at("a").list()[2].number(), 3e-5);
  EXPECT_EQ(dict.at("b").list()[0].kind(), "a bool");
  EXPECT_EQ(dict.at("b").list()[1].kind(), "None");
  EXPECT_EQ(dict.at("c").dict().at("d").text(), "it's");
  EXPECT_EQ(dict.at("e").list().size(), 0u);
  EXPECT_EQ(dict.at("f").list().size(), 1u);
  EXPECT_TRUE(parsed("{0: 'zero', 12: 'twelve'}").dict().integer_keys);
}

TEST(PythonLiteral, ReadsDevicesAndBrokenLines) {
  EXPECT_EQ(parsed("device(type='cuda')").text(), "cuda");
  EXPECT_EQ(parsed("device(type='cuda', index=1)").text(), "cuda:1");
  EXPECT_EQ(parsed("('a long text, '\n 'broken by pprint')").text(), "a long text, broken by pprint");
}

TEST(PythonLiteral, NamesTheLineOfAMistake) {
  EXPECT_EQ(complaint("{'a': 1,\n 'b': }"), "config.txt:2: expected a value, found '}'");
  EXPECT_EQ(complaint("{'a': 1,\n\n 'b' 2}"), "config.txt:3: expected ':', found '2'");
  EXPECT_EQ(complaint("{'a': [1, 2"), "config.txt:1: expected ',', found the end");
  EXPECT_EQ(complaint("{'a': ü}"), "config.txt:1: expected a value, found 'ü'");
  EXPECT_EQ(complaint("{'a': \xFC}"), "config.txt:1: expected a value, found '\uFFFD'");
  EXPECT_EQ(complaint("{'a': 'b\n'}"), "config.txt:1: text without its closing quote");
  EXPECT_EQ(complaint("1.2.3"), "config.txt:1: '1.2.3' is not a number");
  EXPECT_EQ(complaint("{} {}"), "config.txt:1: unexpected '{' after the value");
  EXPECT_EQ(complaint("{None: 1}"), "config.txt:1: a key is None; expected text");
  EXPECT_EQ(complaint(std::string(100, '(')), "config.txt:1: nested more than 64 levels deep");
}

TEST(PythonLiteral, RefusesCode) {
  EXPECT_EQ(complaint("{'a': os.system('true')}"),
            "config.txt:1: 'os.system' is not plain data; expected a literal or device(type=...)");
  EXPECT_EQ(complaint("device('cuda')"), "config.txt:1: expected '=', found '''");
}

TEST(PythonLiteral, WritesWhatItReads) {
  const std::string text = "{'a': (1, 1e-05, 1.0), 'b': 'it\\'s', 'c': {3: None, 4: (True,)}, 'd': ()}";
  EXPECT_EQ(python_literal(parsed(text)), text);
}

TEST(PythonLiteral, TextsWithSpecialCharactersAreReadByUsAndByPython) {
  const std::string awkward = "it's \"so\": a\\b\nc\rd\te\r\n\\n é {}";
  Dict dict;
  dict.set(awkward, List{awkward, std::string(), -0.5, 1e300, int64_t{-7}});
  const std::string text = python_literal(dict);
  EXPECT_EQ(text.find_first_of("\n\r\t"), std::string::npos) << text;
  EXPECT_EQ(parsed(text).dict().at(awkward).list()[0].text(), awkward);
  const auto python = test::python_with("ast");
  if (!python) GTEST_SKIP() << "no Python";
  const auto outcome = test::run_python(
      *python, "import ast, json, sys; print(json.dumps(ast.literal_eval(sys.argv[1])))", {text});
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(Json::parse(outcome.output), (Json{{awkward, {awkward, "", -0.5, 1e300, -7}}}));
}

TEST(PythonLiteral, RefusesEscapesThatItDoesNotKnow) {
  EXPECT_EQ(parsed(R"("\"\'\\")").text(), "\"'\\");
  EXPECT_TRUE(complaint(R"('\x41')").starts_with("config.txt:1: unknown escape in a text"))
      << complaint(R"('\x41')");
  EXPECT_TRUE(complaint("'a\\").starts_with("config.txt:1: unknown escape in a text")) << complaint("'a\\");
}

}  // namespace
}  // namespace patronus
