// `patronus evaluate` on a tiny run.
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cli/shared_run.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/file_hash.h"
#include "patronus/run/run_directory.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class EvaluateCommand : public test::SharedRun {
 protected:
  static nlohmann::json json(const std::string& file) { return nlohmann::json::parse(read_file(path(file))); }
  /// A run's own encoder as features.
  static std::string encoder_of(const std::string& name) {
    return "encoder:" + path(name + "/checkpoints/last").string();
  }
};

TEST_F(EvaluateCommand, WritesNumbersTablesAndPlotsOfAllParts) {
  run({"evaluate", "--features", encoder_of(judged_run()), "--sets", "2", "--set-images", "20",
       "--reconstructions", "4", "--control-images", "3", "--steps", "3", "--out", "evaluated"},
      judged_run());
  for (const char* file :
       {"evaluation.md", "attributes.png", "scores.png", "components.png", "effects.png", "control.pt"}) {
    EXPECT_TRUE(fs::exists(path("evaluated") / file)) << file;
  }
  const auto all = json("evaluated/evaluation.json");
  EXPECT_EQ(all["representation"]["protocol"]["images"], 64);
  EXPECT_EQ(all["representation"]["attributes"].size(), 9u);
  for (const char* name : {"prototypes", "pca", "random encoder"}) {
    EXPECT_TRUE(all["representation"][name]["latent_auroc"]["mean"].is_number()) << name;
  }
  EXPECT_EQ(all["reconstruction"]["protocol"]["images"], 4);
  EXPECT_EQ(all["control"]["prototypes"].size(), 6u);
  EXPECT_EQ(all["control"]["attributes"].size(), 9u);
  EXPECT_EQ(table("evaluated/control.csv").rows.size(), 6u);
  EXPECT_EQ(table("evaluated/effects.csv").columns.size(), 7u);
  EXPECT_EQ(all["generation"]["conditional"]["sets"].size(), 2u);
  EXPECT_TRUE(all["generation"]["real"]["nearest_is_training"]["value"].is_number());
  EXPECT_EQ(all["generation"]["protocol"]["real"], "train") << "16 test images are too few for sets of 20";
  EXPECT_EQ(all["generation"]["protocol"]["real_images"], 20);
  EXPECT_EQ(table("evaluated/generation.csv").rows.size(), 2u);
  EXPECT_EQ(table("evaluated/generation-sets.csv").rows.size(), 4u);
  EXPECT_TRUE(all["generation"]["conditional"].contains("frechet_distance"));
  EXPECT_FALSE(all["generation"]["conditional"].contains("fid")) << "which these features do not give";
  EXPECT_FALSE(all["generation"].contains("unconditional")) << "the run has no latent model";
  EXPECT_EQ(table("evaluated/attributes.csv").rows.size(), 9u);
  const std::string text = read_file(path("evaluated/evaluation.md"));
  EXPECT_NE(text.find("Fréchet distance (not FID)"), std::string::npos);
  const auto other_edits = outcome({"evaluate", "--parts", "control", "--control-images", "1", "--steps", "2",
                                    "--strength", "2", "--out", "evaluated"},
                                   judged_run());
  EXPECT_NE(other_edits.errors.find("judge: known from evaluated/judge.pt"), std::string::npos)
      << other_edits.errors;
}

TEST_F(EvaluateCommand, SaysWhatGeneratedImagesAreComparedWith) {
  const auto said = [](const std::vector<std::string>& more) {
    std::vector<std::string> words{"evaluate", "--parts", "generation",   "--features", "random",
                                   "--sets",   "1",       "--set-images", "6"};
    words.insert(words.end(), more.begin(), more.end());
    return outcome(words).errors;
  };
  const std::string default_way = said({"--out", "compared"});
  EXPECT_NE(
      default_way.find("generation: Each set has 6 of 16 test images to start from, and is compared with 6 "
                       "other test images."),
      std::string::npos)
      << default_way;
  const std::string papers_way =
      said({"--reference", "conditions", "--out", "as-paper", "data.faces.train_images=60"});
  EXPECT_NE(papers_way.find("is compared with 6 test images, the same ones."), std::string::npos)
      << papers_way;
  EXPECT_NE(papers_way.find("Whether images repeat training images is not measured"), std::string::npos)
      << "of other data: " << papers_way;
}

