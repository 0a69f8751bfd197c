#include <c10/util/Exception.h>

#include <cstdlib>
#include <filesystem>

#include "commands.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/distributed/process_group.h"

namespace patronus::cli {
namespace {

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

int run(const std::vector<std::string>& words) {
  Invocation invocation;
  try {
    parse_command_line(words, invocation);
    set_log_level(invocation.verbose ? LogLevel::kDebug
                  : invocation.quiet ? LogLevel::kWarning
                                     : LogLevel::kInfo);
    if (!invocation.takes_ranks) require_one_process();
    return invocation.selected();
  } catch (const LostRankError& e) {
    log_error(e.what());
    std::_Exit(static_cast<int>(e.code()));  // threads may wait for that rank for ever
  } catch (const Error& e) {
    log_error(e.what());
    return static_cast<int>(e.code());
  } catch (const c10::OutOfMemoryError& e) {
    log_error("the GPU's memory is full: " + first_line(e.what_without_backtrace()) +
              "; lower training.batch_size or raise training.accumulate, or give an analysis a smaller "
              "--batch-size");
    return static_cast<int>(ExitCode::kOther);
  } catch (const c10::Error& e) {
    log_error(invocation.verbose ? e.what() : first_line(e.what_without_backtrace()));
    return static_cast<int>(ExitCode::kOther);
  } catch (const std::filesystem::filesystem_error& e) {  // of a path that cannot even be looked at
    log_error(e.path1().string() + ": " + e.code().message());
    return static_cast<int>(ExitCode::kUsage);
  } catch (const std::exception& e) {
    log_error(first_line(e.what()));
    return static_cast<int>(ExitCode::kOther);
  }
}

}  // namespace
}  // namespace patronus::cli

int main(int argc, char** argv) {
  return patronus::cli::run({argv + 1, argv + argc});
}
