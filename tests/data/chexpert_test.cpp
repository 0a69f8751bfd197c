#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "data/data_files.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

using test::DataFolder;

/// Three patients: one with a frontal and a lateral scan, one with two frontal ones, and one more.
DataFolder tiny_chexpert() {
  DataFolder data(DataKind::kChexpert);
  data.config.test_fraction = 0;
  std::string table = "Path,Sex,Age,Frontal/Lateral,AP/PA,Cardiomegaly,Edema\n";
  const auto add = [&](const std::string& scan, const std::string& rest) {
    test::write_plain_png(data / ("CheXpert-v1.0-small/train/" + scan), 12, 50);
    table += "CheXpert-v1.0-small/train/" + scan + "," + rest + "\n";
  };
  add("patient00001/study1/view1_frontal.jpg", "Female,68,Frontal,AP,1.0,");
  add("patient00001/study1/view2_lateral.jpg", "Female,68,Lateral,,1.0,");
  add("patient00002/study1/view1_frontal.jpg", "Male,41,Frontal,PA,-1.0,1.0");
  add("patient00002/study2/view1_frontal.jpg", "Male,41,Frontal,PA,-1.0,1.0");
  add("patient00003/study1/view1_frontal.jpg", "Male,60,Frontal,AP,0.0,-1.0");
  write_file(data / "CheXpert-v1.0-small/train.csv", table);
  return data;
}

TEST(CheXpert, TakesOneFrontalScanOfEachPatient) {
  const auto data = tiny_chexpert();
  DataListing listing(data.config);
  EXPECT_EQ(listing.size(Split::kTrain), 3);
  EXPECT_EQ(left_out_line(listing.report(), true), "");
  std::vector<std::string> what;
  for (const auto& left_out : listing.report().left_out)
    what.push_back(std::to_string(left_out.count) + " " + left_out.what);
  EXPECT_EQ(what, (std::vector<std::string>{"1 lateral scans", "1 further scans of a patient"}));
  const Dataset scans = listing.open(Split::kTrain);
  EXPECT_EQ(scans.file(0), "train/patient00001/study1/view1_frontal.jpg");
}

TEST(CheXpert, WhatNobodySaysOrIsSureOfIsUnknown) {
  const AttributeTable attributes = open_dataset(tiny_chexpert().config, Split::kTrain).attributes();
  EXPECT_EQ(attributes.names,
            (std::vector<std::string>{"Sex", "Age_60_or_older", "AP/PA", "Cardiomegaly", "Edema"}));
  EXPECT_EQ(attributes.words[0], (std::vector<std::string>{"Female", "Male"}));
  const auto expected = at::tensor({0, 1, 0, 1, -1, 1, 0, 1, -1, 1, 1, 1, 0, 0, -1}, at::kLong).view({3, 5});
  EXPECT_TRUE(attributes.values.equal(expected)) << attributes.values;
}

TEST(CheXpert, BlankAndUncertainFindingsAreReadAsToldAndNothingElse) {
  auto data = tiny_chexpert();
  data.config.chexpert = {.blank = FindingPolicy::kZero, .uncertain = FindingPolicy::kOne};
  DataListing listing(data.config);
  const AttributeTable attributes = listing.open(Split::kTrain).attributes();
  EXPECT_EQ(attributes.words[0], (std::vector<std::string>{"Female", "Male"}));
  const auto findings = attributes.columns({"Cardiomegaly", "Edema"}).values;
  EXPECT_TRUE(findings.equal(at::tensor({1, 0, 1, 1, 0, 1}, at::kLong).view({3, 2}))) << findings;
  EXPECT_NE(found_line(listing.report()).find("; blank is 0; -1 is 1"), std::string::npos)
      << found_line(listing.report());
  data.config.chexpert = {.uncertain = FindingPolicy::kZero};
  const auto zeros =
      open_dataset(data.config, Split::kTrain).attributes().columns({"Cardiomegaly", "Edema"}).values;
  EXPECT_TRUE(zeros.equal(at::tensor({1, -1, 0, 1, 0, 0}, at::kLong).view({3, 2}))) << zeros;
}

TEST(CheXpert, OpensFromItsOwnFolderTooAndCountsMissingScans) {
  auto data = tiny_chexpert();
  data.config.path = (data / "CheXpert-v1.0-small").string();
  std::filesystem::remove(data / "train/patient00003/study1/view1_frontal.jpg");
  DataListing listing(data.config);
  EXPECT_EQ(listing.size(Split::kTrain), 2);
  EXPECT_TRUE(left_out_line(listing.report(), true)
                  .ends_with("listed scans that are not there: 1 "
                             "(train/patient00003/study1/view1_frontal.jpg)"));
  std::filesystem::remove(data / "train.csv");
  EXPECT_EQ(data.failure(),
            "DATA/train.csv: no such file; expected train.csv and train/ of CheXpert in this folder (--data, "
            "data.path)");
}

}  // namespace
}  // namespace patronus
