#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "data/chexpert_tables.h"
#include "data/data_files.h"
#include "patronus/core/random.h"
#include "patronus/core/to_vector.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

using test::DataFolder;
using Names = std::vector<std::string>;

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

/// "2 lateral scans" of every kind of what is left out.
Names counts_left_out(const DataListing& listing) {
  Names what;
  for (const auto& left_out : listing.report().left_out)
    what.push_back(std::to_string(left_out.count) + " " + left_out.what);
  return what;
}

void expect_remark(const DataListing& listing, const std::string& remark) {
  const Names& remarks = listing.report().remarks;
  EXPECT_NE(std::find(remarks.begin(), remarks.end(), remark), remarks.end()) << found_line(listing.report());
}

/// The values of an attribute of the training half.
std::vector<int64_t> training_values(const DataConfig& config, const std::string& attribute) {
  return to_vector<int64_t>(open_dataset(config, Split::kTrain).attributes().columns({attribute}).values);
}

TEST(CheXpert, TakesOneFrontalScanOfEachPatient) {
  const auto data = tiny_chexpert();
  DataListing listing(data.config);
  EXPECT_EQ(listing.size(Split::kTrain), 3);
  EXPECT_EQ(left_out_line(listing.report(), true), "");
  EXPECT_EQ(counts_left_out(listing), (Names{"1 lateral scans", "1 further scans of a patient"}));
  const Dataset scans = listing.open(Split::kTrain);
  EXPECT_EQ(scans.file(0), "train/patient00001/study1/view1_frontal.jpg");
}

TEST(CheXpert, WhatNobodySaysOrIsSureOfIsUnknown) {
  const AttributeTable attributes = open_dataset(tiny_chexpert().config, Split::kTrain).attributes();
  EXPECT_EQ(attributes.names,
            (std::vector<std::string>{"Sex", "Age_60_or_older", "AP/PA", "Cardiomegaly", "Edema"}));
  EXPECT_EQ(attributes.value_names[0], (std::vector<std::string>{"Female", "Male"}));
  const auto expected = at::tensor({0, 1, 0, 1, -1, 1, 0, 1, -1, 1, 1, 1, 0, 0, -1}, at::kLong).view({3, 5});
  EXPECT_TRUE(attributes.values.equal(expected)) << attributes.values;
}

TEST(CheXpert, OtherProjectionsAndAgesThatAreNoNumbersAreUnknown) {
  const auto data = tiny_chexpert();
  std::string table = "Path,Sex,Age,Frontal/Lateral,AP/PA\n";
  const std::string scan = "/study1/view1_frontal.jpg";
  for (const std::string row : {"1,Male,N/A,Frontal,LL", "2,Male,59,Frontal,PA", "3,Male,60,Frontal,AP",
                                "4,Male,unknown,Frontal,RL", "5,Male,,Frontal,"}) {
    const std::string path = "CheXpert-v1.0-small/train/patient0000" + row.substr(0, 1) + scan;
    test::write_plain_png(data / path, 12, 50);
    table += path + row.substr(1) + "\n";
  }
  write_file(data / "CheXpert-v1.0-small/train.csv", table);
  DataListing listing(data.config);
  expect_remark(listing, "AP/PA is unknown in 2 rows with neither AP nor PA");
  const AttributeTable attributes =
      listing.open(Split::kTrain).attributes().columns({"AP/PA", "Age_60_or_older"});
  EXPECT_EQ(attributes.value_names[0], (Names{"AP", "PA"}));
  const auto expected = at::tensor({-1, -1, 1, 0, 0, 1, -1, -1, -1, -1}, at::kLong).view({5, 2});
  EXPECT_TRUE(attributes.values.equal(expected)) << attributes.values;
}

