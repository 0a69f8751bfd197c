#include <nlohmann/json.hpp>

#include "patronus/core/text.h"
#include "patronus/data/prepare.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/io/markdown.h"
#include "patronus/io/replaced_files.h"

namespace patronus {
namespace {

constexpr size_t kShownSizes = 10, kShownGroups = 20;
constexpr const char* kTitle = "# Data set\n";
constexpr const char* kFormat = "patronus-prepared";  // value of "format" in data.json
constexpr const char* kContactSheet = "contact-sheet";

std::string size_text(const SizeCount& size) {
  return std::to_string(size.width) + " x " + std::to_string(size.height);
}

/// Writes sections with a table of counts by split; validation images have a column only if there are any.
class CountsWriter {
 public:
  explicit CountsWriter(const SplitCount& images) : has_validation_(images[Split::kValidation] > 0) {}

  std::string section(const std::string& title, const std::string& what,
                      const std::vector<std::pair<std::string, SplitCount>>& counts) const {
    std::vector<std::string> head{what, "training", "test"};
    if (has_validation_) head.push_back("validation");
    std::string text = "\n## " + title + "\n\n" + markdown_head(head);
    for (const auto& [name, count] : counts) text += markdown_line(row(name, count));
    return text;
  }

 private:
  std::vector<std::string> row(const std::string& what, const SplitCount& count) const {
    std::vector<std::string> cells{what, std::to_string(count[Split::kTrain]),
                                   std::to_string(count[Split::kTest])};
    if (has_validation_) cells.push_back(std::to_string(count[Split::kValidation]));
    return cells;
  }

  bool has_validation_;
};

std::string images_section(const PreparedData& prepared, const CountsWriter& writer) {
  return writer.section("Images", "images",
                        {{"all", prepared.report.images},
                         {"gray", prepared.survey.gray},
                         {"with the same pixels as another", prepared.survey.repeated}});
}

std::string sizes_section(const std::vector<SizeCount>& sizes, const CountsWriter& writer) {
  std::vector<std::pair<std::string, SplitCount>> counts;
  SplitCount others;
  for (const auto& size : sizes) {
    if (counts.size() < kShownSizes) {
      counts.emplace_back(size_text(size), size.images);
    } else {
      for (const Split split : kSplits) others[split] += size.images[split];
    }
  }
  if (sizes.size() > kShownSizes)
    counts.emplace_back(pluralize(std::ssize(sizes) - std::ssize(counts), "other"), others);
  return writer.section("Sizes", "width x height", counts);
}

std::string attributes_section(const std::vector<AttributeCounts>& attributes, const CountsWriter& writer) {
  if (attributes.empty()) return "";
  std::vector<std::pair<std::string, SplitCount>> counts;
  for (const auto& attribute : attributes) {
    for (const auto& [value, count] : attribute.values)
      counts.emplace_back(attribute.name + " " + value, count);
    if (attribute.unknown.total() > 0) counts.emplace_back(attribute.name + " unknown", attribute.unknown);
  }
  return writer.section("Attributes", "attribute and value", counts);
}

std::string statistics_section(const PreparedData& prepared) {
  const auto& [mean, deviation] = prepared.statistics;
  std::string text = "\n## Pixels\n\nOf the training images, " + prepared.report.preprocessing +
                     ", in [0, 1].\n\n" + markdown_head({"channel", "mean", "standard deviation"});
  for (size_t c = 0; c < mean.size(); ++c)
    text += markdown_line({std::to_string(c), format_fixed(mean[c], 4), format_fixed(deviation[c], 4)});
  return text;
}

std::string identical_section(const ImageSurvey& survey) {
  if (survey.identical.empty()) return "";
  std::string text = "\n## Images with the same pixels\n\n" + pluralize(survey.shared, "test image") +
                     (survey.shared == 1 ? " has" : " have") + " the pixels of a training image.\n\n";
  for (size_t i = 0; i < std::min(kShownGroups, survey.identical.size()); ++i)
    text += "- " + join(survey.identical[i]) + "\n";
  if (survey.identical.size() > kShownGroups)
    text += "- ... (" + std::to_string(survey.identical.size()) + " groups; all are in data.json)\n";
  return text;
}

std::string markdown_of(const PreparedData& prepared, const std::string& contact_sheet) {
  const CountsWriter writer(prepared.report.images);
  std::string text = std::string(kTitle) + "\n" + found_line(prepared.report) + "\n";
  for (const bool matters : {true, false}) {
    if (const auto line = left_out_line(prepared.report, matters); !line.empty()) text += "\n" + line + "\n";
  }
  return text + "\n![Images of every part and of the first attributes](" + contact_sheet + ")\n" +
         images_section(prepared, writer) + sizes_section(prepared.survey.sizes, writer) +
         attributes_section(prepared.report.attributes, writer) + statistics_section(prepared) +
         identical_section(prepared.survey);
}

Json json_of(const PreparedData& prepared) {
  const ImageSurvey& survey = prepared.survey;
  Json json{{"format", kFormat}};
  json.update(to_json(prepared.report));
  json["sizes"] = Json::array();
  for (const auto& size : survey.sizes)
    json["sizes"].push_back(
        {{"width", size.width}, {"height", size.height}, {"images", count_json(size.images)}});
  json["gray"] = count_json(survey.gray);
  json["identical"] = {{"images", count_json(survey.repeated)},
                       {"test_images_in_training", survey.shared},
                       {"groups", survey.identical}};
  json["pixels"] = {{"mean", prepared.statistics.mean}, {"deviation", prepared.statistics.deviation}};
  return json;
}

}  // namespace

std::string survey_line(const PreparedData& prepared) {
  const auto& [sizes, gray, identical, repeated, shared] = prepared.survey;
  std::string text = prepared.report.shown + ": ";
  if (!sizes.empty()) {
    text += pluralize(sizes.front().images.total(), "image") + " of " + size_text(sizes.front());
    int64_t others = 0;
    for (size_t i = 1; i < sizes.size(); ++i) others += sizes[i].images.total();
    if (others > 0)
      text += ", " + std::to_string(others) + " of " + pluralize(std::ssize(sizes) - 1, "other size");
  }
  text += "; " + std::to_string(gray.total()) + " gray";
  if (identical.empty()) return text + "; no two have the same pixels";
  return text + "; " + std::to_string(repeated.total()) + " with the same pixels as another, " +
         pluralize(shared, "test image") + " among the training images, too (" + identical.front()[0] + ", " +
         identical.front()[1] + (identical.size() > 1 ? "; ...)" : ")");
}

void announce_prepared(const std::filesystem::path& folder) {
  std::vector<WrittenFile> files{{folder / "data.md", {kTitle}},
                                 {folder / "data.json", {json_prefix(kFormat)}}};
  for (const auto& figure :
       figure_files(folder / kContactSheet, {FigureFormat::kPng, FigureFormat::kPdf, FigureFormat::kSvg}))
    files.push_back({figure});
  announce_replaced(files, "description of a data set");
}

void write_prepared(const std::filesystem::path& folder, const PreparedData& prepared,
                    const std::vector<FigureFormat>& formats) {
  write_file(folder / "data.md",
             markdown_of(prepared, figure_files(kContactSheet, formats).front().string()));
  write_file(folder / "data.json", json_text(json_of(prepared)));
  write_figure(folder / kContactSheet, draw_grid(prepared.contact_sheet), formats);
}

}  // namespace patronus
