#include "patronus/diagnosis/diagnose.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include "patronus/analysis/conditioned_samples.h"
#include "patronus/analysis/encode.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/analysis/unconditional_samples.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/diagnosis/dependent_pairs.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/io/json_text.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/correlation.h"
#include "patronus/run/initial_prototypes.h"
#include "patronus/run/run_data.h"

namespace patronus {
namespace {

EncodedImages encode(TrainedModel& trained, const Dataset& train, const Dataset& test,
                     const DiagnoseOptions& options) {
  const c10::NoGradGuard no_grad;
  EncodedImages encoded{.halves = split_in_halves(test.size(), options.sample, options.experiment.seed)};
  encoded.images = with_attributes(test, options.csv);
  encoded.sample = std::get<0>(at::cat({encoded.halves.choose, encoded.halves.report}).sort());
  encoded.encoding = encode_images(trained.model.encoder, test, encoded.sample, trained.ranks);
  PatronusModel untrained = untrained_model(trained, train);
  const auto before = encode_activations(untrained.encoder, test, encoded.sample, trained.ranks);
  encoded.activations = {at_rows_of(encoded.sample, encoded.encoding.activation, test.size()),
                         at_rows_of(encoded.sample, before, test.size())};
  encoded.correlations =
      attribute_correlations(encoded.images.attributes.values.index_select(0, encoded.halves.choose));
  encoded.attributes =
      encoded_attributes(encoded.images, encoded.halves, encoded.activations, options.encoded);
  return encoded;
}

/// Index of the attribute to balance. Throws ConfigError if the images lack it.
int64_t balanced_attribute(const EncodedImages& encoded, const std::string& name) {
  const auto& names = encoded.images.attributes.names;
  return static_cast<int64_t>(index_of(name, names, "--balance: there is no attribute '" + name + "';"));
}

/// Why no attribute can be tested: "hat is rare: 3 with it ...; blond_hair (1 value)".
std::string reasons_untestable(const EncodedImages& encoded) {
  std::vector<std::string> all;
  for (const auto& attribute : encoded.attributes)
    all.push_back(attribute.name + " is " + attribute.reason_untestable);
  for (const auto& attribute : encoded.images.attributes.left_out) all.push_back(attribute);
  return join(all, "; ");
}

bool is_editable(const EncodedAttribute& attribute) {
  return attribute.reason_untestable.empty();
}

/// The tensors of a trial, each with a leading dimension of 1.
std::vector<at::Tensor> trial_rows(const EditTrial& t) {
  return {t.direction.unsqueeze(0), t.target.unsqueeze(0),        t.image.unsqueeze(0),
          t.edited.unsqueeze(0),    t.control_image.unsqueeze(0), t.control.unsqueeze(0)};
}

EditTrial trial_from(size_t attribute, EditKind kind, at::ArrayRef<at::Tensor> rows, int64_t row) {
  return {attribute,    kind,         rows[0][row], rows[1][row],
          rows[2][row], rows[3][row], rows[4][row], rows[5][row]};
}

/// Adds trials of every kind of edit of the encoded attributes to `d`. Returns a placebo for each of these
/// attributes, with the length of the first kind of edit, without target and pictures.
std::vector<EditTrial> edit_attributes(Diagnosis& d, const TrainedModel& trained,
                                       const EditExperiment& experiment) {
  const auto& kinds = d.options.kinds;
  std::vector<size_t> editable;
  for (size_t a = 0; a < d.encoded.attributes.size(); ++a) {
    if (is_editable(d.encoded.attributes[a])) editable.push_back(a);
  }
  const auto edit = [&](int64_t row, int64_t) {
    std::vector<EditTrial> trials;
    for (const EditKind kind : kinds) trials.push_back(experiment.run(editable[row], kind));
    std::vector<at::Tensor> rows{experiment.placebo_of(trials.front()).edited.unsqueeze(0)};
    for (const auto& trial : trials) {
      const auto more = trial_rows(trial);
      rows.insert(rows.end(), more.begin(), more.end());
    }
    return rows;
  };
  const auto count = std::ssize(editable);
  const auto rows = compute_batches_across_ranks(trained.ranks, {"editing", "attributes", count, 1}, edit);
  const size_t tensors = (rows.size() - 1) / kinds.size();
  const auto of_kind = [&](size_t kind) { return at::ArrayRef(rows).slice(1 + kind * tensors, tensors); };
  std::vector<EditTrial> placebo;
  for (size_t i = 0; i < editable.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    for (size_t k = 0; k < kinds.size(); ++k) {
      d.trials.push_back(trial_from(editable[i], kinds[k], of_kind(k), row));
    }
    const EditTrial& first = d.trials[i * kinds.size()];
    placebo.push_back({.attribute = editable[i],
                       .kind = EditKind::kPlacebo,
                       .direction = first.direction,
                       .edited = rows.front()[row],
                       .control = first.control});
  }
  return placebo;
}

/// Edits every encoded attribute, tests the effects (also of placebos) on all accurately judged attributes,
/// and repeats the findings with more steps.
void run_trials(Diagnosis& d, TrainedModel& trained) {
  const EditExperiment experiment(trained, d.encoded, d.judge->judge, d.options.experiment);
  d.images = experiment.images();
  d.judged_original = experiment.judged_original();
  d.judged_identity = experiment.judged_identity();
  d.judge->identity_change = (d.judged_identity - d.judged_original).abs().nanmean().item<double>();
  const auto placebo = edit_attributes(d, trained, experiment);
  const auto reliable = is_reliable(d.judge->judge.accuracy);
  d.own = own_effects(d.trials, reliable, d.options.finding);
  d.pairs = pair_effects(d.trials, reliable, d.options.finding);
  d.placebo = pair_effects(placebo, reliable, d.options.finding);
  discount_failed_edits(d.pairs, d.trials, d.own, d.options.finding);
  const int64_t steps = d.options.experiment.regenerate.inversion.steps;
  d.repeat_steps = repeat_steps(steps, trained.schedule.timesteps());
  if (d.repeat_steps == 0)
    return log_info("findings are not repeated with more steps: edits take all there are");
  repeat_findings(
      d.pairs, d.trials,
      [&](const EditTrial& trial) { return experiment.effect_with_steps(trial, d.repeat_steps); },
      d.options.finding);
}

/// Activations to generate images from, as many as there are `rows`, which are indices of test images.
at::Tensor activations_from(ActivationSource source, const Diagnosis& d, const TrainedModel& trained,
                            const at::Tensor& rows) {
  if (source == ActivationSource::kTestImages) return d.encoded.activations.trained.index_select(0, rows);
  return sample_activations(trained, *d.options.latent, {.count = rows.size(0)});
}

/// Associations of judged attributes in test images and in images generated from the activations of these
/// and, if there is a latent model, from activations that it samples.
std::vector<Association> measure_associations(const Diagnosis& d, TrainedModel& trained,
                                              const AttributeImages& train,
                                              const std::vector<DependentPair>& dependent) {
  const auto& names = d.encoded.images.attributes.names;
  const auto& report = d.encoded.halves.report;
  const auto rows =
      report.index_select(0, draw_indices(report.size(0), d.options.generated,
                                          derive_seed(d.options.experiment.seed, "images to generate from")));
  const ConditionedSamplesOptions drawing{.sampling = trained.config.sampling,
                                          .batch_size = d.options.experiment.regenerate.batch_size};
  const AttributeJudge& judge = d.judge->judge;
  const auto training = attribute_correlations(attributes_named(train.attributes, names));
  const auto real = judge.predict_attributes(d.encoded.images.images.images(rows));
  std::vector<Association> all;
  for (const ActivationSource source : {ActivationSource::kTestImages, ActivationSource::kLatentModel}) {
    if (source == ActivationSource::kLatentModel && !d.options.latent) continue;
    const auto drawn = sample_conditioned(trained, activations_from(source, d, trained, rows), drawing);
    const auto generated = judge.predict_attributes(drawn.images);
    const auto pairs =
        associations(training, real, generated, is_reliable(judge.accuracy), source, d.options.finding.seed);
    all.insert(all.end(), pairs.begin(), pairs.end());
  }
  for (auto& pair : all) pair.dependence = dependence(dependent, names[pair.a], names[pair.b]);
  return all;
}

/// The suspects for the first finding that does not depend by definition; nothing if there is none.
std::optional<Suspects> suspects_of(const Diagnosis& d, TrainedModel& trained) {
  for (const auto& pair : d.pairs) {
    if (!pair.is_finding()) continue;
    const bool opposed = pair.kinds[pair.strongest].effect.value < 0;
    TiedAttributes tied{.source = pair.source,
                        .target = pair.target,
                        .opposed = opposed,
                        .least_auroc = d.options.encoded.least_auroc};
    if (!d.options.balance.empty()) tied.balance = balanced_attribute(d.encoded, d.options.balance);
    return enhance_suspects(trained, d.encoded, d.options.experiment, tied);
  }
  return std::nullopt;
}

/// Pairs of attributes that may be taken for each other (are_confounded), but those that depend by
/// definition: "hat and smile, ...".
std::string confounded_pairs(const Diagnosis& d, const at::Tensor& correlations,
                             const std::vector<DependentPair>& dependent) {
  const auto& names = d.encoded.images.attributes.names;
  std::vector<std::string> pairs;
  for (size_t a = 0; a < names.size(); ++a) {
    for (size_t b = a + 1; b < names.size(); ++b) {
      const bool anyway = !dependence(dependent, names[a], names[b]).empty();
      if (are_confounded(correlations, a, b) && !anyway) pairs.push_back(names[a] + " and " + names[b]);
    }
  }
  return join(pairs);
}

/// Warns of attributes that go together in the images that the judge learns from, or that edits are chosen
/// on.
void warn_of_confounding(const Diagnosis& d, const std::vector<DependentPair>& dependent) {
  const std::string judged = confounded_pairs(d, d.judge->correlations, dependent);
  if (!judged.empty())
    log_warning(
        "the judge learns from images in which attributes go together, or exclude each other, and may take "
        "one for the other: " +
        judged + "; give images in which they do not with --judge data.path=FOLDER");
  const std::string edited = confounded_pairs(d, d.encoded.correlations, dependent);
  if (!edited.empty())
    log_warning(
        "edits are chosen on test images in which attributes go together, or exclude each other, so that one "
        "of them may be edited with the other: " +
        edited + "; give images in which they do not with words for the data, as data.path=FOLDER");
}

/// Measures the effects of raising and of lowering each prototype, or loads the measurements that an earlier
/// diagnosis has saved.
void measure_controls(Diagnosis& d, TrainedModel& trained, const Dataset& test, const Dataset& train,
                      const RealActivations& known) {
  ControlOptions options{.images = d.options.control_images,
                         .range = d.options.experiment.range,
                         .regenerate = d.options.experiment.regenerate};
  const AttributeJudge* judge = d.judge ? &d.judge->judge : nullptr;
  Json identity = measurement_identity(trained, test, train);
  identity["judge"] = judge != nullptr ? judge->identity : "";
  std::optional<InvertedImages> unedited;
  const auto measure = [&] {
    if (!unedited) unedited = control_images(trained, test, options);
    return measure_control(trained, *unedited, known, options, judge);
  };
  const auto load_or_measure = [&](const char* file) {
    if (d.options.control_folder.empty()) return measure();
    return load_or_measure_control(d.options.control_folder / file,
                                   json_line(control_protocol(identity, options, test.size())), trained.ranks,
                                   measure);
  };
  d.raised = load_or_measure("control.pt");
  options.lowers = true;
  d.lowered = load_or_measure("control-lowered.pt");
}

/// Prototypes that go together in the test images and in edits, and those that act where they do not look.
void diagnose_prototypes(Diagnosis& d, TrainedModel& trained, const Dataset& test,
                         const RealActivations& known) {
  const Dataset images = test.subset(d.encoded.sample);
  const Encoding& encoding = d.encoded.encoding;
  d.reach = prototype_reach(images, encoding, *d.raised, *d.lowered);
  d.ties = find_prototype_ties(encoding, *d.raised, *d.lowered, d.options.tie);
  d.tie_pictures =
      picture_ties(trained, images, encoding, known, d.ties.ties, d.options.experiment.regenerate);
  log_info(std::to_string(d.ties.tied()) + " of " + pluralize(d.ties.pairs, "pair") +
           " of prototypes are tied; correlated in the images only: " +
           std::to_string(std::ssize(d.ties.ties) - d.ties.tied()) +
           ", at the same place: " + std::to_string(d.ties.same_place));
}

void log_findings(const Diagnosis& d) {
  const auto with = [&](Verdict verdict) {
    return std::ranges::count_if(
        d.pairs, [&](const PairEffect& pair) { return pair.verdict == verdict && pair.dependence.empty(); });
  };
  const auto found = with(Verdict::kFound), undecided = with(Verdict::kUndecided);
  const auto tested = found + undecided + with(Verdict::kNo);
  const auto dependent = std::ssize(d.pairs) - tested;
  const auto alarms = std::ranges::count(d.placebo, Verdict::kFound, &PairEffect::verdict);
  log_info(std::to_string(found) + " of " + pluralize(tested, "pair") +
           " of attributes are tied; undecided: " + std::to_string(undecided) + "; of placebo edits " +
           std::to_string(alarms) +
           (dependent > 0 ? "; left out: " + pluralize(dependent, "pair") +
                                " of values of one column, or that depend on each other anyway"
                          : ""));
}

/// Whether attributes are tied: of those that are encoded, by edits and in generated images.
void diagnose_attributes(Diagnosis& d, TrainedModel& trained, const Dataset& train,
                         const std::vector<DependentPair>& dependent) {
  const AttributeImages labelled = with_attributes(train, d.options.csv);
  d.judge = train_diagnosis_judge(trained, labelled, d.encoded.images.attributes.names, d.options.judge);
  warn_of_confounding(d, dependent);
  run_trials(d, trained);
  set_dependences(d.pairs, d.encoded.images.attributes.names, dependent);
  d.suspects = suspects_of(d, trained);
  d.associations = measure_associations(d, trained, labelled, dependent);
  log_findings(d);
}

/// That attributes are not diagnosed, and why.
void log_no_attributes(const EncodedImages& encoded) {
  if (encoded.images.has_any()) {
    log_warning("no attribute can be tested: " + reasons_untestable(encoded));
  } else {
    log_info(
        "the images have no attributes; only prototypes are diagnosed (--attributes FILE.csv adds some)");
  }
}

}  // namespace

Diagnosis diagnose(TrainedModel& trained, const DiagnoseOptions& options) {
  judge_data(trained, options.judge.data);  // fails now rather than after encoding
  DataListing data(trained.config.data);
  warn_of_other_data(RunDirectory(run_of_checkpoint(trained.checkpoint)), trained.config.data, data.report());
  const Dataset test = data.open(Split::kTest), train = data.open(Split::kTrain);
  auto dependent = options.dependent.empty() ? shipped_dependent_pairs(to_string(trained.config.data.kind))
                                             : read_dependent_pairs(options.dependent);
  Diagnosis d{.options = options, .encoded = encode(trained, train, test, options)};
  if (!options.balance.empty()) balanced_attribute(d.encoded, options.balance);
  std::ranges::copy(values_of_one_column(d.encoded.images.attributes), std::back_inserter(dependent));
  const auto& report = d.encoded.halves.report;
  const auto activation = d.encoded.activations.trained.index_select(0, report);
  const auto values = d.encoded.images.attributes.values.index_select(0, report);
  d.auroc = auroc_of_columns(activation, values)
                .masked_fill(has_several_classes(values).logical_not().unsqueeze(1), kNaN);
  d.spearman = spearman(activation);
  d.order = clustered_order(d.spearman);
  if (std::ranges::any_of(d.encoded.attributes, is_editable)) {
    diagnose_attributes(d, trained, train, dependent);
  } else {
    log_no_attributes(d.encoded);
  }
  if (options.control_images > 0) {
    const auto known = real_activations(trained, train, d.options.experiment.range);
    measure_controls(d, trained, test, train, known);
    diagnose_prototypes(d, trained, test, known);
  }
  return d;
}

}  // namespace patronus
