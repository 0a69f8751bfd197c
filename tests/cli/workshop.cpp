#include "cli/workshop.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "cli/commands.h"
#include "patronus/io/atomic_file.h"
#include "patronus/training/metrics_log.h"
#include "support/run_ranks.h"
#include "support/small_run.h"

namespace patronus::test {

Workshop::Workshop() {
  at::set_num_threads(1);  // a fork has no other threads, and would wait for them
  RunConfig config = small_run();
  config.data.cache = (path() / "cache").string();
  write_file(path() / "tiny.yaml", to_yaml(config));
}

Outcome Workshop::train(const std::string& run, const std::vector<std::string>& more) const {
  return patronus(train_command(run, more));
}

Outcome Workshop::patronus(const std::vector<std::string>& arguments) const {
  return fork_patronus(arguments, path());
}

int Workshop::train_until(const std::vector<std::string>& arguments, const std::string& run, double step,
                          int signal) const {
  const auto reached = [&] { return last_step(RunDirectory(path() / run)) >= step; };
  return interrupt_patronus(arguments, path(), reached, signal);
}

std::string Workshop::mistake(const std::vector<std::string>& arguments) const {
  const Outcome outcome = fork_patronus(arguments, path());
  const std::string errors = "\n" + outcome.errors;
  const size_t start = std::min(errors.find("\nerror: ") + 1, errors.size());
  return std::to_string(outcome.status) + " " + errors.substr(start, errors.find('\n', start) - start);
}

Outcome fork_patronus(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
  return run_in_fork([&] { return cli::run_command_line(arguments); }, folder);
}

std::vector<Outcome> fork_ranks(size_t count, const std::vector<std::string>& arguments,
                                const std::filesystem::path& folder) {
  return Ranks(
             count, [&](size_t) { return cli::run_command_line(arguments); }, folder)
      .wait();
}

double last_step(const RunDirectory& run) {
  const auto steps = read_metric(run, "loss").steps;
  return steps.empty() ? -1 : steps.back();
}

std::vector<std::string> train_command(const std::string& run, const std::vector<std::string>& more) {
  return concat({"train", "--config", "tiny", "--run", run, "--threads", "1", "--device", "cpu"}, more);
}

}  // namespace patronus::test
