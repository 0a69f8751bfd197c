#include "diagnosis/diagnosis_markdown.h"

#include <algorithm>
#include <cmath>

#include "diagnosis/diagnosis_tables.h"
#include "patronus/core/error.h"
#include "patronus/io/markdown.h"

namespace patronus {
namespace {

std::string signed_number(double value) {
  if (!std::isfinite(value)) return "-";
  return (value >= 0 ? "+" : "") + fixed(value, 2);
}

std::string interval_text(const Estimate& e) {
  return signed_number(e.value) + " [" + signed_number(e.low) + ", " + signed_number(e.high) + "]";
}

std::string probability(double p) {
  return p < 0.001 ? "< 0.001" : fixed(p, 3);
}

std::string remarks(const Diagnosis& d, const PairEffect& pair) {
  std::string text;
  if (pair.agreeing() < std::ssize(pair.kinds)) {
    text += " Found by " + std::to_string(pair.agreeing()) + " of " + std::to_string(pair.kinds.size()) +
            " kinds of edit: perhaps a side effect of editing in that way.";
  }
  if (!pair.dependence.empty())
    text += " They depend on each other by construction: " + pair.dependence + ".";
  if (d.judge->is_confounded(pair.source, pair.target)) {
    text +=
        " The judge learnt from images in which they go together, and may take one for the other: give "
        "others with `--judge`.";
  }
  return text;
}

std::string finding_entry(const Diagnosis& d, const PairEffect& pair, size_t rank) {
  const KindEffect& strongest = pair.kinds[pair.strongest];
  std::string text = std::to_string(rank) + ". **" + finding_text(d, pair) +
                     "**: " + interval_text(strongest.effect) + " in the probability of " +
                     attribute_names(d)[pair.target] + " (" + to_string(strongest.kind) + " edit";
  if (pair.again) text += "; " + signed_number(*pair.again) + " with twice the steps";
  text += ")." + remarks(d, pair) + "\n\n";
  text += "   " + markdown_head({"edit", "effect", "put in", "taken away", "p", "family p", "FDR"});
  text.insert(text.find("\n| ---") + 1, "   ");
  for (const auto& k : pair.kinds) {
    text += "   " + markdown_line({to_string(k.kind) + (k.is_found ? ", found" : ""), interval_text(k.effect),
                                   signed_number(k.put_in), signed_number(k.taken), probability(k.p),
                                   probability(k.family_p), probability(k.fdr)});
  }
  return text + "\n";
}

std::vector<std::string> pairs_with(const Diagnosis& d, Verdict verdict) {
  std::vector<std::string> texts;
  for (const auto& pair : d.pairs) {
    if (pair.verdict == verdict)
      texts.push_back(attribute_names(d)[pair.source] + " → " + attribute_names(d)[pair.target]);
  }
  return texts;
}

std::string list_of(const std::vector<std::string>& texts) {
  return texts.empty() ? "none" : join(texts);
}

std::string findings_part(const Diagnosis& d) {
  const auto alarms = std::count_if(d.placebo.begin(), d.placebo.end(),
                                    [](const PairEffect& p) { return p.verdict == Verdict::kFound; });
  std::string text = "## Findings\n\n";
  size_t rank = 0;
  for (const auto& pair : d.pairs) {
    if (pair.verdict == Verdict::kFound) text += finding_entry(d, pair, ++rank);
  }
  if (rank == 0) text += "No attribute drags another along by as much as counts.\n\n";
  const auto no = pairs_with(d, Verdict::kNo), undecided = pairs_with(d, Verdict::kUndecided);
  return text + "**No effect** (every interval within ±" + fixed(d.options.finding.least_effect, 2) + "), " +
         std::to_string(no.size()) + " pairs: " + list_of(no) + ".\n\n**Undecided**, " +
         std::to_string(undecided.size()) + " pairs: " + list_of(undecided) +
         ".\n\n**Placebo**: of the same tests on edits in random directions, " + std::to_string(alarms) +
         " of " + std::to_string(d.placebo.size()) + " find something.\n\n";
}

std::string encoded_part(const Diagnosis& d, const PrototypeNames& names) {
  std::string text =
      "## Encoded\n\nThe prototype that tells each attribute best, chosen on one half of the images, "
      "measured "
      "on the other.\n\n" +
      markdown_head({"attribute", "prototype", "AUROC", "Cliff's δ", "Spearman", "untrained encoder",
                     "judge's accuracy", "not testable"});
  for (size_t a = 0; a < d.encoded.attributes.size(); ++a) {
    const EncodedAttribute& e = d.encoded.attributes[a];
    const bool measured = e.prototype >= 0;
    const auto if_measured = [&](const std::string& cell) { return measured ? cell : "-"; };
    text += markdown_line(
        {e.name, measured ? names.label(e.prototype) + (e.rises ? "" : " (falls)") : "-",
         if_measured(fixed(e.auroc.value, 3) + " [" + fixed(e.auroc.low, 3) + ", " + fixed(e.auroc.high, 3) +
                     "]"),
         if_measured(signed_number(e.delta)), if_measured(interval_text(e.spearman)),
         if_measured(fixed(e.untrained_auroc, 3)),
         d.judge ? fixed(d.judge->judge.accuracy[static_cast<int64_t>(a)].item<double>(), 3) : "-",
         e.obstacle});
  }
  for (const auto& attribute : d.encoded.images.attributes.left_out) text += "\nLeft out: " + attribute + ".";
  return text + "\n";
}

std::string own_part(const Diagnosis& d) {
  std::string text = "## Edits of an attribute, judged on itself\n\n" +
                     markdown_head({"attribute", "edit", "effect", "put in", "taken away"});
  for (size_t t = 0; t < d.trials.size(); ++t) {
    text += markdown_line({attribute_names(d)[d.trials[t].attribute], to_string(d.trials[t].kind),
                           interval_text(d.own[t].effect), signed_number(d.own[t].put_in),
                           signed_number(d.own[t].taken)});
  }
  return text + "\n";
}

std::string amplified_part(const Diagnosis& d) {
  constexpr size_t kMost = 10;
  std::string text =
      "## Amplified\n\nCorrelation of attributes in the training labels, in test images as judged, and in as "
      "many images drawn from their activations. The most exaggerated first" +
      std::string(d.associations.size() > kMost ? "; all are in associations.csv.\n\n" : ".\n\n") +
      markdown_head({"attributes", "training", "real", "generated", "|generated| - |real|"});
  for (size_t i = 0; i < std::min(kMost, d.associations.size()); ++i) {
    const Association& pair = d.associations[i];
    text +=
        markdown_line({attribute_names(d)[pair.a] + ", " + attribute_names(d)[pair.b],
                       signed_number(pair.training), interval_text(pair.real), interval_text(pair.generated),
                       interval_text(pair.difference) + (pair.is_amplified() ? " amplified" : "")});
  }
  return text + "\n";
}

}  // namespace

std::string finding_text(const Diagnosis& d, const PairEffect& pair) {
  const auto& names = attribute_names(d);
  const bool brings = pair.kinds[pair.strongest].effect.value > 0;
  return names[pair.source] + (brings ? " brings " : " removes ") + names[pair.target];
}

std::string diagnosis_markdown(const Diagnosis& d, const TrainedModel& trained) {
  std::string text = "# Diagnosis\n\n" + trained.checkpoint.string() + ", " + weights_text(trained) +
                     ". Prototypes chosen on " + std::to_string(d.encoded.halves.choose.size(0)) +
                     " test images, reported on " + std::to_string(d.encoded.halves.report.size(0)) +
                     " others";
  if (!d.judge) {
    return text + ".\n\nNo attribute can be tested.\n\n" + encoded_part(d, trained.names);
  }
  text += ", of which " + std::to_string(d.images.files.size()) +
          " are edited. Effects are changes of the probability that a classifier gives, which learnt from " +
          d.judge->data +
          ", beyond those of random edits of the same length; regenerating without an edit "
          "changes it by " +
          fixed(d.judge->identity_change, 3) + " on average.\n\n";
  return text + findings_part(d) + own_part(d) + encoded_part(d, trained.names) + amplified_part(d);
}

}  // namespace patronus
