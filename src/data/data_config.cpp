#include "patronus/data/data_config.h"

#include <filesystem>

#include "patronus/core/config_files.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

}  // namespace

void FacesConfig::describe(Fields& field) {
  field("train_images", train_images, "images in the training split", between(1, 10'000'000));
  field("test_images", test_images, "images in the test split", between(1, 10'000'000));
  field("correlation", correlation,
        "ties blond hair to smiling: 0 independent, 1 always together (paper 4.4)", between(0, 1));
  field("seed", seed, "seed of the drawings", between(0, 4294967295));
}

void ChexpertConfig::describe(Fields& field) {
  field("blank", blank, "kind chexpert: a finding that the report does not mention");
  field("uncertain", uncertain, "kind chexpert: a finding that is -1, which the report is not sure of");
  field("seed", seed, "seed of the choice of one frontal scan of each patient", between(0, 4294967295));
  field("scans", scans,
        "table of the scans that are used instead, one frontal scan of each patient, and of their halves "
        "(column split), as che_pm_meta.csv; in the data folder, or a path");
  field("tables", tables,
        "tables with attributes of scans or patients, in the data folder, or paths; empty for those of "
        "df_chexpert_plus_240401.csv and che_pm_meta.csv that are there");
  field("key", key,
        "column of the tables that names the scan or the patient; empty for the first of path_to_image, "
        "img_name, Path, deid_patient_id, patient_id and PATIENT");
  field("race", race, "column that becomes Race_White; empty for none, as in the next six");
  field("ethnicity", ethnicity, "column that becomes Ethnicity_Hispanic");
  field("insurance", insurance, "column that becomes Insurance_Medicare");
  field("interpreter", interpreter, "column that becomes Interpreter_Needed");
  field("deceased", deceased, "column that becomes Deceased");
  field("bmi", bmi, "column that becomes BMI_normal: 18.5 to 25.0");
  field("pacemaker", pacemaker, "column that becomes Pacemaker");
}

void DataConfig::describe(Fields& field) {
  field("kind", kind, "the data set's format");
  field("path", path, "folder of the data set (not used by faces); made absolute when the run begins");
  field("typed_path", typed_path,
        "path as it was typed, where it was relative; written by the program, and tried where path is gone");
  field("channels", channels, "1 gray or 3 RGB; 0: as the images are", one_of_numbers({0, 1, 3}));
  field("size", size, "height and width in pixels, 16 to 1024; 0: as the images suggest",
        Range{"0 or 16 to 1024", [](double size) { return size == 0 || (size >= 16 && size <= 1024); }});
  field("resize", resize, "how other shapes become square: squash each side, or crop the centre first");
  field(
      "csv", csv,
      "kind images: table with a column of file names, split (optional) and attributes; in the data folder, "
      "or as given");
  field("folders", folders,
        "kind images: sub-folders are classes, none of them is, or as their names and content suggest");
  field("attributes", attributes, "attributes that are used, by name; empty for all that can be");
  field("where", where,
        "images that are used, as Smiling=1 and (Blond_Hair=1 or Brown_Hair=1); empty for all");
  field("test_fraction", test_fraction, "share of the images held out for tests where nothing divides them",
        between(0, 0.9));
  field("skip_unreadable", skip_unreadable,
        "leave out images that cannot be decoded, or are listed and not there, instead of stopping");
  field("cache", cache, "folder of the decoded images; empty for the user's cache folder");
  field(
      "cache_gb", cache_gb,
      "size of that folder above which decoded images that were not used for longest are removed; 0 for any",
      at_least(0));
  field.section("faces", faces);
  field.section("chexpert", chexpert);
}

void DataConfig::resolve_paths() {
  if (!path.empty() && !fs::path(path).is_absolute()) {
    const fs::path full = home_expanded(path);
    typed_path = full.is_absolute() ? "" : path;
    path = fs::absolute(full).lexically_normal().string();
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  }
  if (!cache.empty()) cache = fs::absolute(home_expanded(cache)).lexically_normal().string();
  if (!csv.empty()) {
    const fs::path table = home_expanded(csv);
    std::error_code error;  // a name too long is that of no file
    const bool only_here = !fs::exists(fs::path(path) / table, error) && fs::exists(table, error);
    csv = (only_here ? fs::absolute(table).lexically_normal() : table).string();
  }
}

}  // namespace patronus
