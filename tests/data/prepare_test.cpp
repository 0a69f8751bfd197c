#include "patronus/data/prepare.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/data_files.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

TEST(ContactSheet, HasBothValuesOfAnAttributeUnderEachOtherAndThoseOfManyValuesLast) {
  test::DataFolder data(DataKind::kImages);
  data.config.csv = "labels.csv";
  data.config.test_fraction = 0;
  std::string csv = "file,ward,tag\n";
  for (int i = 0; i < 12; ++i) {
    const std::string name = std::to_string(i) + ".png";
    test::write_plain_png(data / name, 8, 20 * i);
    csv += name + "," + "abc"[i % 3] + "," + std::to_string(i % 2) + "\n";
  }
  write_file(data / "labels.csv", csv);
  EXPECT_EQ(prepare_data(data.config).contact_sheet.row_labels,
            (std::vector<std::string>{"training", "tag", "not tag", "ward a", "ward b", "ward c"}));
}

}  // namespace
}  // namespace patronus
