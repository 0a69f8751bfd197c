// The commands that use a trained model, on a tiny run that all of these tests share.
#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "cli/shared_run.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"
#include "patronus/data/faces.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/folder_lock.h"
#include "patronus/io/image.h"
#include "patronus/io/table.h"
#include "patronus/run/checkpoint.h"
#include "support/named_tensors.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::Workshop;

class UseModel : public test::SharedRun {};

TEST_F(UseModel, SampleReplacesTheImagesOfAnEarlierCallAndNoOthers) {
  const std::vector<std::string> sample{"sample", "--split", "test", "--steps", "1", "--out", "replaced"};
  const auto draw = [&](const std::vector<std::string>& part) { run(test::concat(sample, part)); };
  draw({"--first", "2", "--count", "3"});
  write_file(path("replaced/images/mine.png"), "mine");
  draw({"--count", "2"});
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(path("replaced/images")))
    names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{"00000.png", "00001.png", "mine.png"}));
}

TEST_F(UseModel, ACallWaitsForAnotherThatWritesIntoItsFolder) {
  fs::create_directories(path("taken"));
  std::optional<FolderLock> other(std::in_place, path("taken"), FolderLock::WhenBusy::kFail, "--out");
  const auto start = std::chrono::steady_clock::now();
  const auto has_written_or_waited = [&] {
    return fs::exists(path("taken/activations.csv")) ||
           std::chrono::steady_clock::now() - start > std::chrono::seconds(3);
  };
  EXPECT_EQ(test::interrupt_patronus(
                {"encode", "--run", "run", "--device", "cpu", "--count", "1", "--out", "taken"},
                workshop().path(), has_written_or_waited, SIGKILL),
            128 + SIGKILL)
      << "it has not ended by itself";
  EXPECT_FALSE(fs::exists(path("taken/activations.csv")));
  other.reset();
  run({"encode", "--count", "1", "--out", "taken"});
  EXPECT_TRUE(fs::exists(path("taken/activations.csv")));
}

TEST_F(UseModel, EncodeWritesActivationsAndBoxes) {
  run({"encode", "--out", "encoded"});
  const Table activations = read_csv(workshop().path() / "encoded/activations.csv");
  EXPECT_EQ(activations.rows.size(), 16u);
  EXPECT_EQ(activations.columns.size(), 1u + 6u);
  EXPECT_EQ(read_csv(workshop().path() / "encoded/patches.csv").rows.size(), 16u * 6u);
  const auto activation = tensor("encoded/encoding.pt", "activation");
  EXPECT_NEAR(std::stod(activations.rows[3][2]), activation[3][1].item<double>(), 1e-6);
  const auto boxes = tensor("encoded/encoding.pt", "boxes");
  EXPECT_TRUE((boxes.select(2, 1) > boxes.select(2, 0)).all().item<bool>());
  EXPECT_LE(boxes.max().item<int64_t>(), 32);
}

TEST_F(UseModel, ResultsSayHowTheyCameAbout) {
  run({"encode", "--where", "hat=1", "--out", "of hats"});
  const auto how = nlohmann::json::parse(test::file_text(path("of hats/command-encode.json")));
  EXPECT_EQ(how["command"], "patronus encode --where hat=1 --out 'of hats' --run run --device cpu");
  EXPECT_EQ(how["weights"], "ema");
  EXPECT_EQ(how["step"], 12);
  EXPECT_TRUE(how["precision"] == "fp32" || how["precision"] == "bf16") << how["precision"];
  EXPECT_FALSE(how.contains("sampling")) << "nothing is drawn";
  run({"sample", "--split", "test", "--count", "1", "--out", "drawn"});
  const auto drawn = nlohmann::json::parse(test::file_text(path("drawn/command-sample.json")));
  EXPECT_EQ(drawn["sampling"]["sampler"], "ddim");
  EXPECT_EQ(drawn["sampling"]["steps"], 5);
}

