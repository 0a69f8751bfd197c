#include <iostream>
#include <nlohmann/json.hpp>

#include "command.h"
#include "options.h"
#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/training/benchmark_report.h"
#include "settings.h"

namespace patronus::cli {
namespace {

struct BenchCommand {
  std::vector<std::string> configs;
  std::string out;
  BenchmarkOptions options;
  Settings settings;
};

int run_bench(const BenchCommand& o) {
  const RunConfig config = configuration(o.configs, o.settings);
  if (config.data.size == 0 || config.data.channels == 0) {
    throw ConfigError(
        "bench: this configuration takes the format from the images, and bench has none; give data.size and "
        "data.channels");
  }
  if (!o.out.empty()) require_writable(o.out);  // fails now rather than after all measurements
  const Benchmark benchmark = run_benchmark(config, o.options);
  std::cout << benchmark_markdown(benchmark);
  if (!o.out.empty()) write_file(o.out, json_text(benchmark_json(benchmark)));
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<BenchCommand>();
  auto* cmd =
      app.add_subcommand("bench", "Measure how fast this machine trains and runs a configuration's model");
  cmd->footer("Example: patronus bench --config cifar10 --batch-size 32 --baseline");
  add_config_option(*cmd, o->configs,
                    "configuration file, or name of a shipped one; if given again, later ones win")
      ->required();
  add_setting(*cmd, o->settings, "--batch-size", "training.batch_size", "images per training step");
  add_runtime_settings(*cmd, o->settings);
  cmd->add_flag("--baseline", o->options.baseline, "also measure the reference's way, for ratios");
  cmd->add_option("--rounds", o->options.rounds, "measurement rounds")->check(at_least(1));
  cmd->add_option("--seconds", o->options.seconds, "minimum seconds per measurement")->check(finite(0));
  cmd->add_option("--out", o->out, "JSON file for the numbers");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_bench(*o); }; });
}

}  // namespace patronus::cli