TEST_F(EvaluateCommand, UnconditionalImagesComeFromTheLatentModel) {
  const auto result =
      outcome({"evaluate", "--parts", "control,generation", "--features", "random", "--sets", "1",
               "--set-images", "20", "--control-images", "2", "--steps", "2", "--out", "unconditional"},
              latent_run());
  ASSERT_EQ(result.status, 0) << result.errors;
  std::istringstream lines(result.errors);
  std::multiset<std::string> said;
  for (std::string line; std::getline(lines, line);) said.insert(line);
  for (const auto& line : said) EXPECT_EQ(said.count(line), 1u) << line;
  EXPECT_NE(result.errors.find("warning: no more pictures than the 128 dimensions"), std::string::npos)
      << "of both, which is said once";
  EXPECT_TRUE(fs::exists(path("unconditional/control-lowered.pt"))) << "two round trips of the same images";
  const auto all = json("unconditional/evaluation.json");
  EXPECT_EQ(all["generation"]["unconditional"]["frechet_distance"]["sets"], 1);
  EXPECT_EQ(all["generation"]["protocol"]["latent_sha256"],
            file_sha256(resolve_checkpoint(path(latent_run()) / "latent/checkpoints/last")));
  EXPECT_TRUE(fs::exists(path("unconditional/generation/unconditional-0.json")));
}

TEST_F(EvaluateCommand, ComparesWithARunThatWasTrainedWithoutCondition) {
  const auto trained = workshop().train("twin", {"model.unet.condition=off"});
  ASSERT_EQ(trained.status, 0) << trained.errors;
  run({"evaluate", "--parts", "likelihood", "--twin", path("twin"), "--likelihood-images", "6",
       "--bound-steps", "3", "--out", "likelihood"});
  const auto all = json("likelihood/evaluation.json");
  ASSERT_EQ(all["likelihood"]["conditions"].size(), 4u);
  EXPECT_EQ(all["likelihood"]["conditions"][3]["condition"], "unconditional twin");
  EXPECT_TRUE(all["likelihood"]["protocol"]["twin_differs_in"].empty());
  EXPECT_TRUE(fs::exists(path("likelihood/likelihood.png")));

  // The twin by itself.
  const auto of_twin = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--run", "twin", "--device", "cpu"});
    return workshop().patronus(words);
  };
  ASSERT_EQ(of_twin({"sample", "--count", "2", "--steps", "2"}).status, 0);
  EXPECT_EQ(table("twin/sample/samples.csv").rows[1][1], "no condition");
  ASSERT_EQ(of_twin({"evaluate", "--features", encoder_of("run"), "--sets", "1", "--set-images", "20",
                     "--reconstructions", "2", "--steps", "2", "--bound-steps", "2"})
                .status,
            0);
  const auto parts = json("twin/evaluate/evaluation.json");
  EXPECT_TRUE(parts.contains("likelihood"));
  EXPECT_TRUE(parts["generation"].contains("unconditional"));
  EXPECT_FALSE(parts["generation"].contains("conditional"));
  EXPECT_FALSE(parts.contains("representation"));
  const auto of_one = of_twin(
      {"evaluate", "data.faces.test_images=1", "--reconstructions", "1", "--steps", "2", "--out", "of-one"});
  ASSERT_EQ(of_one.status, 0) << of_one.errors;
  EXPECT_NE(of_one.errors.find("likelihood is left out: there is one test image"), std::string::npos)
      << of_one.errors;
  EXPECT_NE(of_one.errors.find(
                "generation is left out: give --features inception:FILE, encoder:CHECKPOINT or random"),
            std::string::npos)
      << of_one.errors;
  EXPECT_TRUE(json("of-one/evaluation.json").contains("reconstruction"));
  EXPECT_EQ(workshop().mistake({"manipulate", "--edit", "1=max", "--run", "twin", "--device", "cpu"}),
            "2 error: twin/checkpoints/step-0000012.pt: was trained without condition (model.unet.condition: "
            "off); its prototypes mean nothing");
}