TEST_F(UseModel, ACheckpointOfAnotherRunIsNotTakenForThisOnes) {
  copy_run("another");
  EXPECT_EQ(
      mistake({"encode", "--checkpoint", "another/checkpoints/last"}),
      "2 error: --checkpoint another/checkpoints/step-0000012.pt is not of --run run; give one of them");
  run({"encode", "--checkpoint", "run/checkpoints/last", "--count", "1", "--out", "own"});
}

TEST_F(UseModel, ChosenPrototypesLeaveTheSheetOfAll) {
  copy_run("viewed");
  const auto view = [&](const std::vector<std::string>& words) {
    const auto all = test::concat(
        {"visualize-prototypes", "--run", "viewed", "--device", "cpu", "--candidates", "2", "--steps", "2"},
        words);
    const Outcome done = workshop().patronus(all);
    EXPECT_EQ(done.status, 0) << done.errors;
  };
  view({});
  view({"--prototypes", "2,4"});
  EXPECT_EQ(table("viewed/visualize-prototypes/prototypes.csv").rows.size(), 6u);
  EXPECT_EQ(table("viewed/visualize-prototypes-2-4/prototypes.csv").rows.size(), 2u);
}

TEST_F(UseModel, AnEditFarBeyondWhatImagesShowIsSaid) {
  const auto far = [&](const std::string& edit) {
    return outcome({"manipulate", "--edit", edit, "--count", "1", "--steps", "3", "--out", "far"}).errors;
  };
  EXPECT_NE(far("2=90,").find("expected as"), std::string::npos);
  EXPECT_NE(far("2=90").find("far beyond the plausible range are asked of prototypes 2;"), std::string::npos);
  EXPECT_EQ(far("2=max").find("plausible range"), std::string::npos);
}

TEST_F(UseModel, EncodeWritesFilesForTheProjectorWhenAsked) {
  run({"encode", "--first", "2", "--count", "3", "--out", "unprojected"});
  EXPECT_FALSE(std::filesystem::exists(path("unprojected/projector")));
  run({"encode", "--first", "2", "--count", "3", "--projector", "--out", "projected"});
  const std::string vectors = test::file_text(path("projected/projector/vectors.tsv"));
  EXPECT_EQ(std::count(vectors.begin(), vectors.end(), '\n'), 3);
  EXPECT_TRUE(std::filesystem::exists(path("projected/projector/projector_config.pbtxt")));
}

TEST_F(UseModel, EncodeDrawsPatchesWhereAsked) {
  run({"encode", "--count", "2", "--draw", "3,0", "--out", "drawn"});
  EXPECT_GT(read_image(path("drawn/patches.png")).size(2), 4 * 192);
  EXPECT_EQ(mistake({"encode", "--disable", "3", "--draw", "3,0"}),
            "2 error: prototype 3 is disabled: it stays at its mean, whatever is asked");
  EXPECT_EQ(mistake({"encode", "--draw", "6"}),
            "2 error: prototype 6: the model has 6, numbered from 0 to 5");
  EXPECT_EQ(mistake({"encode", "--draw", "hat"}),
            "2 error: prototypes 'hat': expected numbers, as 0,3,7, or all");
}

TEST_F(UseModel, DisabledPrototypesHaveAFolderOfTheirOwn) {
  run({"encode", "--disable", "0,2"});
  const auto activation = tensor("run/encode-without-0-2/encoding.pt", "activation");
  for (int64_t k = 0; k < 6; ++k) {
    const auto column = activation.select(1, k);
    EXPECT_EQ(at::equal(column, column[0].expand_as(column)), k == 0 || k == 2) << k;
  }
  EXPECT_EQ(workshop().mistake({"encode", "--run", "run", "--disable", "9"}),
            "2 error: prototype 9: the model has 6, numbered from 0 to 5");
}

