#include "patronus/interop/python_literal.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include "patronus/core/error.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

constexpr int kMaxLiteralLevels = 64;

/// Characters escaped in single-quoted text, and the letters that stand for them.
constexpr std::string_view kEscaped = "\\'\n\r\t", kEscapeLetters = "\\'nrt";

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

class LiteralParser {
 public:
  LiteralParser(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  Value run() {
    Value result = value();
    if (peek() != '\0') fail("unexpected " + found() + " after the value");
    return result;
  }

 private:
  Value value() {
    if (++level_ > kMaxLiteralLevels) fail("nested more than 64 levels deep");
    Value result = value_of_kind(peek());
    --level_;
    return result;
  }

  Value value_of_kind(char first) {
    if (first == '{') return dictionary();
    if (first == '[') return sequence('[', ']').items;
    if (first == '(') return parenthesised();
    if (first == '\'' || first == '"') return text();
    if (std::isdigit(static_cast<unsigned char>(first)) || first == '-' || first == '+' || first == '.')
      return number();
    if (is_name_character(first)) return named();
    fail("expected a value, found " + found());
  }

  Dict dictionary() {
    Dict result;
    bool text_keys = false;
    expect('{');
    while (!skip('}')) {
      const Value key = value();
      const auto* integer = std::get_if<int64_t>(&key);
      if (!integer && !std::holds_alternative<std::string>(key))
        fail("a key is " + key.kind() + "; expected text");
      (integer ? result.integer_keys : text_keys) = true;
      expect(':');
      result.set(integer ? std::to_string(*integer) : key.text(), value());
      if (peek() != '}') expect(',');
    }
    if (result.integer_keys && text_keys) fail("a dictionary with both text and integer keys");
    return result;
  }

  struct Sequence {
    List items;
    bool has_comma = false;
  };

  Sequence sequence(char open, char close) {
    Sequence result;
    expect(open);
    while (!skip(close)) {
      result.items.push_back(value());
      if (peek() == close) continue;
      expect(',');
      result.has_comma = true;
    }
    return result;
  }

  /// A tuple, or one value in parentheses, as pprint writes text that it breaks over lines.
  Value parenthesised() {
    Sequence inside = sequence('(', ')');
    if (inside.items.size() == 1 && !inside.has_comma) return std::move(inside.items[0]);
    return std::move(inside.items);
  }

  /// Concatenates adjacent string literals, as Python does.
  std::string text() {
    std::string result;
    for (char quote = peek(); quote == '\'' || quote == '"'; quote = peek()) {
      for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
        if (text_[at_] == '\n') fail("text without its closing quote");
        result += text_[at_] == '\\' ? escaped() : text_[at_];
      }
      if (at_ == text_.size()) fail("text without its closing quote");
      ++at_;
    }
    return result;
  }

  char escaped() {
    const char letter = ++at_ < text_.size() ? text_[at_] : '\0';
    if (letter == '"') return letter;
    const size_t index = kEscapeLetters.find(letter);
    if (index == std::string_view::npos)
      fail("unknown escape in a text; expected one of \\\\ \\' \\\" \\n \\r \\t");
    return kEscaped[index];
  }

  Value number() {
    const size_t begin = at_;
    while (at_ < text_.size() && (is_name_character(text_[at_]) || text_[at_] == '-' || text_[at_] == '+'))
      ++at_;
    std::string_view digits = text_.substr(begin, at_ - begin);
    if (digits.front() == '+') digits.remove_prefix(1);
    const char* const end = digits.data() + digits.size();
    int64_t integer = 0;
    if (const auto [stop, error] = std::from_chars(digits.data(), end, integer);
        error == std::errc() && stop == end) {
      return integer;
    }
    double real = 0;
    if (const auto [stop, error] = std::from_chars(digits.data(), end, real);
        error == std::errc() && stop == end) {
      return real;
    }
    fail("'" + std::string(digits) + "' is not a number");
  }

  Value named() {
    const std::string word = name();
    if (word == "True") return true;
    if (word == "False") return false;
    if (word == "None") return Value();
    if (word == "inf" || word == "nan") return std::strtod(word.c_str(), nullptr);
    if (word == "device") return device();
    fail("'" + word + "' is not plain data; expected a literal or device(type=...)");
  }

  std::string name() {
    const size_t begin = (peek(), at_);
    while (at_ < text_.size() && is_name_character(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string device() {
    std::string type, index;
    expect('(');
    while (!skip(')')) {
      const std::string key = name();
      expect('=');
      const Value argument = value();
      if (key == "type" && std::holds_alternative<std::string>(argument)) {
        type = argument.text();
      } else if (key == "index" && std::holds_alternative<int64_t>(argument)) {
        index = ":" + std::to_string(argument.integer());
      } else {
        fail("expected device(type='cuda') or device(type='cuda', index=0)");
      }
      if (peek() != ')') expect(',');
    }
    return type + index;
  }

  /// Next character other than white space; 0 at the end.
  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool skip(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!skip(c)) fail(std::string("expected '") + c + "', found " + found());
  }

  std::string found() {
    if (peek() == '\0') return "the end";
    const auto rest = text_.substr(at_);
    return "'" + valid_utf8(rest.substr(0, utf8_length(rest))) + "'";
  }

  [[noreturn]] void fail(const std::string& what) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    throw DataError(source_ + ":" + std::to_string(line) + ": " + what);
  }

  std::string_view text_;
  const std::string& source_;
  size_t at_ = 0;
  int level_ = 0;
};

std::string quoted_python(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    const size_t place = kEscaped.find(c);
    result += place == std::string_view::npos ? std::string(1, c) : std::string{'\\', kEscapeLetters[place]};
  }
  return result + "'";
}

/// Shortest text that Python reads back as the same float, with a decimal point or exponent.
std::string float_text(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string dictionary_text(const Dict& dict) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : dict.entries()) {
    parts.push_back((dict.integer_keys ? key : quoted_python(key)) + ": " + python_literal(value));
  }
  return "{" + join(parts) + "}";
}

}  // namespace

Value parse_python_literal(std::string_view text, const std::string& source) {
  return LiteralParser(text, source).run();
}

std::string python_literal(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return "None";
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "True" : "False";
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return float_text(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return quoted_python(*text);
  if (const auto* dict = std::get_if<Dict>(&value)) return dictionary_text(*dict);
  std::vector<std::string> parts;
  for (const auto& item : value.list()) parts.push_back(python_literal(item));
  return "(" + join(parts) + (parts.size() == 1 ? ",)" : ")");
}

}  // namespace patronus
