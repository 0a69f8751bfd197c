#include "support/shared_run.h"

#include <ATen/Functions.h>

#include "patronus/data/faces.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/image.h"

namespace patronus::test {
namespace {

std::vector<std::string> on_shared_run(std::vector<std::string> words) {
  words.insert(words.end(), {"--run", "run", "--device", "cpu"});
  return words;
}

}  // namespace

const Workshop& SharedRun::workshop() {
  static const Workshop shared;
  static const Outcome trained = shared.train("run");
  EXPECT_EQ(trained.status, 0) << trained.errors;
  return shared;
}

void SharedRun::copy_run(const std::string& name) {
  std::filesystem::remove_all(path(name));
  std::filesystem::copy(path("run"), path(name), std::filesystem::copy_options::recursive);
}

Outcome SharedRun::outcome(std::vector<std::string> words) {
  return workshop().patronus(on_shared_run(std::move(words)));
}

void SharedRun::run(const std::vector<std::string>& words) {
  const Outcome result = outcome(words);
  ASSERT_EQ(result.status, 0) << result.errors;
}

std::string SharedRun::mistake(std::vector<std::string> words) {
  return workshop().mistake(on_shared_run(std::move(words)));
}

at::Tensor SharedRun::tensor(const std::string& file, const std::string& key) {
  return read_tensor_file(path(file)).at(key).tensor();
}

void SharedRun::write_photos(const std::string& folder, int64_t count, int64_t factor) {
  std::filesystem::create_directories(path(folder));
  const auto faces = draw_faces({}, Split::kTest, 32, 0, count).pixels;
  for (int64_t i = 0; i < count; ++i) {
    write_png(path(folder) / ("face-" + std::to_string(i) + ".png"),
              faces[i].repeat_interleave(factor, 1).repeat_interleave(factor, 2));
  }
}

}  // namespace patronus::test
