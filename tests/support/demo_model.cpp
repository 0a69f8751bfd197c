#include "support/demo_model.h"

#include <ATen/Functions.h>

#include <cstdio>
#include <cstdlib>

#include "patronus/core/error.h"

namespace patronus::test {

RunDirectory DemoModel::run() {
  const char* run = std::getenv("PATRONUS_DEMO_RUN");
  if (run == nullptr) throw Error("PATRONUS_DEMO_RUN names the demo's run; ctest trains it and sets this");
  return RunDirectory(run);
}

TrainedModel& DemoModel::trained() {
  static TrainedModel trained = load_trained_model(*run().last_checkpoint(), Weights::kAuto, {});
  return trained;
}

const Dataset& DemoModel::faces() {
  static const Dataset faces = open_dataset(trained().config.data, Split::kTest);
  return faces;
}

Judge& DemoModel::judge() {
  const char* trained_before = std::getenv("PATRONUS_DEMO_JUDGE");
  static Judge judge =
      trained_before ? Judge(std::filesystem::path(trained_before)) : Judge(trained().config.data.faces);
  return judge;
}

at::Tensor DemoModel::truth(int64_t count) {
  return faces().attributes().values.slice(0, 0, count);
}

std::vector<int64_t> seven_attributes() {
  std::vector<int64_t> columns;
  for (int64_t a = 0; a < kFaceAttributes; ++a) {
    const auto attribute = static_cast<FaceAttribute>(a);
    if (attribute != FaceAttribute::kSmile && attribute != FaceAttribute::kFrown) columns.push_back(a);
  }
  return columns;
}

double mean_of_seven(const at::Tensor& values) {
  return values.index_select(0, at::tensor(seven_attributes())).to(at::kDouble).mean().item<double>();
}

void print_result(const std::string& what, double value) {
  std::printf("result %s %.4f\n", what.c_str(), value);
}

void print_per_attribute(const std::string& what, const at::Tensor& values) {
  std::printf("%s:", what.c_str());
  for (int64_t a = 0; a < values.size(0); ++a) {
    std::printf(" %s %.3f", face_attribute_names()[a].c_str(), values[a].item<double>());
  }
  std::printf("\n");
}

}  // namespace patronus::test
