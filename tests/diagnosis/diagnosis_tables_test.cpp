#include "diagnosis/diagnosis_tables.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

namespace patronus {
namespace {

TEST(PrototypeAttributeTable, SaysNothingOfWhatTheJudgeCannotTell) {
  Diagnosis d;
  d.encoded.images.attributes.names = {"hat", "smile"};
  d.auroc = at::full({2, 1}, 0.7, at::kDouble);
  Control& control = d.raised.emplace();
  control.judged_change = at::tensor({0.3, -0.2}, at::kDouble).view({1, 2});
  control.judge_accuracy = at::tensor({0.9, 0.7}, at::kDouble);
  const Table table = prototype_attribute_table(d, {});
  ASSERT_EQ(table.rows.size(), 2u);
  const size_t raised = table.column("raised"), lowered = table.column("lowered");
  EXPECT_EQ(table.rows[0][raised], "0.3");
  EXPECT_EQ(table.rows[1][raised], "");
  EXPECT_EQ(table.rows[0][lowered], "") << "was not measured";
}

}  // namespace
}  // namespace patronus