TEST_F(EvaluateCommand, MakesThePartsThatAreAskedForAndLeavesNoOthers) {
  fs::create_directories(path("one-part"));
  write_file(path("one-part/files.csv"), "file,command\nattributes.csv,evaluate\n");
  for (const char* file : {"attributes.csv", "mine.csv"}) write_file(path("one-part") / file, "earlier");
  run({"evaluate", "--parts", "reconstruction", "--reconstructions", "2", "--steps", "3", "--out",
       "one-part"});
  const auto all = json("one-part/evaluation.json");
  EXPECT_TRUE(all.contains("reconstruction"));
  EXPECT_FALSE(all.contains("representation"));
  EXPECT_FALSE(all.contains("generation"));
  EXPECT_FALSE(fs::exists(path("one-part/attributes.csv")));
  EXPECT_TRUE(fs::exists(path("one-part/mine.csv")));
}

TEST_F(EvaluateCommand, KeepsPartsAndRemovesThoseOfAnotherCheckpoint) {
  const auto evaluate = [&](const std::vector<std::string>& words, const std::string& out = "parts") {
    const test::Outcome done = outcome(test::concat({"evaluate", "--out", out}, words));
    EXPECT_EQ(done.status, 0) << done.errors;
    return done.errors;
  };
  const std::vector<std::string> round_trips{"--parts", "reconstruction", "--reconstructions",
                                             "2",       "--steps",        "3"};
  evaluate({"--parts", "similarity", "--bound-steps", "2000"});  // a mistake in a part that is not made
  const auto similarity = json("parts/evaluation.json")["similarity"];
  const std::string said = evaluate(round_trips);
  EXPECT_EQ(said.find("removed"), std::string::npos) << said;
  EXPECT_EQ(json("parts/evaluation.json")["similarity"], similarity);
  EXPECT_TRUE(json("parts/evaluation.json").contains("reconstruction"));
  const auto made = json("parts/command-evaluate.json");
  EXPECT_EQ(made["parts"]["similarity"],
            "patronus evaluate --out parts --parts similarity --bound-steps 2000 --run run --device cpu");
  EXPECT_EQ(made["parts"]["reconstruction"],
            "patronus evaluate --out parts --parts reconstruction --reconstructions 2 --steps 3 --run run "
            "--device cpu");
  EXPECT_EQ(made["command"], made["parts"]["reconstruction"]) << "of the last call";
  EXPECT_EQ(made["step"], 12);
  EXPECT_EQ(made["sha256"], json("parts/evaluation.json")["sha256"]);
  EXPECT_TRUE(fs::exists(path("parts/similarity.png")));
  const std::string tables = test::file_text(path("parts/evaluation.md"));
  EXPECT_LT(tables.find("## Similarity"), tables.find("## Reconstruction"));
  EXPECT_NE(tables.find("| prototypes | dead |"), std::string::npos) << tables;
  const auto elsewhere = workshop().patronus(test::concat(
      {"evaluate", "--run", path("run").string(), "--out", "parts", "--device", "cpu"}, round_trips));
  ASSERT_EQ(elsewhere.status, 0) << elsewhere.errors;
  EXPECT_EQ(elsewhere.errors.find("removed"), std::string::npos) << "the same weights: " << elsewhere.errors;
  EXPECT_TRUE(json("parts/evaluation.json").contains("similarity"));
  const auto of_other_weights = workshop().patronus(
      test::concat({"evaluate", "--run", judged_run(), "--out", "parts", "--device", "cpu"}, round_trips));
  const std::string& anew = of_other_weights.errors;
  EXPECT_EQ(of_other_weights.status, 0) << anew;
  EXPECT_NE(
      anew.find(
          "removed from parts, as it is of another seed, checkpoint, data: reconstruction, similarity\n"),
      std::string::npos)
      << anew;
  EXPECT_FALSE(json("parts/evaluation.json").contains("similarity"));
  EXPECT_FALSE(fs::exists(path("parts/similarity.png")));
  EXPECT_EQ(test::file_text(path("parts/evaluation.md")).find("## Similarity"), std::string::npos);
}

