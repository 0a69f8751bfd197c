#include <gtest/gtest.h>

#include "patronus/core/config.h"
#include "patronus/io/atomic_file.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_directory.h"
#include "patronus/sweep/sweep.h"
#include "support/failure.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// A folder with tiny.yaml, in which files are read as sweeps.
class ReadSweep : public testing::Test {
 protected:
  ReadSweep() {
    write_file(folder_ / "tiny.yaml", to_yaml(test::small_run()));
    configured_ = "config: " + (folder_ / "tiny.yaml").string() + "\n";
  }

  /// What a file with the line of its configuration and these lines stands for.
  SweepPlan read(const std::string& lines, const Words& overrides = {}) const {
    write_file(folder_ / "study.yaml", configured_ + lines);
    return read_sweep(folder_ / "study.yaml", overrides);
  }

  /// What is wrong with it, behind its path.
  std::string mistake(const std::string& lines, const Words& overrides = {}) const {
    const std::string message = test::message_of([&] { read(lines, overrides); });
    const std::string path = (folder_ / "study.yaml").string() + ":";
    return message.starts_with(path) ? message.substr(path.size()) : message;
  }

  static Words names(const SweepPlan& sweep) {
    Words names;
    for (const auto& point : sweep.points) names.push_back(point.name);
    return names;
  }

  test::TemporaryFolder folder_;
  std::string configured_;
};

TEST_F(ReadSweep, AGridHasAllCombinationsTheFirstKeySlowest) {
  const SweepPlan sweep = read(
      "settings: {training: {epochs: 7}}\n"
      "grid:\n"
      "  model.prototypes.count: [3, 4]\n"
      "  model.encoder.channels: [[4, 8, 8, 16], [4, 8, 8, 32]]\n"
      "seeds: [0, 1]\n");
  EXPECT_EQ(sweep.name, "study");
  EXPECT_EQ(names(sweep), (Words{"count-3_channels-4-8-8-16_seed-0", "count-3_channels-4-8-8-16_seed-1",
                                 "count-3_channels-4-8-8-32_seed-0", "count-3_channels-4-8-8-32_seed-1",
                                 "count-4_channels-4-8-8-16_seed-0", "count-4_channels-4-8-8-16_seed-1",
                                 "count-4_channels-4-8-8-32_seed-0", "count-4_channels-4-8-8-32_seed-1"}));
  const SweepPoint& point = sweep.points[3];
  EXPECT_EQ(point.row, "count 3, channels [4, 8, 8, 32]");
  EXPECT_EQ(point.values, (Words{"3", "[4, 8, 8, 32]"}));
  EXPECT_EQ(point.config.seed, 1);
  EXPECT_EQ(point.config.training.epochs, 7);
  EXPECT_EQ(point.config.model.encoder.channels, (std::vector<int64_t>{4, 8, 8, 32}));
  EXPECT_EQ(to_yaml(load_run_config({folder_ / "tiny.yaml"}, point.settings)), to_yaml(point.config));
}

TEST_F(ReadSweep, PointsOfAListAreNamedAfterAllKeysWithTheirShortestTails) {
  const SweepPlan sweep = read(
      "points:\n"
      "  - {training.max_steps: 4, training.learning_rate: 1e-3}\n"
      "  - {latent.max_steps: 5}\n");
  EXPECT_EQ(sweep.labels, (Words{"training.max_steps", "learning_rate", "latent.max_steps"}));
  EXPECT_EQ(names(sweep), (Words{"training.max_steps-4_learning_rate-0.001_latent.max_steps-12",
                                 "training.max_steps-12_learning_rate-0.003_latent.max_steps-5"}));
}

TEST_F(ReadSweep, SeedsAloneMakeOneRow) {
  const SweepPlan sweep = read("seeds: [5, 6]\n");
  EXPECT_EQ(names(sweep), (Words{"seed-5", "seed-6"}));
  EXPECT_EQ(sweep.points[0].row, sweep.points[1].row);
}