TEST_F(UseModel, SamplesDoNotDependOnBatchSizeOrCount) {
  const std::vector<std::string> sample{"sample", "--split", "test", "--steps", "3", "--precision", "fp32"};
  const auto draw = [&](const std::vector<std::string>& more) { run(test::concat(sample, more)); };
  draw({"--count", "5", "--batch-size", "5", "--out", "five"});
  draw({"--count", "3", "--batch-size", "2", "--out", "three"});
  const auto five = tensor("five/samples.pt", "images");
  const auto three = tensor("three/samples.pt", "images");
  EXPECT_EQ(five.size(0), 5);
  EXPECT_TRUE(at::allclose(five.slice(0, 0, 3), three, 0, 1e-4)) << (five.slice(0, 0, 3) - three).abs().max();
  EXPECT_FALSE(at::allclose(five[0], five[1], 0, 1e-2));
  draw({"--first", "3", "--count", "2", "--out", "rest"});
  EXPECT_TRUE(at::allclose(five.slice(0, 3, 5), tensor("rest/samples.pt", "images"), 0, 1e-4));
  EXPECT_TRUE(std::filesystem::exists(workshop().path() / "rest/images/00004.png"));
  const auto png = read_image(workshop().path() / "five/images/00004.png");
  EXPECT_TRUE(at::equal(png, to_pixels(five[4])));
}

class UseModelSampler : public UseModel, public testing::WithParamInterface<const char*> {};

TEST_P(UseModelSampler, DrawsFiniteImages) {
  const std::string out = std::string("sampler-") + GetParam();
  std::vector<std::string> words{"sample",  "--split", "test",  "--sampler", GetParam(),
                                 "--count", "2",       "--out", out};
  if (GetParam() != std::string("ddpm")) words.insert(words.end(), {"--steps", "4"});
  run(words, judged_run());  // ddpm takes all of its few timesteps
  EXPECT_TRUE(tensor(out + "/samples.pt", "images").isfinite().all().item<bool>());
}

