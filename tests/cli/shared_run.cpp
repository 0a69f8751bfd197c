#include "cli/shared_run.h"

#include <ATen/Functions.h>

#include "patronus/data/faces.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/image.h"

namespace patronus::test {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> on_run(std::vector<std::string> words, const std::string& name) {
  words.insert(words.end(), {"--run", name, "--device", "cpu"});
  return words;
}

void copy_folder(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

}  // namespace

const Workshop& SharedRun::workshop() {
  static const Workshop shared;
  static const Outcome trained = [] {
    Outcome result = shared.train("trained", {"training.sample_every=12"});
    if (result.status == 0) copy_folder(shared / "trained", shared / "run");
    return result;
  }();
  EXPECT_EQ(trained.status, 0) << trained.errors;
  return shared;
}

void SharedRun::copy_run(const std::string& name, const std::string& original) {
  copy_folder(path(original), path(name));
}

std::string SharedRun::judged_run() {
  static const Outcome trained = workshop().train(
      "judged", {"data.size=16", "diffusion.timesteps=21", "training.sample_every=12", "--seed", "3"});
  EXPECT_EQ(trained.status, 0) << trained.errors;
  return "judged";
}

std::string SharedRun::latent_run() {
  static const Outcome trained = [] {
    copy_run("with-latent", judged_run());
    return outcome({"train-latent"}, "with-latent");
  }();
  EXPECT_EQ(trained.status, 0) << trained.errors;
  return "with-latent";
}

Outcome SharedRun::outcome(std::vector<std::string> words, const std::string& name) {
  return workshop().patronus(on_run(std::move(words), name));
}

void SharedRun::run(const std::vector<std::string>& words, const std::string& name) {
  const Outcome result = outcome(words, name);
  ASSERT_EQ(result.status, 0) << result.errors;
}

std::string SharedRun::mistake(std::vector<std::string> words) {
  return workshop().mistake(on_run(std::move(words), "run"));
}

at::Tensor SharedRun::tensor(const std::string& file, const std::string& key) {
  return read_tensor_file(path(file)).at(key).tensor();
}

void SharedRun::write_photos(const std::string& folder, int64_t count, int64_t factor) {
  fs::create_directories(path(folder));
  const auto faces = draw_faces({}, Split::kTest, 32, 0, count).pixels;
  for (int64_t i = 0; i < count; ++i) {
    write_png(path(folder) / ("face-" + std::to_string(i) + ".png"),
              faces[i].repeat_interleave(factor, 1).repeat_interleave(factor, 2));
  }
}

}  // namespace patronus::test
