#include "patronus/core/progress.h"

#include <unistd.h>

#include <algorithm>

#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

constexpr auto kBarInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(20);
constexpr int kBarWidth = 24;
int living = 0;  // instances

std::string duration_text(double seconds) {
  const auto total = static_cast<int64_t>(seconds + 0.5);
  const std::string minutes = total >= 3600
                                  ? std::to_string(total / 3600) + ":" + zero_padded(total / 60 % 60, 2)
                                  : std::to_string(total / 60);
  return minutes + ":" + zero_padded(total % 60, 2);
}

}  // namespace

Progress::Progress(std::string label, int64_t total, std::string unit, int64_t done)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(std::max<int64_t>(total, 1)),
      done_(done),
      done_at_start_(done),
      terminal_(isatty(STDERR_FILENO) == 1),
      inner_(living++ > 0),
      start_(Clock::now()),
      last_shown_(start_) {}

Progress::~Progress() {
  if (!inner_) remove_bar();
  --living;
}

std::string Progress::line() const {
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = elapsed > 0 ? static_cast<double>(done_ - done_at_start_) / elapsed : 0;
  const double left = rate > 0 ? static_cast<double>(total_ - done_) / rate : 0;
  const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  std::string bar;
  if (terminal_) {
    const int filled = static_cast<int>(share * kBarWidth);
    bar = " [" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "]";
  }
  return label_ + bar + " " + std::to_string(done_) + "/" + std::to_string(total_) + " " + unit_ + "  " +
         rate_text(rate) + "/s  " + duration_text(left) + " left";
}

void Progress::advance(int64_t n) {
  done_ += n;
  if (inner_ || !is_shown(LogLevel::kInfo)) return;
  const auto now = Clock::now();
  if (terminal_) {
    if (bar_is_drawn() && now - last_shown_ < kBarInterval && done_ < total_) return;
    draw_bar(line());
  } else {
    if (now - last_shown_ < kPlainInterval) return;
    log_info(line());
  }
  last_shown_ = now;
}

}  // namespace patronus