TEST_F(ReadSweep, OverridesBeatTheFile) {
  const SweepPlan sweep =
      read("settings: {training.max_steps: 9}\nseeds: [0, 1]\n", {"training.max_steps=2"});
  EXPECT_EQ(sweep.points[1].config.training.max_steps, 2);
  EXPECT_EQ(mistake("grid: {training.max_steps: [1, 2]}\n", {"training.max_steps=3"}),
            " points 0 and 1 have equal settings: max_steps-3");
}

TEST_F(ReadSweep, CommandsColumnsAndPicturesAreReadAsTheyStand) {
  const SweepPlan sweep = read(
      "commands: [info, [evaluate, --where, hat=1 and smile=0]]\n"
      "columns: {TAD: evaluate/evaluation.json#/tad/mean, loss: metrics.jsonl#loss}\n"
      "pictures: {sheet: visualize-prototypes/prototypes.png}\n");
  EXPECT_EQ(sweep.commands, (std::vector<Words>{{"info"}, {"evaluate", "--where", "hat=1 and smile=0"}}));
  EXPECT_EQ(sweep.columns[0].file, "evaluate/evaluation.json");
  EXPECT_EQ(sweep.columns[0].pointer, "/tad/mean");
  EXPECT_EQ(sweep.columns[1].pointer, "loss");
  EXPECT_EQ(sweep.pictures[0].file, "visualize-prototypes/prototypes.png");
}

TEST_F(ReadSweep, ColumnsMayBeShortNamesAndAList) {
  const SweepPlan sweep = read("columns: [gain, prototypes/tad, metrics.jsonl#loss]\n");
  const auto expect = [&](size_t c, const char* name, const char* file, const char* pointer) {
    EXPECT_EQ(sweep.columns.at(c).name, name);
    EXPECT_EQ(sweep.columns[c].file, file);
    EXPECT_EQ(sweep.columns[c].pointer, pointer);
  };
  expect(0, "gain", "evaluate/evaluation.json", "gain");
  expect(1, "prototypes/tad", "evaluate/evaluation.json", "prototypes/tad");
  expect(2, "loss", "metrics.jsonl", "loss");
}

TEST_F(ReadSweep, AConfigurationThatSaysNothingOfDataLiesOverThatOfTheFolder) {
  write_file(folder_ / "little.yaml", "training: {max_steps: 77}\n");
  const std::string data = "settings: {data.path: " + folder_.path().string() + "}\n";
  write_file(folder_ / "study.yaml", "config: " + (folder_ / "little.yaml").string() + "\n" + data);
  const auto image_config = [&] { return read_sweep(folder_ / "study.yaml", {}).points.at(0).config; };
  EXPECT_EQ(image_config().data.kind, DataKind::kImages);
  EXPECT_EQ(image_config().model.prototypes.count, 64) << "of images.yaml";
  EXPECT_EQ(image_config().training.max_steps, 77);
  write_file(folder_ / "study.yaml", data);
  EXPECT_EQ(image_config().data.kind, DataKind::kImages) << "without any, as train";
}

TEST_F(ReadSweep, IsOfAThousandPointsAtMost) {
  const auto list_of = [](int count) {
    std::string list = "1";
    for (int i = 2; i <= count; ++i) list += ", " + std::to_string(i);
    return "[" + list + "]";
  };
  EXPECT_EQ(mistake("grid:\n  training.max_steps: " + list_of(40) + "\n  seed: " + list_of(26) + "\n"),
            "4: grid: more than 1000 combinations");
  EXPECT_EQ(mistake("grid: {training.max_steps: " + list_of(40) + "}\nseeds: " + list_of(26) + "\n"),
            " more than 1000 points; make several sweeps of them");
}

