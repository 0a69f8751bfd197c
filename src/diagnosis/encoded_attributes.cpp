#include "patronus/diagnosis/encoded_attributes.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <tuple>

#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/correlation.h"

namespace patronus {
namespace {

/// Images in which an attribute is known, with its values.
struct KnownImages {
  at::Tensor rows;    // int64 [n]
  at::Tensor values;  // int64 [n]

  int64_t with() const { return (values == 1).sum().item<int64_t>(); }
  int64_t without() const { return values.size(0) - with(); }
};

KnownImages known_images(const AttributeImages& images, int64_t attribute, const at::Tensor& rows) {
  const auto values = images.values(attribute, rows);
  const auto known = known_rows(values);
  return {rows.index_select(0, known), values.index_select(0, known)};
}

/// AUROC of every prototype for the attribute: float64 [P].
at::Tensor single_aurocs(const at::Tensor& activation, const KnownImages& known) {
  return auroc_of_columns(activation.index_select(0, known.rows), known.values.unsqueeze(1))[0];
}

/// AUROC on `report` of the prototype that is best on `choose`, in its direction there.
double untrained_auroc(const at::Tensor& activation, const KnownImages& choose, const KnownImages& report) {
  const auto [prototype, rises] = best_columns(single_aurocs(activation, choose));
  return in_direction(single_aurocs(activation, report).take(prototype), rises).item<double>();
}

/// Sets AUROC, Cliff's delta and Spearman correlation of the attribute's prototype on the reported half.
void measure(EncodedAttribute& attribute, const at::Tensor& activation, const KnownImages& report,
             const EncodedOptions& options) {
  const auto scores = activation.select(1, attribute.prototype).index_select(0, report.rows).to(at::kDouble);
  const auto correlation = paired_spearman(scores.unsqueeze(1), report.values.unsqueeze(1));
  attribute.spearman =
      bca_interval(scores.size(0), correlation, {.resamples = options.resamples, .seed = options.seed})[0];
  const double positive = auroc(scores, report.values);
  attribute.auroc =
      auroc_interval(attribute.rises ? positive : 1 - positive, report.with(), report.without());
  attribute.delta = cliffs_delta(at::scalar_tensor(positive, at::kDouble)).item<double>();
}

std::string rareness(const KnownImages& choose, const KnownImages& report, int64_t least) {
  const int64_t with = std::min(choose.with(), report.with());
  const int64_t without = std::min(choose.without(), report.without());
  const std::string expected = " in a half of the images; expected at least " + std::to_string(least);
  if (with < least) return "rare: " + std::to_string(with) + " with it" + expected;
  if (without < least) return "all but constant: " + std::to_string(without) + " without it" + expected;
  return {};
}

}  // namespace

at::Tensor at_rows_of(const at::Tensor& sample, const at::Tensor& activation, int64_t count) {
  return activation.new_full({count, activation.size(1)}, kNaN).index_copy(0, sample, activation);
}

std::vector<EncodedAttribute> encoded_attributes(const AttributeImages& images, const SplitHalves& halves,
                                                 const ComparedActivations& activations,
                                                 const EncodedOptions& options) {
  std::vector<EncodedAttribute> all;
  for (size_t a = 0; a < images.attributes.names.size(); ++a) {
    const auto choose = known_images(images, static_cast<int64_t>(a), halves.choose);
    const auto report = known_images(images, static_cast<int64_t>(a), halves.report);
    EncodedAttribute attribute{
        .name = images.attributes.names[a], .with = report.with(), .without = report.without()};
    attribute.reason_untestable = rareness(choose, report, options.least_images);
    if (attribute.reason_untestable.empty()) {
      const auto [prototype, rises] = best_columns(single_aurocs(activations.trained, choose));
      attribute.prototype = prototype.item<int64_t>();
      attribute.rises = rises.item<bool>();
      measure(attribute, activations.trained, report, options);
      attribute.untrained_auroc = untrained_auroc(activations.untrained, choose, report);
      if (attribute.auroc.low < options.least_auroc) {
        attribute.reason_untestable = "not encoded: the AUROC of its best prototype is " +
                                      format_fixed(attribute.auroc.value, 2) + ", and may be below " +
                                      format_fixed(options.least_auroc, 2);
      }
    }
    all.push_back(attribute);
  }
  return all;
}

}  // namespace patronus
