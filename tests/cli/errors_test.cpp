// Runs every line of docs/errors.md: the command must give the status and the error that are documented.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <optional>
#include <regex>
#include <set>

#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_lock.h"
#include "support/run_program.h"
#include "support/small_run.h"
#include "support/tiny_disk.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

struct DocumentedError {
  std::string command;
  int status;
  std::string message;  // `...` stands for any text
};

std::vector<DocumentedError> documented_errors() {
  const std::regex row(R"(\| `(patronus.*)` \| (\d+) \| `(.*)` \|)");
  std::vector<DocumentedError> errors;
  std::ifstream page(fs::path(PATRONUS_SOURCE_DIR) / "docs" / "errors.md");
  std::smatch cells;
  for (std::string line; std::getline(page, line);) {
    if (std::regex_match(line, cells, row)) errors.push_back({cells[1], std::stoi(cells[2]), cells[3]});
  }
  return errors;
}

/// Whether `text` is `pattern` with its `...` filled in.
bool matches(const std::string& text, const std::string& pattern) {
  const size_t gap = pattern.find("...");
  if (gap == std::string::npos) return text == pattern;
  if (text.compare(0, gap, pattern, 0, gap) != 0) return false;
  const std::string rest = pattern.substr(gap + 3);
  for (size_t from = gap; from <= text.size(); ++from) {
    if (matches(text.substr(from), rest)) return true;
  }
  return false;
}

/// The folder that the documented commands run in.
class Scene : public test::TemporaryFolder {
 public:
  Scene() {
    write_configurations();
    write_pictures();
    write_runs();
  }

  test::Outcome shell(const std::string& command) const {
    return test::run_command(
        "bash", {"-c", "PATH=" + fs::path(PATRONUS_PROGRAM).parent_path().string() + ":$PATH; " + command},
        path());
  }

 private:
  void write_configurations() const {
    RunConfig config = test::small_run();
    config.runtime.device = "cpu";
    config.runtime.threads = 1;
    config.data.cache = (path() / "cache").string();
    write_file(path() / "mine.yaml", to_yaml(config));
    config.data.kind = DataKind::kImages;
    config.data.path = "photos";
    config.training.max_steps = 2;
    write_file(path() / "photos.yaml", to_yaml(config));
    write_file(path() / "typo.yaml", "model:\n  prototype:\n    count: 3\n");
    write_file(path() / "later.yaml", "version: 2\nmodel:\n  new: 1\n");
  }

  void write_pictures() const {
    const auto png = [](int64_t level) { return encode_png(at::full({3, 32, 32}, level, at::kByte)); };
    for (const char* folder : {"photos", "damaged", "empty", "twins/train", "twins/test", "small-disk"})
      fs::create_directories(path() / folder);
    for (int64_t i = 0; i < 5; ++i) {
      write_file(path() / "photos" / (std::to_string(i) + ".png"), png(40 * i));
      write_file(path() / "damaged" / (std::to_string(i) + ".png"), png(40 * i));
    }
    write_file(path() / "damaged/cut.jpg", "\xFF\xD8\xFF\xE0");
    write_file(path() / "twins/train/a.png", png(0));
    fs::create_hard_link(path() / "twins/train/a.png", path() / "twins/test/a.png");
    write_file(path() / "photos/twice.csv", "file,hat\n0.png,1\n0.png,0\n");
    write_file(path() / "photos/absent.csv", "file,hat\n9.png,1\n");
  }

  void write_runs() {
    for (const std::string name : {"mine", "photos"}) {
      const auto trained = shell("patronus train --config " + name);
      if (trained.status != 0) throw std::runtime_error(trained.errors);
    }
    fs::remove(path() / "photos/4.png");  // after it was trained on
    for (const std::string name : {"damaged", "lost"})
      fs::copy(path() / "runs/mine", path() / "runs" / name, fs::copy_options::recursive);
    fs::resize_file(path() / "runs/damaged/checkpoints/step-0000012.pt", 1000);
    fs::remove_all(path() / "runs/lost/checkpoints");
    Checkpoint other = read_checkpoint(path() / "runs/mine/checkpoints/last");
    other.config.model.unet.base_channels = 16;
    write_checkpoint(path() / "other.pt", other);
    write_file(path() / "notes.pt", "no tensors");
    auto activation = at::ones({5, 6});
    activation[3][2] = std::nan("");
    Dict vectors;
    vectors.set("activation", activation);
    write_tensor_file(path() / "nan.pt", vectors);
    busy_.emplace(RunDirectory(path() / "runs/busy"));
    disk_.emplace(path() / "small-disk", 400);
  }

  std::optional<RunLock> busy_;
  std::optional<test::TinyDisk> disk_;

 public:
  bool has_small_disk() const { return disk_->mounted(); }
};

class Errors : public testing::TestWithParam<DocumentedError> {
 protected:
  static const Scene& scene() {
    static const Scene set;
    return set;
  }
};

TEST_P(Errors, AreThoseThatAreDocumented) {
  const auto& [command, status, message] = GetParam();
  if (command.find("small-disk") != std::string::npos && !scene().has_small_disk())
    GTEST_SKIP() << "mounting a small file system needs root's rights";
  const auto outcome = scene().shell(command);
  EXPECT_EQ(outcome.status, status) << command << "\n" << outcome.errors;
  const std::string errors = "\n" + outcome.errors;
  const size_t start = errors.find("\nerror: ");
  ASSERT_NE(start, std::string::npos) << command << "\n" << outcome.errors;
  const size_t first = start + std::string("\nerror: ").size();
  const std::string told = errors.substr(first, errors.find('\n', first) - first);
  EXPECT_TRUE(matches(told, message)) << command << "\nexpected " << message << "\ntold " << told;
}

INSTANTIATE_TEST_SUITE_P(Documented, Errors, testing::ValuesIn(documented_errors()));

TEST(ErrorsPage, HasExamplesOfEveryStatusOfAnError) {
  std::set<int> statuses;
  for (const auto& error : documented_errors()) statuses.insert(error.status);
  EXPECT_EQ(statuses, (std::set<int>{1, 2, 3, 4})) << "the signals' are tested with training";
}

}  // namespace
}  // namespace patronus
