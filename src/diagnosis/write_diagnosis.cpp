#include "patronus/diagnosis/diagnose.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "diagnosis/diagnosis_tables.h"
#include "diagnosis/draw_diagnosis.h"
#include "patronus/core/text.h"
#include "patronus/evaluation/control_report.h"
#include "patronus/figures/figure.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/io/make_folder.h"
#include "patronus/run/prototype_names.h"
#include "patronus/run/record.h"
#include "patronus/run/trained_model.h"

namespace patronus {
namespace {

/// Indents lines, so that a table belongs to the item of a Markdown list above it.
std::string indented(const std::string& lines) {
  std::string text = "   ";
  for (size_t i = 0; i < lines.size(); ++i) {
    text += lines[i];
    if (lines[i] == '\n' && i + 1 < lines.size()) text += "   ";
  }
  return text;
}

std::string finding_entry(const Diagnosis& d, const PairEffect& pair, size_t rank) {
  const KindEffect& strongest = pair.kinds[pair.strongest];
  std::string text = std::to_string(rank) + ". **" + finding_text(d, pair) +
                     "**: " + estimate_text(strongest.effect, 2, kSigned) + " in the probability of " +
                     attribute_names(d)[pair.target] + " (" + to_string(strongest.kind) + " edit";
  if (pair.effect_with_more_steps) {
    text += "; " + number_text(*pair.effect_with_more_steps, 2, kSigned) + " with " +
            std::to_string(d.repeat_steps) + " steps";
  }
  std::vector<Record> effects;
  for (const auto& kind : pair.kinds) effects.push_back(effect_record(kind));
  text += ").";
  for (const auto& remark : finding_remarks(d, pair)) text += " " + remark;
  return text + "\n\n" + indented(record_markdown(effects)) + "\n";
}

std::string pair_text(const Diagnosis& d, const PairEffect& pair) {
  return attribute_names(d)[pair.source] + " → " + attribute_names(d)[pair.target];
}

std::vector<std::string> pairs_with(const Diagnosis& d, Verdict verdict) {
  std::vector<std::string> texts;
  for (const auto& pair : d.pairs) {
    if (pair.verdict == verdict && pair.dependence.empty()) texts.push_back(pair_text(d, pair));
  }
  return texts;
}

/// "A → B (exclude each other)".
std::vector<std::string> dependent_pairs(const Diagnosis& d) {
  std::vector<std::string> texts;
  for (const auto& pair : d.pairs) {
    if (!pair.dependence.empty()) texts.push_back(pair_text(d, pair) + " (" + pair.dependence + ")");
  }
  return texts;
}

/// "2 pairs: A → B, C → D."; of many pairs, only the first and strongest are named.
std::string pairs_text(const std::vector<std::string>& pairs) {
  constexpr size_t kMax = 8;
  const std::string count = pluralize(std::ssize(pairs), "pair");
  if (pairs.empty()) return count + ".";
  if (pairs.size() <= kMax) return count + ": " + join(pairs) + ".";
  return count + ", the strongest " + join(std::span(pairs).first(kMax)) + "; all are in findings.csv.";
}

std::string findings_part(const Diagnosis& d) {
  const auto alarms = std::count_if(d.placebo.begin(), d.placebo.end(),
                                    [](const PairEffect& p) { return p.verdict == Verdict::kFound; });
  std::string text = "## Findings\n\n";
  size_t rank = 0;
  for (const auto& pair : d.pairs) {
    if (pair.is_finding()) text += finding_entry(d, pair, ++rank);
  }
  const auto dependent = dependent_pairs(d);
  const auto tested = std::ssize(d.pairs) - std::ssize(dependent);
  if (d.pairs.empty()) {
    text +=
        "Nothing could be tested: the judge is right often enough for no attribute beside an edited one.\n\n";
  } else if (tested == 0) {
    text += "Nothing can be found: all attributes depend on each other by what they are.\n\n";
  } else if (rank == 0) {
    const auto undecided = pairs_with(d, Verdict::kUndecided).size();
    text += "No attribute was found to drag another along by as much as counts" +
            (undecided > 0 ? "; undecided: " + std::to_string(undecided) + " of " + pluralize(tested, "pair")
                           : "") +
            ".\n\n";
  }
  return text + "**No effect** (every interval within ±" + format_fixed(d.options.finding.least_effect, 2) +
         "), " + pairs_text(pairs_with(d, Verdict::kNo)) + "\n\n**Undecided**, " +
         pairs_text(pairs_with(d, Verdict::kUndecided)) +
         (dependent.empty()
              ? ""
              : "\n\n**Left out**, as they depend on each other by what they are, " + pairs_text(dependent)) +
         "\n\n**Placebo**: of the same tests on edits in random directions, " + std::to_string(alarms) +
         " of " + std::to_string(d.placebo.size()) + " find something.\n\n";
}

std::string encoded_part(const Diagnosis& d, const PrototypeNames& names) {
  std::string text =
      "## Encoded\n\nThe prototype that tells each attribute best, chosen on one half of the images, "
      "measured on the other.\n\n" +
      record_markdown(encoded_records(d, names));
  for (const auto& attribute : d.encoded.images.attributes.left_out) text += "\nLeft out: " + attribute + ".";
  return text + "\n";
}

std::string own_part(const Diagnosis& d) {
  return "## Edits of an attribute, judged on itself\n\n" + record_markdown(own_effect_records(d)) + "\n";
}

/// Whether two attributes may be independent both in the images and in those from the model.
bool is_trivial(const Association& pair) {
  const auto holds_zero = [](const Estimate& e) { return e.low <= 0 && e.high >= 0; };
  return !pair.is_amplified() && holds_zero(pair.real) && holds_zero(pair.generated);
}

std::string amplified_part(const Diagnosis& d) {
  constexpr size_t kMax = 10;  // per source of generated images
  std::vector<Record> records;
  std::map<ActivationSource, size_t> shown;
  const auto all = association_records(d);
  const auto depends = [](const Association& pair) { return !pair.dependence.empty(); };
  for (size_t i = 0; i < all.size(); ++i) {
    if (is_trivial(d.associations[i]) || depends(d.associations[i])) continue;
    if (shown[d.associations[i].drawn_from]++ < kMax) records.push_back(all[i]);
  }
  const auto dependent = std::ranges::count_if(d.associations, depends);
  const auto trivial = std::ranges::count_if(
      d.associations, [&](const Association& pair) { return is_trivial(pair) && !depends(pair); });
  std::vector<std::string> unlisted;
  if (trivial > 0) {
    unlisted.push_back(
        std::to_string(trivial) + " of " + pluralize(std::ssize(all), "pair") +
        " that may be independent in the test images and in those drawn (both intervals hold 0)");
  }
  if (dependent > 0)
    unlisted.push_back(pluralize(dependent, "pair") + " that depend on each other by what they are");
  return "## Amplified\n\nCorrelation of attributes in the training labels, in test images as judged, and "
         "in as many images drawn from the activations of these" +
         std::string(d.options.latent ? ", and from those of the latent model"
                                      : " (there is no latent model of these weights to draw others from)") +
         ". The intervals of the differences hold for all pairs of a source at once. Sorted by the lower "
         "end of the difference's interval" +
         (unlisted.empty() ? "" : ". Not listed: " + join(unlisted)) +
         (records.size() == all.size() ? ".\n\n" : "; all are in associations.csv.\n\n") +
         record_markdown(records) + "\n";
}

/// What is said of prototypes, for which no attributes are needed.
std::string ties_part(const Diagnosis& d, const PrototypeNames& names) {
  constexpr size_t kMax = 12;
  const TieOptions& o = d.options.tie;
  const int64_t tied = d.ties.tied();
  std::string text =
      "## Prototypes that are tied\n\nOf " + pluralize(d.ties.pairs, "pair") + " of prototypes, " +
      std::to_string(d.ties.ties.size() + static_cast<size_t>(d.ties.same_place)) +
      " go together in the test images (|Spearman| of at least " + format_fixed(o.least_correlation, 1) +
      " by an interval that holds for all pairs); of " + std::to_string(d.ties.same_place) +
      " of them the most activated patches overlap by half in more than " + format_fixed(o.most_overlap, 2) +
      " of the images: these tell the same thing or its absence. Each prototype of the others was raised and "
      "lowered in " +
      pluralize(d.raised->target_change.size(1), "image") +
      ". An effect is the change of the other prototype's activation with the edited one's own patch left as "
      "it was, in standard deviations, for one requested. **" +
      std::to_string(tied) + (tied == 1 ? " is" : " are") +
      " tied**: an effect along the correlation, whole "
      "interval beyond " +
      format_fixed(o.least_effect, 1) + ", family p at most " + format_fixed(o.significance_level, 2) +
      ".\n\n";
  const auto records = tie_records(d, names);
  if (records.empty()) return text;
  text += record_markdown({records.begin(), records.begin() + std::min(kMax, records.size())});
  if (records.size() > kMax) text += "\nAll are in ties.csv.\n";
  return text + "\n";
}

/// The results in words and tables.
std::string diagnosis_markdown(const Diagnosis& d, const TrainedModel& trained) {
  std::string text = "# Diagnosis\n\n" + trained.checkpoint.string() + ", " + weights_text(trained) +
                     ". Prototypes chosen on " + std::to_string(d.encoded.halves.choose.size(0)) +
                     " test images, reported on " + std::to_string(d.encoded.halves.report.size(0)) +
                     " others";
  const std::string ties = d.raised ? ties_part(d, trained.names) : "";
  if (!d.judge) {
    return text + ".\n\n" + ties +
           (d.encoded.images.has_any() ? "No attribute can be tested.\n\n" + encoded_part(d, trained.names)
                                       : "The images have no attributes.\n");
  }
  text += ", of which " + std::to_string(d.images.files.size()) +
          " are edited. Effects are changes of the probability that a classifier gives, which learnt from " +
          d.judge->data +
          ", beyond those of random edits of the same length; regenerating without an edit "
          "changes it by " +
          number_text(d.judge->identity_change, 3) + " on average.\n\n";
  return text + findings_part(d) + ties + own_part(d) + encoded_part(d, trained.names) + amplified_part(d);
}

namespace fs = std::filesystem;

/// A finding and the stem of its figure: "findings/01-blond_hair-smile".
struct DrawnFinding {
  const PairEffect& pair;
  std::string figure;
};

/// Attribute names may contain slashes or be too long for a file name. After these changes, the rank keeps
/// file names distinct.
std::vector<DrawnFinding> drawn_findings(const Diagnosis& d) {
  constexpr size_t kMaxBytes = 200;  // file systems allow 255, including rank and extensions
  const auto& names = attribute_names(d);
  std::vector<DrawnFinding> drawn;
  for (const auto& pair : d.pairs) {
    if (!pair.is_finding()) continue;
    std::string name = names[pair.source] + "-" + names[pair.target];
    std::replace(name.begin(), name.end(), '/', '_');
    const std::string rank = zero_padded(std::ssize(drawn) + 1, 2);
    drawn.push_back({pair, "findings/" + rank + "-" + std::string(cut_to(name, kMaxBytes))});
  }
  return drawn;
}

}  // namespace

void write_diagnosis(const fs::path& folder, const TrainedModel& trained, const Diagnosis& d) {
  const auto& formats = trained.config.runtime.figures;
  write_file(folder / "diagnose.json", json_text(diagnosis_json(d, trained)));
  write_file(folder / "diagnose.md", diagnosis_markdown(d, trained));
  write_csv(folder / "spearman.csv", spearman_table(d));
  write_figure(folder / "spearman", draw_spearman(d, trained.names), formats);
  if (!attribute_names(d).empty()) {
    write_csv(folder / "encoded.csv", record_table(encoded_records(d, trained.names)));
    write_csv(folder / "prototype-attributes.csv", prototype_attribute_table(d, trained.names));
  }
  const auto write_control = [&](const Control& control, const char* effects, const char* attributes) {
    write_csv(folder / (std::string(effects) + ".csv"), effect_matrix_table(control));
    write_figure(folder / effects, draw_control(control, trained.names), formats);
    if (d.judge)
      write_figure(folder / attributes, draw_prototype_attributes(control, trained.names), formats);
  };
  if (d.raised) {
    write_control(*d.raised, "effects", "raised-attributes");
    write_control(*d.lowered, "effects-lowered", "lowered-attributes");
    write_csv(folder / "ties.csv", ties_table(d, trained.names));
    write_csv(folder / "reach.csv", reach_table(d, trained.names));
    write_figure(folder / "reach", draw_reach(d.reach, trained.names), formats);
    if (!d.ties.ties.empty())
      write_figure(folder / "ties", draw_ties(d.tie_pictures, trained.names), formats);
  }
  if (!d.judge) return;
  write_csv(folder / "findings.csv", findings_table(d));
  write_csv(folder / "associations.csv", associations_table(d));
  write_figure(folder / "attribute-effects", draw_attribute_effects(d, d.options.kinds.front()), formats);
  make_folder(folder / "findings");
  for (const auto& [pair, figure] : drawn_findings(d))
    write_figure(folder / figure, draw_finding(d, pair), formats);
  if (d.suspects) write_figure(folder / "suspects", draw_suspects(*d.suspects, trained.names), formats);
}

}  // namespace patronus
