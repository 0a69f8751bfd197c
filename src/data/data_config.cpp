#include "patronus/data/data_config.h"

#include <filesystem>

#include "patronus/core/config_files.h"
#include "patronus/core/error.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

}  // namespace

void FacesConfig::describe(Fields& field) {
  field("train_images", train_images, "images in the training split", between(1, 10'000'000));
  field("test_images", test_images, "images in the test split", between(1, 10'000'000));
  field("correlation", correlation, "tie blond hair to smiling: 0 independent, 1 always together (paper 4.4)",
        between(0, 1));
  field("seed", seed, "seed of the drawn faces", between(0, 4294967295));
}

void ChexpertConfig::describe(Fields& field) {
  field("blank", blank, "value of a finding that the report does not mention");
  field("uncertain", uncertain, "value of a finding marked -1 (uncertain in the report)");
  field("seed", seed, "seed for choosing one frontal scan per patient", between(0, 4294967295));
  field("scans", scans,
        "table of the scans to use instead, one frontal scan per patient, with or without a column split, "
        "e.g. che_pm_meta.csv; in the data folder, or a path");
  field("tables", tables,
        "tables with attributes of scans or patients, in the data folder, or paths; empty: "
        "df_chexpert_plus_240401.csv and che_pm_meta.csv, if present");
  field("key", key,
        "column of the tables that names the scan or patient; empty: the first of path_to_image, img_name, "
        "Path, deid_patient_id, patient_id and PATIENT");
  field("race", race, "column that becomes Race_White; empty: none (also in the next six)");
  field("ethnicity", ethnicity, "column that becomes Ethnicity_Hispanic");
  field("insurance", insurance, "column that becomes Insurance_Medicare");
  field("interpreter", interpreter, "column that becomes Interpreter_Needed");
  field("deceased", deceased, "column that becomes Deceased");
  field("bmi", bmi, "column that becomes BMI_normal: 18.5 to 25.0");
  field("pacemaker", pacemaker, "column that becomes Pacemaker");
}

void DataConfig::describe(Fields& field) {
  field("kind", kind, "data set format");
  field("path", path, "folder of the data set (not used by faces); made absolute when the run begins");
  field("typed_path", typed_path,
        "path as typed, if relative; written by the program, and tried if path does not exist");
  field("channels", channels, "1: gray; 3: RGB; 0: as in the images", one_of_numbers({0, 1, 3}));
  field("size", size, "height and width in pixels, 16 to 1024; 0: from the images",
        Range{"0 or 16 to 1024", [](double size) { return size == 0 || (size >= 16 && size <= 1024); }});
  field("resize", resize, "how to make images square: squash each side, or crop the centre first");
  field("csv", csv,
        "kind images: table of file names, split (optional) and attributes; in the data folder, or a path");
  field("folders", folders,
        "kind images: whether sub-folders are classes; auto: judge by their names and content");
  field("attributes", attributes, "names of the attributes to use; empty: all usable ones");
  field("where", where, "images to use, e.g. Smiling=1 and (Blond_Hair=1 or Brown_Hair=1); empty: all");
  field("test_fraction", test_fraction, "share of images to hold out for testing if no split is given",
        between(0, 0.9));
  field("skip_unreadable", skip_unreadable,
        "skip images that cannot be decoded, or are listed but missing, instead of stopping");
  field("cache", cache, "folder for decoded images; empty: the user's cache folder");
  field("cache_gb", cache_gb,
        "size of that folder above which the least recently used decoded images are removed; 0: no limit",
        at_least(0));
  field.section("faces", faces);
  field.section("chexpert", chexpert);
}

void DataConfig::validate() const {
  if (kind != DataKind::kFaces || path.empty()) return;
  throw ConfigError(
      "data.path " + path +
      ": data.kind is faces, which are drawn; for the images there add data.kind=images, or what "
      "they are");
}

void DataConfig::resolve_paths() {
  if (!path.empty() && !fs::path(path).is_absolute()) {
    const fs::path full = expand_home(path);
    typed_path = full.is_absolute() ? "" : path;
    path = fs::absolute(full).lexically_normal().string();
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  }
  if (!cache.empty()) cache = fs::absolute(expand_home(cache)).lexically_normal().string();
  if (!csv.empty()) {
    const fs::path table = expand_home(csv);
    std::error_code error;  // ignored: a name too long for a path is not a file
    const bool only_here = !fs::exists(fs::path(path) / table, error) && fs::exists(table, error);
    csv = (only_here ? fs::absolute(table).lexically_normal() : table).string();
  }
}

}  // namespace patronus
