#include <ATen/Functions.h>

#include <algorithm>

#include "fuzz/readers.h"
#include "fuzz/small_reference_run.h"
#include "patronus/data/attribute_table.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/table.h"
#include "patronus/io/text_table.h"
#include "patronus/run/prototype_names.h"
#include "patronus/run/reference_checkpoint.h"
#include "patronus/run/run_config.h"
#include "patronus/run/run_data.h"
#include "patronus/sweep/sweep.h"
#include "support/small_run.h"

namespace patronus::test {
namespace {

namespace fs = std::filesystem;
using Seeds = std::vector<std::string>;

Seeds configurations(const fs::path&) {
  Seeds seeds{to_yaml(small_run())};
  for (const auto& entry : fs::directory_iterator(fs::path(PATRONUS_SOURCE_DIR) / "configs")) {
    if (entry.is_regular_file()) seeds.push_back(read_file(entry.path()));
  }
  std::sort(seeds.begin(), seeds.end());  // a folder has no order
  return seeds;
}

Seeds sweeps(const fs::path& folder) {
  write_file(folder / "small.yaml", to_yaml(small_run()));
  const std::string config = "config: " + (folder / "small.yaml").string() + "\n";
  return {config +
              "settings: {training: {max_steps: 5}}\ngrid:\n  model.prototypes.count: [3, 4]\n"
              "  model.encoder.channels: [[4, 8, 8, 16], [4, 8, 8, 32]]\nseeds: [0, 1]\n",
          config +
              "points:\n  - {training.learning_rate: 1e-3}\n  - {data.where: hat=1}\n"
              "commands: [info, [encode, --split, train]]\n"
              "columns: {rank: evaluate/evaluation.json#/similarity, loss: metrics.jsonl#loss}\n"
              "pictures: {sheet: a/b.png}\n"};
}

Seeds tables(const fs::path&) {
  return {"file,smile,age,split\na.png,1,30,train\nb.png,-1,,test\n\"c \"\"d\"\".png\",0,7,val\n",
          "\xEF\xBB\xBF"
          "image_id;hat\r\n000001.jpg; 1\r\n000002.jpg;-1\r\n",
          std::string("\xFF\xFE"
                      "f\0i\0l\0e\0\t\0x\0\n\0a\0\t\0001\0\n\0",
                      24),
          "202599\n5_o_Clock_Shadow Bald\n000001.jpg -1  1\n000002.jpg  1 -1\n"};
}

void read_tables(const fs::path& file) {
  for_each_word_line(file, [](size_t, const WordLine&) {});
  read_csv(file);
  read_text_table(file);
}

void read_condition(const fs::path& file) {
  const AttributeTable table{{"hat", "age", "label", "No Finding"},
                             at::tensor({1, 0, 1, -1, 0, 1, 0, 1}, at::kLong).view({2, 4}),
                             {{}, {"7", "30"}, {"T-shirt/top", "Bag"}, {}}};
  images_where(table, read_file(file));
}

Seeds reference_configurations(const fs::path& folder) {
  const RunConfig config = small_reference_run();
  write_reference_checkpoint(folder, config, make_model(config).state(), {});
  return {read_file(folder / "config.txt")};
}

DataReport small_report() {
  return {
      .kind = "faces", .shown = "faces", .images = {8, 2}, .identity = {{"images", "8"}, {"names", "1f"}}};
}

Seeds run_data(const fs::path& folder) {
  const RunDirectory run(folder);
  run.write_status("running", 3);
  const std::string status = read_file(run.file("status.json"));
  write_run_data(run, small_report());
  return {read_file(run.file("data.json")), status};
}

Seeds run_status(const fs::path& folder) {
  Seeds seeds = run_data(folder);
  std::reverse(seeds.begin(), seeds.end());
  return seeds;
}

}  // namespace

std::vector<Reader> text_readers() {
  return {
      {"configuration", "config.yaml", configurations,
       [](const fs::path& file) { load_run_config({file.string()}, {}); }},
      {"sweep", "sweep.yaml", sweeps, [](const fs::path& file) { read_sweep(file, {}); }},
      {"table", "table.csv", tables, read_tables},
      {"condition", "condition.txt",
       [](const fs::path&) -> Seeds {
         return {"hat=1 and not (age>=30 or label='T-shirt/top')", "No Finding!=0 or age<7.5"};
       },
       read_condition},
      {"names", "names.yaml",
       [](const fs::path&) -> Seeds {
         return {"0: red hat\n3: \"a: b\"\n7: 'long hair' # not sure\n", "{1: x, 2: y}"};
       },
       [](const fs::path& file) { PrototypeNames(file, 8); }},
      {"reference-configuration", "config.txt", reference_configurations,
       [](const fs::path& file) { read_reference_config(file); }},
      {"run-data", "data.json", run_data,
       [](const fs::path& file) { require_same_data(RunDirectory(file.parent_path()), small_report()); }},
      {"run-status", "status.json", run_status,
       [](const fs::path& file) { RunDirectory(file.parent_path()).require_run_or_empty(); }},
  };
}

}  // namespace patronus::test