TEST(CheXpert, BlankAndUncertainFindingsAreReadAsToldAndNothingElse) {
  auto data = tiny_chexpert();
  data.config.chexpert = {.blank = FindingPolicy::kZero, .uncertain = FindingPolicy::kOne};
  DataListing listing(data.config);
  const AttributeTable attributes = listing.open(Split::kTrain).attributes();
  EXPECT_EQ(attributes.value_names[0], (std::vector<std::string>{"Female", "Male"}));
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

TEST(CheXpert, APatientsScanIsOneThatIsThere) {
  const Names scans{"train/patient00002/study1/view1_frontal.jpg",
                    "train/patient00002/study2/view1_frontal.jpg"};
  for (const bool first : {true, false}) {
    const auto data = tiny_chexpert();
    std::filesystem::remove(data / ("CheXpert-v1.0-small/" + scans[first ? 1 : 0]));
    DataListing listing(data.config);
    ASSERT_EQ(listing.size(Split::kTrain), 3);
    EXPECT_EQ(listing.open(Split::kTrain).file(1), scans[first ? 0 : 1]);
    // The absent one is looked for only if the seed prefers it.
    const bool looked = derive_seed(0, scans[first ? 1 : 0]) < derive_seed(0, scans[first ? 0 : 1]);
    EXPECT_EQ(counts_left_out(listing), (Names{"1 lateral scans", looked ? "1 listed scans that are not there"
                                                                         : "1 further scans of a patient"}));
  }
}

TEST(CheXpert, TrainAndValidAreOnePool) {
  auto data = tiny_chexpert();
  data.config.path = (data / "CheXpert-v1.0-small").string();
  test::write_plain_png(data / "valid/patient64541/study1/view1_frontal.jpg", 12, 80);
  const std::string row =
      "CheXpert-v1.0-small/valid/patient64541/study1/view1_frontal.jpg,73,Male,Frontal,AP,";
  write_file(data / "valid.csv",
             "Path,Age,Sex,Frontal/Lateral,AP/PA,Edema,Cardiomegaly,Hat\n" + row + "0,1,2\n");
  DataListing listing(data.config);
  EXPECT_EQ(listing.size(Split::kTrain), 4);
  expect_remark(listing, "train.csv and valid.csv are one pool of scans");
  EXPECT_EQ(counts_left_out(listing), (Names{"1 columns of valid.csv that train.csv lacks", "1 lateral scans",
                                             "1 further scans of a patient"}));
  EXPECT_EQ(listing.open(Split::kTrain).file(3), "valid/patient64541/study1/view1_frontal.jpg");
  EXPECT_EQ(training_values(data.config, "Cardiomegaly"), (std::vector<int64_t>{1, -1, 0, 1}));
  EXPECT_EQ(training_values(data.config, "Edema"), (std::vector<int64_t>{-1, 1, -1, 0}));
  data.config.test_fraction = 0.25;
  EXPECT_EQ(DataListing(data.config).size(Split::kTest), 1);
  write_file(data / "valid.csv", "Path,Age,Sex,Frontal/Lateral,AP/PA,Cardiomegaly\n" + row + "1\n");
  EXPECT_EQ(data.failure(),
            "DATA/valid.csv:1: no column 'Edema'; expected valid.csv as CheXpert publishes it");
}

TEST(CheXpert, TwoFoldersWithAListAreRefused) {
  const auto data = tiny_chexpert();
  std::filesystem::create_directory(data / "CheXpert-v1.0");
  write_file(data / "CheXpert-v1.0/train.csv", "Path\n");
  EXPECT_EQ(data.failure(),
            "DATA: train.csv is in CheXpert-v1.0 and in CheXpert-v1.0-small; expected it once; name one of "
            "these folders (--data, data.path)");
}

TEST(CheXpert, AFolderThatCannotBeLookedIntoIsPassedOver) {
  const auto data = tiny_chexpert();
  std::filesystem::create_directory(data / "lost+found");
  std::filesystem::create_symlink("train.csv", data / "lost+found/train.csv");
  EXPECT_EQ(DataListing(data.config).size(Split::kTrain), 3);
}

TEST(CheXpert, TheSeedChoosesTheScanOfAPatient) {
  auto data = tiny_chexpert();
  const Names scans{"train/patient00002/study1/view1_frontal.jpg",
                    "train/patient00002/study2/view1_frontal.jpg"};
  std::set<std::string> chosen;
  for (data.config.chexpert.seed = 0; data.config.chexpert.seed < 10; ++data.config.chexpert.seed) {
    const auto seed = static_cast<uint64_t>(data.config.chexpert.seed);
    const bool second = derive_seed(seed, scans[1]) < derive_seed(seed, scans[0]);
    DataListing listing(data.config);
    const std::string scan = listing.open(Split::kTrain).file(1);
    EXPECT_EQ(scan, scans[second]) << seed;
    expect_remark(listing, seed == 0
                               ? "one frontal scan of each patient"
                               : "one frontal scan of each patient, chosen by seed " + std::to_string(seed));
    chosen.insert(scan);
  }
  EXPECT_EQ(chosen.size(), 2u) << "one of ten seeds takes the other scan";
}

/// tiny_chexpert with a table of scans beside it, in the data folder.
DataFolder chexpert_with_scans(const std::string& table) {
  DataFolder data = tiny_chexpert();
  data.config.chexpert.scans = "che_pm_meta.csv";
  write_file(data / "che_pm_meta.csv", table);
  return data;
}

TEST(CheXpertScans, AreThoseOfTheTableInItsHalves) {
  const auto data = chexpert_with_scans(
      ",img_name,split,PM\n0,CheXpert-v1.0/train/patient00003/study1/view1_frontal.jpg,train,1\n"
      "1,train/patient00002/study2/view1_frontal.png,test,0\n");
  DataListing listing(data.config);
  EXPECT_EQ(listing.report().division, "divided by column split of che_pm_meta.csv");
  EXPECT_EQ(counts_left_out(listing),
            (Names{"1 lateral scans", "2 scans that che_pm_meta.csv does not name"}));
  EXPECT_EQ(left_out_line(listing.report(), true), "");
  expect_remark(listing, "one frontal scan of each patient, those of che_pm_meta.csv");
  expect_remark(listing, "che_pm_meta.csv knows 2 of 2 scans");
  const Dataset train = listing.open(Split::kTrain), tests = listing.open(Split::kTest);
  ASSERT_EQ(train.size(), 1);
  ASSERT_EQ(tests.size(), 1);
  EXPECT_EQ(train.file(0), "train/patient00003/study1/view1_frontal.jpg");
  EXPECT_EQ(tests.file(0), "train/patient00002/study2/view1_frontal.jpg");
  EXPECT_EQ(train.attributes().columns({"Pacemaker"}).values.item<int64_t>(), 1);
  EXPECT_EQ(tests.attributes().columns({"Pacemaker"}).values.item<int64_t>(), 0);
}

TEST(CheXpertScans, WithoutHalvesAreHeldOutAsOthers) {
  auto data =
      chexpert_with_scans("Path\npatient00001/study1/view1_frontal\npatient00003/study1/view1_frontal\n");
  data.config.test_fraction = 0.5;
  const DataListing listing(data.config);
  EXPECT_EQ(listing.size(Split::kTrain), 1);
  EXPECT_EQ(listing.report().division, "50% held out, chosen by name");
  expect_remark(listing, "che_pm_meta.csv knows 2 of 2 scans, and no column of it is used");
}

TEST(CheXpertScans, ThatNobodyListsAreRefusedOrCounted) {
  auto data = chexpert_with_scans(
      "img_name,split\ntrain/patient00001/study1/view1_frontal.jpg,train\n"
      "train/patient00009/study1/view1_frontal.jpg,test\n"
      "train/patient00003/study1/view2_lateral.jpg,test\n");
  EXPECT_EQ(data.failure(),
            "DATA/che_pm_meta.csv:3: patient00009/study1/view1_frontal is no frontal scan of train.csv or "
            "valid.csv; expected scans that they list; correct the line, or leave such lines out with "
            "data.skip_unreadable=true");
  data.config.skip_unreadable = true;
  const DataListing listing(data.config);
  EXPECT_EQ(listing.size(Split::kTrain), 1);
  EXPECT_TRUE(left_out_line(listing.report(), true)
                  .ends_with("scans that che_pm_meta.csv names and neither train.csv nor valid.csv has: 2 "
                             "(patient00009/study1/view1_frontal, patient00003/study1/view2_lateral)"));
}

TEST(CheXpertScans, ThatAreNotOneAPatientAreRefused) {
  const std::string first = "img_name,split\na/patient00002/study1/view1_frontal.jpg,train\n";
  EXPECT_EQ(
      chexpert_with_scans(first + "patient00002/study2/view1_frontal.jpg,test\n").failure(),
      "DATA/che_pm_meta.csv:3: patient00002 was named in line 2 already; expected it once; remove one of "
      "the two lines");
  EXPECT_EQ(chexpert_with_scans(first + "patient00001,test\n").failure(),
            "DATA/che_pm_meta.csv:3: patient00001 is a patient; expected a scan, as "
            "patient00001/study1/view1_frontal.jpg; name the column of scans with data.chexpert.key");
  EXPECT_EQ(chexpert_with_scans(first + "patient00001/study1/view1_frontal.jpg,tset\n").failure(),
            "DATA/che_pm_meta.csv:3: split 'tset'; expected train, val or test; did you mean test?");
  EXPECT_EQ(chexpert_with_scans("img_name,split\n").failure(),
            "DATA/che_pm_meta.csv: a header alone; expected rows below it");
}

TEST(CheXpertScans, OfATableThatIsNotThereAreRefused) {
  auto data = tiny_chexpert();
  data.config.chexpert.scans = "che_pm_meta.csv";
  EXPECT_EQ(
      data.failure(),
      "DATA/che_pm_meta.csv: no such file; expected a table as data.chexpert.scans names it, in the data "
      "folder; put it there or give its path");
  write_file(data / "CheXpert-v1.0-small/che_pm_meta.csv", "Path\npatient00001/study1/view1_frontal.jpg\n");
  EXPECT_EQ(DataListing(data.config).size(Split::kTrain), 1) << "beside train.csv";
}

TEST(CheXpertScans, ThePublishedTableGivesThePapersHalves) {
  constexpr size_t kScans = 28878, kTests = 2889;
  const test::TemporaryFolder folder;
  std::string text = ",img_name,Sex,Age,Cardiomegaly,PM,split\n";
  Names listed;
  for (size_t i = 0; i < kScans; ++i) {
    std::string number = std::to_string(i + 1);
    number.insert(0, 5 - number.size(), '0');
    const std::string patient = "train/patient" + number;
    listed.push_back(patient + "/study1/view1_frontal.jpg");
    listed.push_back(patient + "/study2/view1_frontal.jpg");
    text += std::to_string(i) + "," + listed[2 * i + i % 2] + ",Male,60,0.0," + (i % 7 == 0 ? "1" : "0") +
            "," + (i < kTests ? "test" : "train") + "\n";
  }
  write_file(folder / "che_pm_meta.csv", text);
  const TextTable table = read_text_table(folder / "che_pm_meta.csv");
  LeftOutList left_out;
  const ChosenScans chosen = scans_of_table(table, DataConfig(), listed, left_out);
  ASSERT_EQ(chosen.scans.size(), kScans);
  ASSERT_EQ(left_out.size(), 1u);
  EXPECT_EQ(left_out[0].count, int64_t{kScans}) << "one of the two scans of each patient";
  Names used;
  for (const size_t scan : chosen.scans) used.push_back(listed[scan]);
  EXPECT_EQ(used[1], listed[3]);
  const Division division = divide(used, chosen.splits, 0.1);
  EXPECT_EQ(division.rows[Split::kTrain].size(), 25989u);
  EXPECT_EQ(division.rows[Split::kTest].size(), kTests);
  const TableAttributes joined = join_chexpert_tables({table}, {}, used);
  EXPECT_EQ(joined.table.names, Names{"Pacemaker"});
  EXPECT_EQ(joined.table.values.sum().item<int64_t>(), 4126) << "every seventh";
  EXPECT_EQ(joined.remarks, Names{"che_pm_meta.csv knows 28878 of 28878 scans"});
}

TEST(CheXpertTables, NameScansAndPatientsByWhatFollowsPatient) {
  EXPECT_EQ(scan_or_patient("CheXpert-v1.0/train/patient00012/study3/view1_frontal.jpg"),
            "patient00012/study3/view1_frontal");
  EXPECT_EQ(scan_or_patient("PNG\\train\\patient00012\\study3\\view1_frontal.png"),
            "patient00012/study3/view1_frontal");
  EXPECT_EQ(scan_or_patient("patients/patient00012/study3/view1_frontal"),
            "patient00012/study3/view1_frontal");
  EXPECT_EQ(scan_or_patient("patient00012"), "patient00012");
  EXPECT_EQ(scan_or_patient("train/patient00012/study3"), "patient00012");
  for (const char* text : {"", "12", "patient", "view1_frontal.jpg"})
    EXPECT_EQ(scan_or_patient(text), "") << text;
}

TEST(CheXpertTables, AreJoinedByScanOrByPatient) {
  auto data = tiny_chexpert();
  write_file(data / "df_chexpert_plus_240401.csv",
             "path_to_image,deid_patient_id,race,report\n"
             "train/patient00003/study1/view1_frontal.jpg,patient00003,White,\"two\nlines\"\n"
             "train/patient00001/study1/view1_frontal.jpg,patient00001,Asian,\n");
  write_file(data / "CheXpert-v1.0-small/che_pm_meta.csv", "PATIENT,PM\npatient00002,1\n");
  const DataListing listing(data.config);
  expect_remark(listing, "df_chexpert_plus_240401.csv knows 2 of 3 scans");
  expect_remark(listing, "che_pm_meta.csv knows 1 of 3 scans");
  EXPECT_EQ(training_values(data.config, "Race_White"), (std::vector<int64_t>{0, -1, 1}));
  EXPECT_EQ(training_values(data.config, "Pacemaker"), (std::vector<int64_t>{-1, 1, -1}));
  data.config.attributes = {"Pacemaker", "Sex"};
  EXPECT_EQ(open_dataset(data.config, Split::kTrain).attributes().names, (Names{"Pacemaker", "Sex"}));
}

/// tiny_chexpert with a table "more.csv" beside it.
DataFolder chexpert_with_table(const std::string& table) {
  DataFolder data = tiny_chexpert();
  data.config.chexpert.tables = {"more.csv"};
  write_file(data / "more.csv", table);
  return data;
}

TEST(CheXpertTables, WithWrongKeysAreRefused) {
  EXPECT_EQ(
      chexpert_with_table("patient_id,PM\npatient00001,1\n\npatient00001,0\n").failure(),
      "DATA/more.csv:4: patient00001 was named in line 2 already; expected it once; remove one of the two "
      "lines");
  EXPECT_EQ(chexpert_with_table("patient_id,PM\n17,1\n").failure(),
            "DATA/more.csv:2: patient_id '17' is no scan and no patient; expected "
            "patient00001/study1/view1_frontal.jpg or patient00001; correct it, or name another column with "
            "data.chexpert.key");
  EXPECT_EQ(
      chexpert_with_table("who,PM\npatient00001,1\n").failure(),
      "DATA/more.csv:1: no column that names scans or patients; expected one of path_to_image, img_name, "
      "Path, deid_patient_id, patient_id, PATIENT, found who, PM; name it with data.chexpert.key");
  auto absent = tiny_chexpert();
  absent.config.chexpert.tables = {"more.csv"};
  EXPECT_EQ(absent.failure(),
            "DATA/more.csv: no such file; expected a table as data.chexpert.tables names it, in the data "
            "folder; put it there or give its path");
}

TEST(CheXpertTables, TakeTheKeyThatIsNamedWhereTheyHaveIt) {
  auto data = chexpert_with_table("Path,who,PM\n1,patient00002,1\n");
  data.config.chexpert.key = "who";
  write_file(data / "other.csv", "patient_id,race\npatient00003,White\n");
  data.config.chexpert.tables.emplace_back((data / "other.csv").string());
  EXPECT_EQ(training_values(data.config, "Pacemaker"), (std::vector<int64_t>{-1, 1, -1}));
  EXPECT_EQ(training_values(data.config, "Race_White"), (std::vector<int64_t>{-1, -1, 1}));
  data.config.chexpert.key = "whom";
  EXPECT_EQ(
      data.failure(),
      "data.chexpert.key: no table has a column 'whom'; expected one of Path, who, PM, patient_id, race; "
      "did you mean who?");
}

/// What a table of patients with one column gives, of its cells in order.
std::vector<int64_t> binarised(const std::string& column, const Names& cells) {
  const test::TemporaryFolder folder;
  std::string text = "patient_id\t" + column + "\n";
  Names scans;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string patient = "patient" + std::to_string(i);
    text += patient + "\t" + cells[i] + "\n";
    scans.push_back("train/" + patient + "/study1/view1_frontal.jpg");
  }
  write_file(folder / "t.csv", text);
  TextTable table = read_text_table(folder / "t.csv");
  table.path = "t.csv";
  return to_vector<int64_t>(join_chexpert_tables({table}, {}, scans).table.values);
}

