#include "patronus/report/report.h"

#include "command.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "settings.h"

namespace patronus::cli {
namespace {

namespace fs = std::filesystem;

struct ReportCommand {
  std::string run;
  std::vector<std::string> configs;
  std::string out;
};

/// ConfigError where a file of another would be replaced, as a run's data.json by data.html.
void require_place_for(const fs::path& page) {
  if (fs::exists(page)) return;
  for (const char* ending : {".json", ".csv"}) {
    const fs::path file = fs::path(page).replace_extension(ending);
    if (fs::exists(file))
      throw ConfigError(file.string() + ": would be replaced, and is of no report; choose another --out");
  }
}

int run_report(const ReportCommand& o) {
  const RunDirectory run(run_folder(o.run, o.configs));
  const Report report = collect_report(run);
  for (const auto& remark : report.remarks) log_info(remark.what + "; it is made by: " + remark.command);
  const fs::path out = o.out.empty() ? run.file("report.html") : fs::path(o.out);
  if (out.extension() != ".html")
    throw ConfigError("out '" + o.out + "': expected a page's name, as report.html");
  require_place_for(out);
  const std::string page = report_page(report.content);
  write_file(out, page);
  write_file(fs::path(out).replace_extension(".json"), json_text(report_json(report.content)));
  write_csv(fs::path(out).replace_extension(".csv"), report_table(report.content));
  log_info("wrote " + out.string() + " (" + rate_text(static_cast<double>(page.size()) / 1e6) +
           " MB), to open in a browser, and its numbers as .json and .csv");
  return 0;
}

}  // namespace

void add_report(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<ReportCommand>();
  auto* cmd = app.add_subcommand("report", "Write all that is known of a run into one page, report.html");
  cmd->footer("Example: patronus report --run runs/demo");
  cmd->add_option("--run", o->run, "folder of the run");
  add_config_option(*cmd, o->configs, "configuration whose default run is meant: runs/<name>");
  cmd->add_option("--out", o->out, "the page (default <run>/report.html); .json and .csv go beside it");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_report(*o); }; });
}

}  // namespace patronus::cli
