#include "patronus/core/progress.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <thread>

#include "patronus/core/log.h"

namespace patronus {
namespace {

/// Standard error as a terminal, while it lives.
class Terminal {
 public:
  Terminal() {
    EXPECT_EQ(openpty(&screen_, &terminal_, nullptr, nullptr, nullptr), 0);
    std::fflush(stderr);
    dup2(terminal_, STDERR_FILENO);
  }
  ~Terminal() {
    std::fflush(stderr);
    dup2(before_, STDERR_FILENO);
    for (const int file : {before_, screen_, terminal_}) close(file);
  }

  /// What was written to it since the last look.
  std::string take() const {
    constexpr int kOnItsWay_ms = 50;
    std::string text;
    pollfd screen{.fd = screen_, .events = POLLIN, .revents = 0};
    while (poll(&screen, 1, kOnItsWay_ms) > 0) {
      std::array<char, 4096> part;
      const auto count = read(screen_, part.data(), part.size());
      if (count <= 0) break;
      text.append(part.data(), static_cast<size_t>(count));
    }
    return text;
  }

 private:
  int before_ = dup(STDERR_FILENO);
  int screen_ = -1;
  int terminal_ = -1;
};

constexpr const char* kErase = "\r\033[K";

TEST(Progress, DrawsABarWithTheShareThatIsDone) {
  const Terminal terminal;
  Progress progress("training", 12, "steps");
  progress.advance(6);
  const std::string half = terminal.take();
  EXPECT_EQ(half.find(std::string(kErase) + "training [############............] 6/12 steps  "), 0u) << half;
  EXPECT_NE(half.find("/s  0:00 left"), std::string::npos) << half;
  progress.advance(6);
  const std::string end = terminal.take();
  EXPECT_NE(end.find("training [########################] 12/12 steps  "), std::string::npos) << end;
}

TEST(Progress, CountsWhatWasDoneBeforeInTheShareAlone) {
  const Terminal terminal;
  Progress progress("training", 100, "steps", 75);
  progress.advance();
  const std::string text = terminal.take();
  EXPECT_NE(text.find("training [##################......] 76/100 steps"), std::string::npos) << text;
}

TEST(Progress, AMessageTakesThePlaceOfTheBarUntilTheNextStep) {
  const Terminal terminal;
  Progress progress("training", 100, "steps");
  log_info("begun");
  EXPECT_EQ(terminal.take(), "begun\r\n") << "nothing was drawn yet";
  progress.advance();
  terminal.take();
  std::jthread([] { log_info("saved"); }).join();
  log_debug("details");
  log_info("again");
  EXPECT_EQ(terminal.take(), std::string(kErase) + "saved\r\nagain\r\n");
  progress.advance();
  const std::string bar = terminal.take();
  EXPECT_EQ(bar.find(std::string(kErase) + "training [........................] 2/100 steps"), 0u) << bar;
}

TEST(Progress, RemovesTheBarAtItsEnd) {
  const Terminal terminal;
  {
    Progress progress("training", 2, "steps");
    progress.advance();
    { const Progress inner("saving", 2, "files"); }
    EXPECT_TRUE(bar_is_drawn());
    terminal.take();
  }
  EXPECT_EQ(terminal.take(), kErase);
}

TEST(Progress, IsSilentInsideAnotherOneAndBelowTheLevelOfMessages) {
  const Terminal terminal;
  {
    const Progress outer("runs", 3, "runs");
    Progress inner("training", 2, "steps");
    inner.advance();
  }
  set_log_level(LogLevel::kWarning);
  Progress progress("training", 2, "steps");
  progress.advance();
  set_log_level(LogLevel::kInfo);
  EXPECT_EQ(terminal.take(), "");
}

}  // namespace
}  // namespace patronus