TEST_F(EvaluateCommand, DoesNotRemoveThePartsOfTheSameCheckpointWithAnotherSeedOrData) {
  const std::vector<std::string> words{"evaluate", "--parts", "similarity", "--out", "of-one"};
  run(words);
  const auto refused = [](const std::string& what) {
    return "2 error: of-one: holds an evaluation of the same checkpoint with another " + what +
           "; choose another --out";
  };
  const auto mistake = [&](const std::vector<std::string>& more) {
    return workshop().mistake(test::concat(test::concat(words, {"--run", "run", "--device", "cpu"}), more));
  };
  EXPECT_EQ(mistake({"--seed", "9"}), refused("seed"));
  EXPECT_EQ(mistake({"data.faces.seed=5"}), refused("data"));
  EXPECT_EQ(mistake({"--weights", "raw"}), refused("kind of weights"));
  EXPECT_EQ(mistake({"--disable", "2"}), refused("choice of disabled prototypes"));
  EXPECT_TRUE(json("of-one/evaluation.json").contains("similarity"));
}

TEST_F(EvaluateCommand, DoesNotMixPartsFromBeforeAndAfterLabelsChanged) {
  write_photos("relabelled", 4);
  const auto label = [&](int64_t hat) {
    std::string labels = "file,hat\n";
    for (int64_t i = 0; i < 4; ++i)
      labels += "face-" + std::to_string(i) + ".png," + (i == hat ? "1" : "0") + "\n";
    write_file(path("relabelled/labels.csv"), labels);
  };
  label(0);
  const std::vector<std::string> words{"evaluate",
                                       "--parts",
                                       "reconstruction",
                                       "--reconstructions",
                                       "2",
                                       "--steps",
                                       "3",
                                       "--out",
                                       "of-labels",
                                       "data.kind=images",
                                       "data.path=" + path("relabelled").string(),
                                       "data.csv=labels.csv",
                                       "data.test_fraction=0.5",
                                       "data.cache=" + path("labels-cache").string()};
  run(words);
  run(words);
  for (int64_t hat = 1; hat < 4; ++hat) {  // of training images as of test images
    label(hat);
    EXPECT_EQ(
        workshop().mistake(test::concat(words, {"--run", "run", "--device", "cpu"})),
        "2 error: of-labels: holds an evaluation of the same checkpoint with another set of images or labels "
        "in the same place; choose another --out");
  }
}

TEST_F(EvaluateCommand, DecodesNoTrainingImagesWhereNoPartTakesThem) {
  write_photos("few-photos", 4);
  run({"evaluate", "--parts", "reconstruction", "--reconstructions", "2", "--steps", "3", "--out", "no-train",
       "data.kind=images", "data.path=" + path("few-photos").string(), "data.test_fraction=0.5",
       "data.cache=" + path("no-train-cache").string()});
  std::vector<std::string> decoded;
  for (const auto& entry : fs::directory_iterator(path("no-train-cache")))
    decoded.push_back(entry.path().filename().string());
  ASSERT_EQ(decoded.size(), 1u);
  EXPECT_NE(decoded[0].find("-test-"), std::string::npos) << decoded[0];
}

TEST_F(EvaluateCommand, ComparesTwoFoldersOfPictures) {
  write_photos("some", 6);
  write_photos("others", 4, 2);
  const auto result =
      workshop().patronus({"evaluate", "--images", "some", "--reference", "others", "--features", "random",
                           "--statistics", "some.npz", "--device", "cpu"});
  ASSERT_EQ(result.status, 0) << result.errors;
  const auto numbers = nlohmann::json::parse(result.output);
  EXPECT_GT(numbers["frechet_distance"], 0.0);
  EXPECT_EQ(numbers["count"], 6);
  EXPECT_EQ(numbers["reference_count"], 4);
  EXPECT_NE(result.errors.find("warning: no more pictures than the 128 dimensions"), std::string::npos);
  const auto again = workshop().patronus({"evaluate", "--images", "some.npz", "--reference", "others",
                                          "--features", "random", "--device", "cpu"});
  EXPECT_NEAR(nlohmann::json::parse(again.output)["frechet_distance"].get<double>(),
              numbers["frechet_distance"].get<double>(), 1e-6);
}

TEST_F(EvaluateCommand, MistakesInStepsAreSaidBeforeTheFirstPart) {
  EXPECT_EQ(mistake({"evaluate", "--inversion", "reference", "--steps", "3"}),
            "2 error: inversion on the reference's timesteps: steps must be 1000, all there are, got 3");
  EXPECT_EQ(mistake({"evaluate", "--parts", "likelihood", "--twin", "nowhere.pt"}),
            "2 error: --twin: nowhere.pt: no such checkpoint");
}