TEST_F(ReadSweep, MistakesAreNamedWithTheirLine) {
  EXPECT_EQ(
      mistake("grd: {training.max_steps: [1]}\n"),
      "2: unknown key grd; did you mean grid?; a sweep has config, settings, grid, points, seeds, start, "
      "commands, columns, pictures");
  EXPECT_EQ(mistake("grid:\n  model.prototype.count: [1]\n"),
            "3: unknown key model.prototype.count; did you mean model.prototypes.count?");
  EXPECT_EQ(mistake("grid:\n  model.prototypes.count: [8, many]\n"),
            "3: model.prototypes.count must be an integer, got 'many'");
  EXPECT_EQ(mistake("grid:\n  model.prototypes.count: 8\n"),
            "3: grid: expected a list of values behind model.prototypes.count");
  EXPECT_EQ(mistake("settings:\n  training:\n    max_steps: -1\n"),
            "4: training.max_steps must be 0 to 100000000000, got -1");
  EXPECT_EQ(mistake("points: {}\n"), "2: points must be a list of at least one");
  EXPECT_EQ(mistake("grid: {seed: [1]}\npoints: [{seed: 1}]\n"), "3: a sweep has a grid or points, not both");
  EXPECT_EQ(mistake("seeds: [one]\n"), "2: seed must be an integer, got 'one'");
  EXPECT_EQ(mistake("seeds: [1, 2, 1]\n"), "2: seed 1 is given twice");
  EXPECT_EQ(mistake("start: perhaps\n"), "2: start must be true or false");
  EXPECT_EQ(mistake("commands: [[]]\n"),
            "2: commands: expected a text, as evaluate --parts similarity, or a list of words");
  for (const std::string column : {"'#tad'", "evaluation.json#", "''"}) {
    EXPECT_EQ(
        mistake("columns: {TAD: " + column + "}\n"),
        "2: column TAD: expected a number's name in evaluate/evaluation.json, as gain, or FILE#NAME, as "
        "metrics.jsonl#loss");
  }
  EXPECT_EQ(mistake("columns: {TAD: evaluation.json#/a~b}\n"),
            "2: column TAD: expected a place in JSON, as #/control/gain");
  EXPECT_EQ(mistake("pictures: {../sheet: a.png}\n"),
            "2: picture ../sheet: expected a name that a file can have, and not sweep");
  for (const std::string name : {"", ".", "..", "sweep", "a/b"}) {
    EXPECT_EQ(mistake("pictures: {'" + name + "': a.png}\n"),
              "2: picture " + name + ": expected a name that a file can have, and not sweep");
  }
  EXPECT_EQ(mistake("pictures: {sheet: [a.png]}\n"), "2: pictures: expected a text behind sheet");
  EXPECT_EQ(mistake("commands:\n  - [evaluate,\n     [--parts, control]]\n"),
            "4: commands: expected words in the list of a command");
  EXPECT_EQ(mistake("settings:\n  data.where: {hat: 1}\n"),
            "3: data.where: expected a value, or a list of values");
  EXPECT_EQ(mistake("grid:\n  data.where: [hat=1, {hat: 0}]\n"),
            "3: data.where: expected a value, or a list of values");
  EXPECT_EQ(mistake("settings:\n  model.encoder.channels: [8, [16]]\n"),
            "3: model.encoder.channels: expected a value, or a list of values");
  EXPECT_TRUE(
      mistake("settings:\n  model: {prototype: {count: 3}}\n").starts_with("3: unknown key model.prototype"));
  EXPECT_EQ(mistake("settings: 3\n"), "2: settings is a section: expected keys below it");
  EXPECT_EQ(mistake("config: again\n"), "2: key config appears twice");
  EXPECT_EQ(mistake("seeds: [1\n"), "3: not valid YAML: end of sequence flow not found");
  EXPECT_EQ(mistake(std::string(300'000, '#')), " larger than 256 KiB; expected a sweep");
}

TEST_F(ReadSweep, PointsThatMakeNoRunAreNamed) {
  EXPECT_EQ(mistake("points:\n  - {training.max_steps: 4}\n  - {sampling.steps: 2000}\n"),
            " sampling.steps=2000: sampling: steps 2000: expected 1 to 1000 (diffusion.timesteps)");
  EXPECT_EQ(mistake("points: [{training.learning_rate: 1e-3}, {training.learning_rate: 0.001}]\n"),
            " points 0 and 1 have equal settings: learning_rate-0.001");
  EXPECT_EQ(mistake("points: [{data.where: a=1}, {data.where: a-1}]\n"),
            " points 0 and 1 would both have the folder where-a-1");
  EXPECT_EQ(mistake("points: [{seed: 1}]\n"), " seed is set by a point; list seeds under the key seeds");
  EXPECT_EQ(mistake("start: true\n"),
            " start: the points begin with no run; give --from RUN, or set training.from");
}

TEST_F(ReadSweep, SettingsMayBeNestedOrDottedAndLaterOnesWin) {
  const SweepPlan nested =
      read("settings: {training: {max_steps: 4, learning_rate: 1e-3}, data: {where: hat=1 and smile=0}}\n");
  const SweepPlan dotted = read(
      "settings: {training.max_steps: 4, training.learning_rate: 1e-3, data.where: hat=1 and smile=0}\n");
  EXPECT_EQ(to_yaml(nested.points.at(0).config), to_yaml(dotted.points.at(0).config));
  EXPECT_EQ(nested.points[0].config.data.where, "hat=1 and smile=0");
  EXPECT_EQ(nested.points[0].name, "run") << "nothing differs";
  const SweepPlan both = read("settings: {training.max_steps: 4}\ngrid: {training.max_steps: [5, 6]}\n");
  EXPECT_EQ(both.points[1].config.training.max_steps, 6) << "the grid's";
}

TEST_F(ReadSweep, ConfigurationsAreLaidOverEachOther) {
  write_file(folder_ / "more.yaml", "training: {max_steps: 77}\nseed: 5\n");
  write_file(folder_ / "study.yaml", "config: [" + (folder_ / "tiny.yaml").string() + ", " +
                                         (folder_ / "more.yaml").string() + "]\n");
  const SweepPlan sweep = read_sweep(folder_ / "study.yaml", {});
  EXPECT_EQ(sweep.configs.size(), 2u);
  EXPECT_EQ(sweep.points.at(0).config.training.max_steps, 77);
  EXPECT_EQ(sweep.points[0].seed, 5);
  EXPECT_EQ(sweep.points[0].config.model.prototypes.count, 6) << "of tiny.yaml";
}

TEST_F(ReadSweep, TheRunThatTheOthersBeginWithIsAPointToo) {
  RunConfig config = test::small_run();
  config.training.distinct_weight = 0.25;
  const RunDirectory source(folder_ / "source");
  source.folder("checkpoints");
  write_checkpoint(
      source.checkpoint(3),
      {.step = 3, .config = config, .model = make_model(config).state(), .ema = {}, .optimizer = {}});
  const SweepPlan sweep = read(
      "start: true\nsettings: {sampling.steps: 3, training.max_steps: 4}\ngrid: {training.distinct_weight: "
      "[0, "
      "1]}\n",
      {"training.from=" + source.path().string(), "sampling.steps=2", "data.where=hat=1"});
  EXPECT_EQ(names(sweep), (Words{"start", "distinct_weight-0", "distinct_weight-1"}));
  EXPECT_TRUE(sweep.points[0].is_start);
  EXPECT_FALSE(sweep.points[1].is_start);
  EXPECT_EQ(sweep.points[0].values, Words{"0.25"}) << "of the run itself";
  EXPECT_EQ(sweep.points[0].command_settings, (Words{"sampling.steps=2", "data.where=hat=1"}));
  EXPECT_EQ(sweep.points[0].config.data.where, "hat=1");
  EXPECT_EQ(sweep.points[1].command_settings, Words{"sampling.steps=2"}) << "which are not its checkpoint's";
  for (const auto& point : sweep.points) EXPECT_EQ(point.config.training.from, source.path());
}

TEST_F(ReadSweep, ASweepNeedsAConfiguration) {
  write_file(folder_ / "bare.yaml", "seeds: [1, 2]\n");
  EXPECT_EQ(test::message_of([&] { read_sweep(folder_ / "bare.yaml", {}); }),
            (folder_ / "bare.yaml").string() +
                ": config is missing: a configuration file, or the name of a shipped one; or a run to begin "
                "with, --from RUN");
}

TEST_F(ReadSweep, IsFoundAsItIsGivenOrWithItsEnding) {
  read("seeds: [0]\n");
  EXPECT_EQ(find_sweep((folder_ / "study.yaml").string()), folder_ / "study.yaml");
  EXPECT_EQ(find_sweep((folder_ / "study").string()), folder_ / "study.yaml");
  const std::string message = test::message_of([] { find_sweep("no-such-sweep"); });
  EXPECT_TRUE(message.starts_with("no-such-sweep: no such sweep; the shipped ones are ")) << message;
  EXPECT_NE(message.find("table-4"), std::string::npos) << message;
  EXPECT_EQ(find_sweep("table-4").filename(), "table-4.yaml");
}

TEST_F(ReadSweep, AFileThatHoldsNoSettingsIsNamed) {
  for (const char* text : {"", "- config\n", "just text\n", "# nothing\n"}) {
    write_file(folder_ / "other.yaml", text);
    EXPECT_EQ(test::message_of([&] { read_sweep(folder_ / "other.yaml", {}); }),
              (folder_ / "other.yaml").string() + ": expected `key: value` lines")
        << text;
  }
  EXPECT_EQ(test::message_of([&] { read_sweep(folder_ / "absent.yaml", {}); }),
            (folder_ / "absent.yaml").string() + ": cannot be read: No such file or directory");
}

TEST_F(ReadSweep, ASweepOfOneRunHasARowOfItsName) {
  const SweepPlan sweep = read("settings: {seed: 5}\n");
  ASSERT_EQ(sweep.points.size(), 1u);
  EXPECT_TRUE(sweep.keys.empty());
  EXPECT_EQ(sweep.points[0].row, "study");
  EXPECT_EQ(sweep.points[0].seed, 5);
  EXPECT_TRUE(sweep.commands.empty() && sweep.columns.empty() && sweep.pictures.empty());
}

TEST(SweepColumn, IsAMetricInWhicheverFolderItsFileLies) {
  EXPECT_TRUE((SweepColumn{"loss", "metrics.jsonl", "loss"}.is_metric()));
  EXPECT_TRUE((SweepColumn{"loss", "latent/metrics.jsonl", "loss"}.is_metric()));
  EXPECT_FALSE((SweepColumn{"loss", "metrics.jsonl/numbers.json", "/loss"}.is_metric()));
}

TEST(ShippedSweeps, AreRead) {
  const fs::path shipped = fs::path(PATRONUS_SOURCE_DIR) / "configs/sweeps";
  for (const auto& entry : fs::directory_iterator(shipped)) {
    SCOPED_TRACE(entry.path());
    // Those of the distinct loss begin with a run, which is not there.
    const std::string message = test::message_of([&] { read_sweep(entry.path(), {}); });
    const bool begins_with_a_run = entry.path().stem().string().starts_with("distinct-loss");
    EXPECT_TRUE(begins_with_a_run ? message.ends_with(": no such run or checkpoint") : message == "no error")
        << message;
  }
}

TEST(ShippedSweeps, Table4IsThePapers) {
  const SweepPlan sweep = read_sweep(fs::path(PATRONUS_SOURCE_DIR) / "configs/sweeps/table-4.yaml", {});
  ASSERT_EQ(sweep.points.size(), 12u);
  std::vector<std::pair<int64_t, int64_t>> paper;
  for (const size_t index : {1, 3, 4, 5, 7, 10}) {
    const ModelConfig& model = sweep.points[index].config.model;
    paper.emplace_back(model.prototypes.count, model.encoder.channels.back());
  }
  EXPECT_EQ(paper, (std::vector<std::pair<int64_t, int64_t>>{
                       {32, 128}, {64, 64}, {64, 128}, {64, 256}, {100, 128}, {128, 128}}));
  EXPECT_EQ(sweep.points[0].config.training.epochs, 200);
}

}  // namespace
}  // namespace patronus