TEST(CheXpertColumns, BecomeThePapersTwoValues) {
  using Values = std::vector<int64_t>;
  EXPECT_EQ(binarised("race", {"White", "WHITE, NON-HISPANIC", "White or Caucasian", "Asian", "Other",
                               "Non-White", "Black or African American"}),
            (Values{1, 1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(
      binarised("ethnicity", {"Hispanic/Latino", "HISPANIC", "Hispanic or Latino", "Non-Hispanic/Non-Latino",
                              "non-hispanic", "Not Hispanic or Latino", "Non Hispanic", "Other"}),
      (Values{1, 1, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(binarised("insurance_type",
                      {"Northern California Medicare", "No Medicare", "Not in Medicare", "Nonmedicare"}),
            (std::vector<int64_t>{1, 0, 0, 0}));
  EXPECT_EQ(binarised("insurance_type", {"Medicare", "medicare advantage", "Medicaid", "Private Insurance"}),
            (Values{1, 1, 0, 0}));
  EXPECT_EQ(binarised("interpreter_needed", {"Yes", "NO", "no", "yes"}), (Values{1, 0, 0, 1}));
  EXPECT_EQ(binarised("deceased", {"No", "Yes"}), (Values{0, 1}));
  EXPECT_EQ(binarised("recent_bmi", {"18.5", "25.0", "25", "21.7", "18.4", "25.1", "40"}),
            (Values{1, 1, 1, 1, 0, 0, 0}));
  EXPECT_EQ(binarised("PM", {"1", "0", "1.0", "0.0"}), (Values{1, 0, 1, 0}));
}

TEST(CheXpertColumns, AreUnknownWhereNobodySays) {
  const Names unsaid{
      "", "Unknown", "PATIENT REFUSED", "Declines to State", "nan", "Race and Ethnicity Unknown"};
  for (const char* column :
       {"race", "ethnicity", "insurance_type", "interpreter_needed", "deceased", "recent_bmi", "PM"})
    EXPECT_EQ(binarised(column, unsaid), std::vector<int64_t>(unsaid.size(), -1)) << column;
}

TEST(CheXpertColumns, WithOtherCellsAreRefusedWithTheLine) {
  const auto failure = [](const std::string& column, const std::string& cell) {
    return test::message_of([&] { binarised(column, {"", cell}); });
  };
  const std::string end = ", or blank where it is unknown";
  EXPECT_EQ(failure("race", "3"), "t.csv:3: race '3'; expected a word such as White" + end);
  EXPECT_EQ(failure("ethnicity", "0"),
            "t.csv:3: ethnicity '0'; expected a word such as Hispanic/Latino" + end);
  EXPECT_EQ(failure("insurance_type", "1"),
            "t.csv:3: insurance_type '1'; expected a word such as Medicare" + end);
  EXPECT_EQ(failure("interpreter_needed", "Maybe"),
            "t.csv:3: interpreter_needed 'Maybe'; expected Yes or No" + end);
  EXPECT_EQ(failure("recent_bmi", "heavy"), "t.csv:3: recent_bmi 'heavy'; expected a number" + end);
  EXPECT_EQ(failure("PM", "2"), "t.csv:3: PM '2'; expected 0 or 1" + end);
}

TEST(CheXpertColumns, AreNamedBySettings) {
  auto data = chexpert_with_table("patient_id,PRIMARY_RACE,PM\npatient00002,White,1\n");
  data.config.chexpert.race = "PRIMARY_RACE";
  data.config.chexpert.pacemaker = "";
  EXPECT_EQ(training_values(data.config, "Race_White"), (std::vector<int64_t>{-1, 1, -1}));
  EXPECT_EQ(open_dataset(data.config, Split::kTrain).attributes().names.back(), "Race_White");
  data.config.chexpert.race = "PRIMARY_RAC";
  EXPECT_EQ(
      data.failure(),
      "data.chexpert.race: no table has a column 'PRIMARY_RAC'; expected one of patient_id, PRIMARY_RACE, "
      "PM; did you mean PRIMARY_RACE?");
  data.config.chexpert.tables.clear();
  EXPECT_EQ(
      data.failure(),
      "data.chexpert.race: no table has a column 'PRIMARY_RAC'; expected one of the tables' columns; name "
      "tables with data.chexpert.tables");
}

TEST(CheXpertColumns, OfSeveralTablesAreThoseOfTheFirst) {
  auto data = chexpert_with_table("patient_id,PM\npatient00001,1\n");
  write_file(data / "other.csv", "patient_id,PM\npatient00001,0\npatient00002,0\n");
  data.config.chexpert.tables = {"more.csv", "other.csv"};
  EXPECT_EQ(training_values(data.config, "Pacemaker"), (std::vector<int64_t>{1, -1, -1}));
  const DataListing listing(data.config);
  expect_remark(listing, "PM is from more.csv, not other.csv");
  expect_remark(listing, "other.csv knows 2 of 3 scans, and no column of it is used");
}

}  // namespace
}  // namespace patronus
