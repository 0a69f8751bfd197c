#include "patronus/core/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <regex>

#include "support/run_program.h"

namespace patronus {
namespace {

class Log : public testing::Test {
 protected:
  /// What `speak` says on standard error. It runs in a process of its own: files and levels of a log stay
  /// there.
  std::string said(const std::function<void()>& speak) const {
    const auto work = [&] {
      speak();
      return 0;
    };
    const test::Outcome outcome = test::run_in_fork(work, ".");
    EXPECT_EQ(outcome.status, 0);
    return outcome.errors;
  }

  /// The lines of a log file, without their times, which they must have.
  std::string lines_of(const std::string& name) const {
    const std::string text = test::file_text(files_ / name);
    const std::regex time("(^|\n)[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} ");
    return std::regex_replace(text, time, "$1");
  }

  test::TemporaryFolder files_;
};

TEST_F(Log, AFileHasAllThatIsSaidAndTheFirstOneWhatWasSaidBefore) {
  const std::string errors = said([&] {
    log_debug("details");
    log_info("before");
    add_log_file(files_ / "first");
    log_warning("between");
    add_log_file(files_ / "second");
    set_log_level(LogLevel::kError);
    log_info("quiet");
    log_error("after");
  });
  EXPECT_EQ(errors, "before\nwarning: between\nerror: after\n");
  EXPECT_TRUE(lines_of("first").ends_with("details\nbefore\nwarning: between\nquiet\nerror: after\n"))
      << "behind what other tests have said: " << lines_of("first");
  EXPECT_EQ(lines_of("second"), "quiet\nerror: after\n");
}

TEST_F(Log, LevelsCountUpwards) {
  const std::pair<LogLevel, const char*> levels[]{{LogLevel::kDebug, "d\ni\nwarning: w\nerror: e\n"},
                                                  {LogLevel::kInfo, "i\nwarning: w\nerror: e\n"},
                                                  {LogLevel::kWarning, "warning: w\nerror: e\n"},
                                                  {LogLevel::kError, "error: e\n"}};
  for (const auto& [level, expected] : levels) {
    const std::string errors = said([level = level] {
      set_log_level(level);
      log_debug("d");
      log_info("i");
      log_warning("w");
      log_error("e");
    });
    EXPECT_EQ(errors, expected);
  }
}

TEST_F(Log, SaysOnceWhatIsToBeSaidOnce) {
  const std::string errors = said([] {
    for (int i = 0; i < 2; ++i) {
      log_info_once("news of this test");
      log_warning_once("trouble of this test");
      log_info("again");
    }
  });
  EXPECT_EQ(errors, "news of this test\nwarning: trouble of this test\nagain\nagain\n");
}

TEST_F(Log, AMessageIsOneLineThatNoTerminalObeys) {
  EXPECT_EQ(said([] { log_info("a\nb\r\x1B[2J\x7F{}%s é"); }), "a?b??[2J?{}%s é\n");
}

}  // namespace
}  // namespace patronus