INSTANTIATE_TEST_SUITE_P(All, UseModelSampler, testing::Values("ddim", "ddpm", "dpm-solver"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(UseModel, SampleDrawsFromVectorsOfAFile) {
  run({"encode", "--out", "vectors"});
  run({"sample", "--activations", "vectors/encoding.pt", "--count", "2", "--per-image", "3", "--steps", "2",
       "--out", "given"});
  EXPECT_EQ(tensor("given/samples.pt", "images").size(0), 6);
  const auto activation = tensor("given/samples.pt", "activation");
  EXPECT_TRUE(at::equal(activation[2], tensor("vectors/encoding.pt", "activation")[0]));
  EXPECT_TRUE(at::equal(activation[3], tensor("vectors/encoding.pt", "activation")[1]));
}

TEST_F(UseModel, ReconstructReportsTheRoundTrip) {
  run({"reconstruct", "--count", "3", "--steps", "20", "--variations", "2", "--out", "reconstructed"});
  const Table errors = read_csv(workshop().path() / "reconstructed/reconstruct.csv");
  ASSERT_EQ(errors.rows.size(), 3u);
  const auto original = tensor("reconstructed/reconstruct.pt", "original");
  const auto image = tensor("reconstructed/reconstruct.pt", "reconstruction");
  for (int64_t i = 0; i < 3; ++i) {
    const double mse = (original[i] - image[i]).square().mean().item<double>();
    EXPECT_NEAR(std::stod(errors.rows[i][errors.column("mse")]), mse, 1e-7);
  }
  EXPECT_EQ(tensor("reconstructed/reconstruct.pt", "variations").sizes(), (at::IntArrayRef{3, 2, 3, 32, 32}));
  EXPECT_TRUE(fs::exists(workshop().path() / "reconstructed/reconstruct.png"));
}

TEST_F(UseModel, ReconstructDrawsTheNoiseAndVariationsOfOneNoiseWhereAsked) {
  const auto drawn_height = [&](const std::vector<std::string>& more) {
    run(test::concat({"reconstruct", "--count", "2", "--steps", "2", "--out", "noise"}, more));
    return read_image(path("noise/reconstruct.png")).size(1);
  };
  EXPECT_EQ(drawn_height({"--variations", "1", "--draw-noise", "--noise", "fixed"}),
            drawn_height({"--variations", "2"}))
      << "a row each";
  EXPECT_EQ(mistake({"reconstruct", "--noise", "own"}), "2 error: noise 'own': expected random or fixed");
}

TEST_F(UseModel, AFolderOfImagesIsPreparedAsInTrainingAndSaysSo) {
  write_photos("photos", 1);
  write_photos("large", 1, 2);
  const std::string said = ": images of another size, resized to 32 x 32 (squash)";
  const Outcome same = outcome({"encode", "--images", "photos", "--out", "photos-encoded"});
  EXPECT_EQ(same.errors.find(said), std::string::npos) << same.errors;
  const Outcome large = outcome({"encode", "--images", "large", "--out", "large-encoded"});
  EXPECT_NE(large.errors.find("large" + said), std::string::npos) << large.errors;
  EXPECT_EQ(table("large-encoded/activations.csv").rows[0][0], "face-0.png");
  EXPECT_TRUE(at::allclose(tensor("large-encoded/encoding.pt", "activation"),
                           tensor("photos-encoded/encoding.pt", "activation"), 0.1, 0.1));
}

TEST_F(UseModel, InfoDescribesTheCheckpoint) {
  const Outcome outcome = workshop().patronus({"info", "--run", "run"});
  EXPECT_EQ(outcome.status, 0);
  for (const char* text : {"step            12\n", "weights         ema\n",
                           "10 x 10, 15 pixels a side, every 2 pixels", "predicts v"}) {
    EXPECT_NE(outcome.output.find(text), std::string::npos) << outcome.output;
  }
}

TEST_F(UseModel, MistakesAreOneLine) {
  EXPECT_EQ(workshop().mistake({"sample"}),
            "2 error: which run? give --run runs/<name>, --config <name> or --checkpoint <file>");
  const std::string long_name(300, 'a');
  EXPECT_EQ(workshop().mistake({"sample", "--run", long_name}),
            "2 error: " + long_name + ": File name too long");
  EXPECT_EQ(workshop().mistake({"sample", "--run", "nowhere"}),
            "2 error: nowhere: no such run; train first, or name another --run");
  EXPECT_EQ(mistake({"sample", "--split", "test", "--first", "99"}),
            "2 error: --first 99 --count 16: nothing is selected of 16 images");
  EXPECT_EQ(mistake({"sample", "--weights", "best"}), "2 error: weights 'best': expected auto, ema or raw");
  EXPECT_EQ(mistake({"sample", "--sampler", "euler"}),
            "2 error: sampling.sampler must be ddim | ddpm | dpm-solver | dpm-solver-3, got euler");
  EXPECT_EQ(mistake({"encode", "model.prototypes.count=9"}),
            "2 error: run/checkpoints/step-0000012.pt: was trained with another model.prototypes.count; it "
            "cannot be "
            "changed afterwards");
  EXPECT_TRUE(mistake({"encode", "--data", "photos"})
                  .ends_with("data.kind is faces, which are drawn; for the "
                             "images there add data.kind=images, or what "
                             "they are"));
  EXPECT_EQ(mistake({"encode", "--count", "all"}), "2 error: --count: must be at least 0, got all");
  write_file(path("a file"), "");
  EXPECT_EQ(mistake({"encode", "--out", "a file"}), "2 error: --out: a file: is a file; expected a folder");
  EXPECT_EQ(mistake({"encode", "--split", "tests"}),
            "2 error: split 'tests': expected train, test or validation; did you mean test?");
  EXPECT_EQ(mistake({"reconstruct", "--variations", "-3"}),
            "2 error: --variations: must be at least 0, got -3");
  EXPECT_EQ(mistake({"reconstruct", "--tolerance", "-1"}),
            "2 error: --tolerance: must be at least 0, got -1");
  EXPECT_EQ(mistake({"reconstruct", "--tolerance", "inf"}),
            "2 error: --tolerance: must be a finite number, got inf");
}

TEST_F(UseModel, AFolderThatCannotBeMadeIsSaidBeforeAnythingIsComputed) {
  write_file(path("file"), "");
  for (const char* command : {"reconstruct", "sample", "interpolate", "visualize-prototypes", "encode"}) {
    const auto outcome = test::fork_patronus(
        {command, "--run", "run", "--device", "cpu", "--out", "file/out", "--quiet"}, workshop().path());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.errors, "error: file/out: cannot be made: Not a directory\n") << command;
  }
}

TEST_F(UseModel, AFolderIsNamedByDisabledPrototypesOnceAndInTheirOrder) {
  const auto outcome = workshop().patronus(
      {"encode", "--run", "run", "--device", "cpu", "--count", "1", "--disable", "2,0,2"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_TRUE(fs::exists(path("run/encode-without-0-2/activations.csv")));
}

TEST_F(UseModel, AFolderWithATableOfAnotherIsRefusedBeforeAnythingIsDone) {
  fs::create_directories(path("mine"));
  write_file(path("mine/files.csv"), "file,age\na.png,7\n");
  for (const char* command : {"encode", "sample", "reconstruct", "manipulate", "interpolate", "evaluate"}) {
    EXPECT_EQ(workshop().mistake({command, "--run", "nowhere", "--out", "mine"}),
              "2 error: --out: mine/files.csv: is not a list of results, which would take its place; choose "
              "another folder with --out");
  }
  EXPECT_EQ(read_file(path("mine/files.csv")), "file,age\na.png,7\n");
}

TEST_F(UseModel, AFolderWithFilesOfOthersIsRefusedBeforeAnythingIsDone) {
  fs::create_directories(path("photos/images"));
  write_file(path("photos/images/00000.png"), "mine");
  EXPECT_EQ(
      mistake({"sample", "--count", "1", "--split", "test", "--out", "photos"}),
      "2 error: --out: photos: holds files that are no results (images), which might be replaced; choose "
      "another folder with --out");
  EXPECT_EQ(read_file(path("photos/images/00000.png")), "mine");
}

TEST_F(UseModel, ResultsOfAKilledProcessWhoseListIsDamagedAreAskedForBeforeAnythingIsMade) {
  fs::create_directories(path("killed/.patronus-ready-sample"));
  write_file(path("killed/.patronus-ready-sample/files.csv"), "");
  EXPECT_EQ(workshop().mistake({"sample", "--run", "nowhere", "--out", "killed"}).substr(0, 16),
            "2 error: nowhere")
      << "another process may be moving them";
  EXPECT_EQ(mistake({"sample", "--count", "1", "--out", "killed"}),
            "3 error: killed/.patronus-ready-sample/files.csv: the file is empty; expected a header line; it "
            "lists results that are whole; remove killed/.patronus-ready-sample to go on without them");
}

TEST_F(UseModel, DamagedCheckpointsAreDataErrors) {
  const fs::path good = workshop().path() / "run/checkpoints/step-0000012.pt";
  const fs::path cut = workshop().path() / "cut.pt";
  fs::copy_file(good, cut, fs::copy_options::overwrite_existing);
  fs::resize_file(cut, fs::file_size(cut) / 2);
  EXPECT_EQ(workshop().mistake({"info", "--checkpoint", "cut.pt"}).substr(0, 16), "3 error: cut.pt:");
  write_file(workshop().path() / "text.pt", "hello");
  EXPECT_EQ(workshop().mistake({"info", "--checkpoint", "text.pt"}).substr(0, 17), "3 error: text.pt:");
}

TEST_F(UseModel, ACheckpointOfAnotherArchitectureNamesTensorAndShapes) {
  Checkpoint checkpoint = read_checkpoint(workshop().path() / "run/checkpoints/last");
  checkpoint.config.model.unet.base_channels = 16;
  write_checkpoint(workshop().path() / "other.pt", checkpoint);
  EXPECT_EQ(workshop().mistake({"info", "--checkpoint", "other.pt"}),
            "2 error: other.pt: tensor time_embeddings.time_blocks.0.weight is [1000, 8], the model wants "
            "[1000, 16]");
}

TEST_F(UseModel, ExportRefusesWhatTheReferenceCannotRepresent) {
  const std::string message = workshop().mistake({"export", "--run", "run", "--out", "exported"});
  EXPECT_EQ(message.substr(0, 8), "2 error:");
  EXPECT_NE(message.find("diffusion.prediction=v, model.unet.unshuffle=2, model.unet.residual_blocks=1"),
            std::string::npos)
      << message;
  EXPECT_FALSE(fs::exists(workshop().path() / "exported"));
}

/// Of a model that the reference can represent.
const std::vector<std::string> kReferenceSettings{"diffusion.prediction=noise", "model.unet.unshuffle=1",
                                                  "model.unet.residual_blocks=2",
                                                  "model.prototypes.standardize=false", "data.channels=3"};

TEST(Exchange, AnExportedRunImportsWithTheSameWeights) {
  const Workshop workshop;
  ASSERT_EQ(workshop.train("run", kReferenceSettings).status, 0);
  ASSERT_EQ(workshop.patronus({"export", "--run", "run", "--weights", "raw", "--out", "exported"}).status, 0);
  const Outcome again =
      workshop.patronus({"export", "--run", "run", "--weights", "raw", "--out", "exported"});
  EXPECT_NE(again.errors.find("exported/ckpt.tar, exported/config.txt, exported/config.pickle: will be "
                              "replaced\n"),
            std::string::npos)
      << again.errors;
  write_file(workshop.path() / "ckpt.tar", "an archive of another");
  EXPECT_EQ(workshop.mistake({"export", "--run", "run", "--out", "."}),
            "2 error: ./ckpt.tar: would be replaced, and is of no checkpoint; choose another --out");
  fs::create_directories(workshop.path() / "imported");
  write_file(workshop.path() / "imported/status.json",
             R"({"state": "running", "step": 0, "checkpoint": null})");
  const Outcome imported = workshop.patronus({"import", "exported/ckpt.tar", "--run", "imported"});
  ASSERT_EQ(imported.status, 0) << "as after an import that a full disk ended: " << imported.errors;
  const Checkpoint before = read_checkpoint(workshop.path() / "run/checkpoints/last");
  const Checkpoint after = read_checkpoint(workshop.path() / "imported/checkpoints/last");
  EXPECT_EQ(after.step, before.step);
  test::expect_same(after.model, before.model);
  EXPECT_EQ(workshop.mistake({"import", "exported/ckpt.tar", "--run", "imported"}),
            "2 error: imported: holds a run already; choose a new folder with --run");
}

/// The files that `encode` was asked for.
std::vector<std::string> encoded_files(const Table& activations) {
  std::vector<std::string> files;
  for (const auto& row : activations.rows) files.push_back(row[activations.column("file")]);
  return files;
}

TEST_F(UseModel, ImagesAreSelectedByNameAndByCondition) {
  run({"encode", "--out", "everything"});
  run({"encode", "--select", "test-00011,3", "--select", "test-00007", "--out", "selected"});
  EXPECT_EQ(encoded_files(table("selected/activations.csv")),
            (std::vector<std::string>{"test-00011", "test-00003", "test-00007"}));
  EXPECT_TRUE(tensor("selected/encoding.pt", "activation")[1].equal(
      tensor("everything/encoding.pt", "activation")[3]));
  const std::string condition = "hat=1 and not (smile=1 or frown=1)";
  const Outcome where = outcome({"encode", "--where", condition, "--out", "where"});
  ASSERT_EQ(where.status, 0) << where.errors;
  const auto attributes = draw_face_attributes({}, Split::kTest, 16);
  const auto has = [&](int64_t i, FaceAttribute a) {
    return attributes[i][static_cast<int64_t>(a)].item<int64_t>() == 1;
  };
  std::vector<std::string> expected;
  for (int64_t i = 0; i < 16; ++i) {
    if (has(i, FaceAttribute::kHat) && !has(i, FaceAttribute::kSmile) && !has(i, FaceAttribute::kFrown))
      expected.push_back("test-" + zero_padded(i, 5));
  }
  ASSERT_GT(expected.size(), 1u);
  EXPECT_EQ(encoded_files(table("where/activations.csv")), expected);
  EXPECT_NE(
      where.errors.find("--where " + condition + ": " + std::to_string(expected.size()) + " of 16 images\n"),
      std::string::npos)
      << where.errors;
  run({"encode", "--where", condition, "--first", "1", "--count", "1", "--out", "second"});
  EXPECT_EQ(encoded_files(table("second/activations.csv")), std::vector<std::string>{expected[1]});
}

TEST_F(UseModel, CommandsThatDrawImagesDrawAmongTheSelected) {
  run({"sample", "--select", "4,2", "--steps", "1", "--out", "of-two"});
  const Table samples = table("of-two/samples.csv");
  ASSERT_EQ(samples.rows.size(), 2u);
  EXPECT_EQ(samples.rows[0][samples.column("condition")], "test-00004");
  run({"interpolate", "--where", "hat=1", "--same", "smile", "--count", "3", "--frames", "2", "--steps", "1",
       "--out", "drawn-pairs"});
  const Table frames = table("drawn-pairs/interpolate.csv");
  const auto attributes = draw_face_attributes({}, Split::kTest, 16);
  for (const auto& row : frames.rows) {
    const int64_t from = std::stoll(row[frames.column("from")].substr(5));
    const int64_t to = std::stoll(row[frames.column("to")].substr(5));
    const auto value = [&](int64_t i, FaceAttribute a) {
      return attributes[i][static_cast<int64_t>(a)].item<int64_t>();
    };
    EXPECT_EQ(value(from, FaceAttribute::kHat) + value(to, FaceAttribute::kHat), 2);
    EXPECT_EQ(value(from, FaceAttribute::kSmile), value(to, FaceAttribute::kSmile));
  }
}

TEST_F(UseModel, FewerImagesThanAskedForAreSaid) {
  const Outcome few = outcome({"encode", "--first", "14", "--count", "4", "--out", "few"});
  ASSERT_EQ(few.status, 0) << few.errors;
  EXPECT_NE(few.errors.find("only 2 of 4 images (--count) are there from number 14 on\n"), std::string::npos)
      << few.errors;
}

TEST_F(UseModel, HelpSaysWhatImagesAreDrawnFromWithoutASplit) {
  const std::string sample = workshop().patronus({"sample", "--help"}).output;
  EXPECT_NE(sample.find("(default: from the latent model)"), std::string::npos) << sample;
  EXPECT_EQ(sample.find("(default test)"), std::string::npos) << sample;
  const std::string encode = workshop().patronus({"encode", "--help"}).output;
  EXPECT_NE(encode.find("train, test or validation (default test)"), std::string::npos) << encode;
}

TEST_F(UseModel, MistakenSelectionsAreOneLine) {
  EXPECT_TRUE(mistake({"encode", "--select", "3,train-00007"})
                  .ends_with("; 'train-00007' is in the train split (--split train)"));
  EXPECT_EQ(mistake({"encode", "--split", "validation"}),
            "3 error: faces: no images in the validation split; choose another --split, or see data.csv and "
            "data.test_fraction");
  EXPECT_EQ(mistake({"encode", "--select", "test-00099"}),
            "2 error: --select: image 'test-00099': expected the name of one of the 16 images, or its number "
            "from 0 to 15");
  EXPECT_EQ(mistake({"encode", "--where", "hat=1 and"}),
            "2 error: --where: 'hat=1 and', character 10: expected an attribute, found the end");
  EXPECT_EQ(mistake({"encode", "--where", "hat=1 and hat=0"}),
            "2 error: --where: 'hat=1 and hat=0': holds for no image");
  EXPECT_EQ(mistake({"encode", "--where", "hat=1", "--first", "99"}).substr(0, 48),
            "2 error: --first 99 --count 0: nothing is select");
  EXPECT_EQ(mistake({"encode", "--select", "1", "--count", "2"}), "2 error: --select excludes --count");
  EXPECT_EQ(mistake({"encode", "--select", "1", "--where", "hat=1"}), "2 error: --select excludes --where");
  EXPECT_EQ(mistake({"interpolate", "--same", "hat", "--pair", "1", "2"}), "2 error: --pair excludes --same");
}

TEST_F(UseModel, ACommandMayWorkOnAPartOfTheDataSet) {
  const Outcome part = outcome({"encode", "--out", "part", "data.where=hat=1"});
  ASSERT_EQ(part.status, 0) << part.errors;
  EXPECT_NE(part.errors.find("; where hat=1\n"), std::string::npos) << part.errors;
  const auto warns = [](const Outcome& result) {
    return result.errors.find("was trained with other data") != std::string::npos;
  };
  EXPECT_FALSE(warns(part)) << part.errors;
  const Outcome others = outcome({"encode", "--out", "of-other-data", "data.faces.test_images=20"});
  EXPECT_TRUE(warns(others)) << others.errors;
  EXPECT_TRUE(warns(outcome({"evaluate", "--parts", "reconstruction", "--reconstructions", "2", "--steps",
                             "2", "--out", "evaluated-others", "data.faces.test_images=20"})));
  const Outcome info = outcome({"info", "data.kind=images", "data.path=/nowhere"});
  EXPECT_EQ(info.status, 0) << "opens no data: " << info.errors;
  const auto hats =
      draw_face_attributes({}, Split::kTest, 16).select(1, static_cast<int64_t>(FaceAttribute::kHat));
  EXPECT_EQ(static_cast<int64_t>(table("part/activations.csv").rows.size()), hats.sum().item<int64_t>());
}

TEST(Exchange, AnImportedRunKnowsItsDataWhateverElseIsSaid) {
  const Workshop workshop;
  ASSERT_EQ(workshop.train("run", kReferenceSettings).status, 0);
  ASSERT_EQ(workshop.patronus({"export", "--run", "run", "--out", "exported"}).status, 0);
  const Outcome imported = workshop.patronus(
      {"import", "exported/ckpt.tar", "--run", "imported", "--data", "/photos", "training.batch_size=4"});
  ASSERT_EQ(imported.status, 0) << imported.errors;
  const RunConfig config = read_checkpoint(workshop.path() / "imported/checkpoints/last").config;
  EXPECT_EQ(config.data.path, "/photos");
  EXPECT_EQ(config.training.batch_size, 4);
}

TEST_F(UseModel, AnotherSamplerHasItsOwnStepsUnlessSomeAreGiven) {
  const auto evaluations = [&](const std::vector<std::string>& more, const std::string& out) {
    run(test::concat({"sample", "--split", "test", "--count", "1", "--sampler", "ddim", "--out", out}, more));
    return test::file_text(path(out) / "images/00000.png");
  };
  const auto by_word = evaluations({"sampling.steps=2"}, "by-word");
  EXPECT_EQ(by_word, evaluations({"--steps", "2"}, "by-flag"));
  EXPECT_NE(by_word, evaluations({}, "by-default"));
}

}  // namespace
}  // namespace patronus