TEST_F(EvaluateCommand, PartsAreOneListWithCommas) {
  EXPECT_EQ(mistake({"evaluate", "--parts", "representation", "control"}),
            "2 error: 'control': --parts takes one list, with commas: --parts representation,control");
}

TEST_F(EvaluateCommand, LocalisationTakesMasksOrThoseOfDrawnFaces) {
  run({"evaluate", "--parts", "localisation", "--out", "drawn-masks"});
  EXPECT_EQ(table("drawn-masks/localisation.csv").rows.size(), 9u);
  EXPECT_TRUE(fs::exists(path("drawn-masks/localisation.png")));
  fs::create_directories(path("masks/hat"));
  const auto result = outcome(
      {"evaluate", "--parts", "localisation", "--masks", path("masks").string(), "--out", "read-masks"});
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.errors.find("localisation of hat is left out: no image with it has a mask\n"),
            std::string::npos)
      << result.errors;
}

TEST_F(EvaluateCommand, MistakesAreOneLine) {
  EXPECT_EQ(mistake({"evaluate", "--parts", "control", "--masks", "masks"}),
            "2 error: --masks is for the part localisation; add it to --parts");
  EXPECT_EQ(mistake({"evaluate", "--masks", "no-masks"}), "2 error: --masks no-masks: no such folder");
  EXPECT_EQ(mistake({"evaluate", "--parts", "generations"}),
            "2 error: part 'generations': expected representation, similarity, localisation, control, "
            "reconstruction, likelihood or generation; did you mean generation?");
  EXPECT_EQ(mistake({"evaluate", "--probe-split", "tests"}),
            "2 error: probe-split 'tests': expected train, test or validation; did you mean test?");
  EXPECT_EQ(mistake({"evaluate", "--parts", "generation"}),
            "2 error: generation: give --features inception:FILE, encoder:CHECKPOINT or random");
  EXPECT_EQ(mistake({"evaluate", "--reference-images", "1"}),
            "2 error: reference-images: expected 0 or at least 2");
  EXPECT_EQ(mistake({"evaluate", "sampling.sampler=ddpm"}),
            "2 error: steps 5: the sampler ddpm always takes all 1000; leave the steps out, or use ddim or "
            "dpm-solver");
  EXPECT_EQ(mistake({"evaluate", "--bound-steps", "2000"}),
            "2 error: --bound-steps: steps 2000: expected 1 to 1000 (diffusion.timesteps)");
  for (const char* option : {"--sets", "--disable", "--data"}) {
    EXPECT_EQ(workshop().mistake({"evaluate", "--images", "lone", option, "3"}),
              "2 error: " + std::string(option) + " excludes --images");
  }
  EXPECT_EQ(mistake({"evaluate", "--statistics", "real.npz"}), "2 error: --statistics requires --images");
  EXPECT_EQ(mistake({"evaluate", "--features", "clip"}),
            "2 error: features 'clip': expected inception:FILE (weights of pytorch-fid's network), "
            "encoder:CHECKPOINT or random");
  EXPECT_EQ(outcome({"evaluate", "--features", "clip", "--out", "never"}).status, 2);
  EXPECT_FALSE(std::filesystem::exists(path("never"))) << "no folder is left";
  write_photos("lone", 2);
  EXPECT_EQ(workshop().mistake({"evaluate", "--images", "lone", "--reference", "lone", "--features", "random",
                                "data.size=8"}),
            "2 error: 'data.size=8': --images takes settings of runtime alone");
  EXPECT_EQ(workshop().mistake({"evaluate", "--images", "lone"}),
            "2 error: --images lone: compare with what? give --reference, or --statistics");
  EXPECT_EQ(workshop().mistake({"evaluate", "--images", "lone", "--reference", "lone"}),
            "2 error: --features is missing: inception:FILE, encoder:CHECKPOINT or random");
  EXPECT_EQ(workshop().mistake({"evaluate"}),
            "2 error: which run? give --run runs/<name>, --config <name> or --checkpoint <file>");
}

}  // namespace
}  // namespace patronus
