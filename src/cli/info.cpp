#include <iostream>

#include "command.h"
#include "patronus/analysis/describe_model.h"
#include "trained_run.h"

namespace patronus::cli {
namespace {

struct InfoCommand {
  TrainedRunOptions run;
  bool config = false;
};

int run_info(const InfoCommand& o) {
  TrainedModel trained = open_trained_run(o.run);
  if (o.config) {
    std::cout << to_yaml(trained.config);
  } else {
    std::cout << describe_model(trained);
  }
  return 0;
}

}  // namespace

void add_info(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<InfoCommand>();
  auto* cmd = app.add_subcommand("info", "Describe a run or checkpoint");
  cmd->footer("Example: patronus info --run runs/demo");
  add_trained_run_options(*cmd, o->run);
  cmd->add_flag("--print-config", o->config, "print the whole configuration instead");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_info(*o); }; });
}

}  // namespace patronus::cli
