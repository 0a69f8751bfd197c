#include "support/demo_model.h"

#include <ATen/core/Tensor.h>

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
  static TrainedModel trained = load_trained_model(run().last_checkpoint(), Weights::kAuto, {});
  return trained;
}

const Dataset& DemoModel::faces() {
  static const Dataset faces = open_dataset(trained().config.data, Split::kTest);
  return faces;
}

Judge& DemoModel::judge() {
  static Judge judge(trained().config.data.faces);
  return judge;
}

at::Tensor DemoModel::truth(int64_t count) {
  return faces().attributes().values.slice(0, 0, count);
}

void print_per_attribute(const std::string& what, const at::Tensor& values) {
  std::printf("%s:", what.c_str());
  for (int64_t a = 0; a < values.size(0); ++a) {
    std::printf(" %s %.3f", face_attribute_names()[static_cast<size_t>(a)].c_str(), values[a].item<double>());
  }
  std::printf("\n");
}

}  // namespace patronus::test
