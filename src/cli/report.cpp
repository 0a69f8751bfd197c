#include "patronus/report/report.h"

#include "command.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/io/make_folder.h"
#include "patronus/io/replaced_files.h"
#include "settings.h"

namespace patronus::cli {
namespace {

namespace fs = std::filesystem;

struct ReportCommand {
  std::string run;
  std::vector<std::string> configs;
  std::string out;
};

int run_report(const ReportCommand& o) {
  const RunDirectory run(run_folder(o.run, o.configs));
  const Report report = collect_report(run);
  for (const auto& remark : report.remarks) log_info(remark.what + "; it is made by: " + remark.command);
  const fs::path out = o.out.empty() ? run.file("report.html") : fs::path(o.out);
  if (out.extension() != ".html")
    throw ConfigError("out '" + o.out + "': expected a page's name, as report.html");
  const fs::path json = fs::path(out).replace_extension(".json"),
                 table = fs::path(out).replace_extension(".csv");
  const CreatedFolder made(fs::absolute(out).parent_path());
  announce_replaced(
      {{out, {"<!doctype html>", "<!DOCTYPE html>"}}, {json, {json_prefix(kReportFormat)}}, {table}},
      "report");
  const std::string page = report_page(report.content);
  write_file(out, page);
  write_file(json, json_text(report_json(report.content)));
  write_csv(table, report_table(report.content));
  log_info("wrote " + out.string() + " (" + rate_text(static_cast<double>(page.size()) / 1e6) +
           " MB), to open in a browser, and its numbers as .json and .csv");
  return 0;
}

}  // namespace

void add_report(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<ReportCommand>();
  auto* cmd = app.add_subcommand("report", "Write all results of a run into one page, report.html");
  cmd->footer("Example: patronus report --run runs/demo");
  cmd->add_option("--run", o->run, "folder of the run");
  add_config_option(*cmd, o->configs, "configuration whose default run to use: runs/<name>");
  cmd->add_option("--out", o->out, "page (default <run>/report.html); .json and .csv go beside it");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_report(*o); }; });
}

}  // namespace patronus::cli
