#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/data/faces.h"
#include "patronus/run/run_directory.h"
#include "patronus/run/trained_model.h"
#include "support/judge.h"

namespace patronus::test {

/// The demo's model, trained once by the fixture `train_demo`; its test split; a judge, which the
/// fixture `train_judge` trains where PATRONUS_DEMO_JUDGE names its file.
class DemoModel : public testing::Test {
 protected:
  static RunDirectory run();
  static TrainedModel& trained();
  static const Dataset& faces();
  static Judge& judge();

  /// Attributes of the first test faces: int64 [count, 9].
  static at::Tensor truth(int64_t count);
};

/// Columns of the attributes that are local and large enough for this small model: all but the expressions.
std::vector<int64_t> seven_attributes();
/// Mean of `values` [9] over seven_attributes.
double mean_of_seven(const at::Tensor& values);

/// Prints a line "result WHAT 0.123", which tools/demo_table.py collects over runs.
void print_result(const std::string& what, double value);

/// Prints a line "WHAT: blond_hair 0.98 long_hair ...".
void print_per_attribute(const std::string& what, const at::Tensor& values);

}  // namespace patronus::test
