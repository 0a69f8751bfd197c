#include "patronus/diagnosis/diagnose.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "patronus/analysis/conditioned_samples.h"
#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/distributed/share_rows.h"
#include "patronus/metrics/spearman.h"
#include "patronus/run/initial_prototypes.h"

namespace patronus {
namespace {

EncodedImages encode(TrainedModel& trained, const Dataset& train, const Dataset& test,
                     const DiagnoseOptions& options) {
  const c10::NoGradGuard no_grad;
  EncodedImages encoded{.halves = split_in_halves(test.size(), options.sample, options.experiment.seed)};
  encoded.images = with_attributes(test, options.csv);
  PatronusModel untrained = untrained_model(trained.config, train, trained.device);
  encoded.activations = {encode_activations(trained.model.encoder, test),
                         encode_activations(untrained.encoder, test)};
  encoded.attributes =
      encoded_attributes(encoded.images, encoded.halves, encoded.activations, options.encoded);
  return encoded;
}

bool is_editable(const EncodedAttribute& attribute) {
  return attribute.obstacle.empty();
}

/// Whether some kind of edit puts the attribute in.
bool edit_works(const Diagnosis& d, size_t attribute) {
  for (size_t t = 0; t < d.trials.size(); ++t) {
    const bool works = d.own[t].effect.low >= d.options.finding.least_effect;
    if (d.trials[t].attribute == attribute && works) return true;
  }
  return false;
}

/// What is found must be there with twice the steps, too.
void repeat_findings(Diagnosis& d, const EditExperiment& experiment) {
  std::map<std::pair<size_t, EditKind>, at::Tensor> means;  // float64 [A]
  for (auto& pair : d.pairs) {
    if (pair.verdict != Verdict::kFound) continue;
    const KindEffect& strongest = pair.kinds[pair.strongest];
    const auto is_it = [&](const EditTrial& trial) {
      return trial.attribute == pair.source && trial.kind == strongest.kind;
    };
    const EditTrial& trial = *std::find_if(d.trials.begin(), d.trials.end(), is_it);
    auto& mean = means[{pair.source, strongest.kind}];
    if (!mean.defined()) {
      const auto effect =
          experiment.effect_with_steps(trial, 2 * d.options.experiment.regenerate.inversion.steps);
      mean = effect.sum(0) / (trial.sense != 0).sum();
    }
    pair.again = mean[static_cast<int64_t>(pair.target)].item<double>();
    const double along = *pair.again * (strongest.effect.value > 0 ? 1 : -1);
    if (along < d.options.finding.least_effect) pair.verdict = Verdict::kUndecided;
  }
}

/// Says why the pairs that depend by what they are do so, and takes back "no" where the edit does nothing.
void complete_pairs(Diagnosis& d, const std::vector<DependentPair>& dependent) {
  const auto& names = d.encoded.images.attributes.names;
  for (auto& pair : d.pairs) {
    pair.dependence = dependence(dependent, names[pair.source], names[pair.target]);
    if (pair.verdict == Verdict::kNo && !edit_works(d, pair.source)) pair.verdict = Verdict::kUndecided;
  }
  std::stable_partition(d.pairs.begin(), d.pairs.end(),
                        [](const PairEffect& pair) { return pair.verdict == Verdict::kFound; });
}

/// The tensors of a trial as one row each.
std::vector<at::Tensor> trial_rows(const EditTrial& t) {
  return {t.sense.unsqueeze(0),  t.target.unsqueeze(0),        t.image.unsqueeze(0),
          t.edited.unsqueeze(0), t.control_image.unsqueeze(0), t.control.unsqueeze(0)};
}

EditTrial trial_from(size_t attribute, EditKind kind, at::ArrayRef<at::Tensor> rows, int64_t row) {
  return {attribute,    kind,         rows[0][row], rows[1][row],
          rows[2][row], rows[3][row], rows[4][row], rows[5][row]};
}

/// Trials of every kind of edit of the attributes that are encoded, into `d`, and a placebo of each
/// attribute.
std::vector<EditTrial> edit_attributes(Diagnosis& d, const TrainedModel& trained,
                                       const EditExperiment& experiment) {
  const auto& kinds = d.options.kinds;
  std::vector<size_t> editable;
  for (size_t a = 0; a < d.encoded.attributes.size(); ++a) {
    if (is_editable(d.encoded.attributes[a])) editable.push_back(a);
  }
  const auto edit = [&](int64_t row, int64_t) {
    std::vector<at::Tensor> rows;
    const auto add = [&](const EditTrial& trial) {
      const auto more = trial_rows(trial);
      rows.insert(rows.end(), more.begin(), more.end());
    };
    std::vector<EditTrial> trials;
    for (const EditKind kind : kinds) trials.push_back(experiment.run(editable[row], kind));
    for (const auto& trial : trials) add(trial);
    add(experiment.placebo_of(trials.front()));
    return rows;
  };
  const auto count = std::ssize(editable);
  const auto rows = share_rows(trained.ranks, {"editing", "attributes", count, 1}, edit);
  const size_t tensors = rows.size() / (kinds.size() + 1);
  const auto of_kind = [&](size_t kind) { return at::ArrayRef(rows).slice(kind * tensors, tensors); };
  std::vector<EditTrial> placebo;
  for (size_t i = 0; i < editable.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    for (size_t k = 0; k < kinds.size(); ++k) {
      d.trials.push_back(trial_from(editable[i], kinds[k], of_kind(k), row));
    }
    placebo.push_back(trial_from(editable[i], EditKind::kPlacebo, of_kind(kinds.size()), row));
  }
  return placebo;
}

/// Edits of every attribute that is encoded, and a placebo of each.
void run_trials(Diagnosis& d, TrainedModel& trained) {
  const EditExperiment experiment(trained, d.encoded, d.judge->judge, d.options.experiment);
  d.images = experiment.images();
  d.judged_original = experiment.judged_original();
  d.judged_identity = experiment.judged_identity();
  d.judge->identity_change = (d.judged_identity - d.judged_original).abs().nanmean().item<double>();
  const auto placebo = edit_attributes(d, trained, experiment);
  const auto believed = is_believed(d.judge->judge.accuracy);
  d.own = own_effects(d.trials, d.options.finding);
  d.pairs = pair_effects(d.trials, believed, d.options.finding);
  d.placebo = pair_effects(placebo, believed, d.options.finding);
  repeat_findings(d, experiment);
}

/// Attributes of test images and of those drawn from their activations, both as judged.
std::vector<Association> measure_associations(const Diagnosis& d, TrainedModel& trained,
                                              const AttributeImages& train) {
  const auto& report = d.encoded.halves.report;
  const auto rows =
      report.index_select(0, draw_indices(report.size(0), d.options.generated,
                                          derive_seed(d.options.experiment.seed, "images to generate from")));
  SamplerSettings sampling;
  sampling.steps = d.options.experiment.regenerate.inversion.steps;
  const auto drawn = sample_conditioned(trained, d.encoded.activations.trained.index_select(0, rows),
                                        {.sampling = sampling});
  const AttributeJudge& judge = d.judge->judge;
  const auto training =
      attribute_correlations(attributes_named(train.attributes, d.encoded.images.attributes.names));
  return associations(training, judge.attributes_of(d.encoded.images.images.images(rows)),
                      judge.attributes_of(drawn.images.clamp(-1, 1)), is_believed(judge.accuracy));
}

/// Of the first finding that nobody would expect.
std::optional<Suspects> suspects_of(const Diagnosis& d, TrainedModel& trained) {
  for (const auto& pair : d.pairs) {
    if (pair.verdict != Verdict::kFound || !pair.dependence.empty()) continue;
    const bool opposed = pair.kinds[pair.strongest].effect.value < 0;
    return enhance_suspects(trained, d.encoded, d.options.experiment,
                            {.source = pair.source, .target = pair.target, .opposed = opposed});
  }
  return std::nullopt;
}

/// Of attributes that go together where the judge learnt, but for those that do so everywhere.
void warn_of_confounding(const Diagnosis& d, const std::vector<DependentPair>& dependent) {
  const auto& names = d.encoded.images.attributes.names;
  std::vector<std::string> pairs;
  for (size_t a = 0; a < names.size(); ++a) {
    for (size_t b = a + 1; b < names.size(); ++b) {
      const bool anyway = !dependence(dependent, names[a], names[b]).empty();
      if (d.judge->is_confounded(a, b) && !anyway) pairs.push_back(names[a] + " and " + names[b]);
    }
  }
  if (pairs.empty()) return;
  log_warning(
      "the judge learns from images in which attributes go together, and may take one for the other: " +
      join(pairs) + "; give images in which they do not with --judge data.path=FOLDER");
}

void log_outcome(const Diagnosis& d) {
  const auto is_found = [](const PairEffect& pair) { return pair.verdict == Verdict::kFound; };
  const auto found = std::count_if(d.pairs.begin(), d.pairs.end(), is_found);
  const auto alarms = std::count_if(d.placebo.begin(), d.placebo.end(), is_found);
  log_info(std::to_string(found) + " of " + std::to_string(d.pairs.size()) +
           " pairs of attributes are tied; of placebo edits " + std::to_string(alarms));
}

}  // namespace

Diagnosis diagnose(TrainedModel& trained, const DiagnoseOptions& options) {
  DataListing data(trained.config.data);
  const Dataset test = data.open(Split::kTest), train = data.open(Split::kTrain);
  const auto dependent = options.dependent.empty()
                             ? shipped_dependent_pairs(to_string(trained.config.data.kind))
                             : read_dependent_pairs(options.dependent);
  Diagnosis d{.options = options, .encoded = encode(trained, train, test, options)};
  d.spearman = spearman(d.encoded.activations.trained.index_select(0, d.encoded.halves.report));
  d.order = clustered_order(d.spearman);
  const auto& attributes = d.encoded.attributes;
  if (std::none_of(attributes.begin(), attributes.end(), is_editable)) {
    log_warning("no attribute can be tested: each is too rare, or no prototype tells it");
    return d;
  }
  const AttributeImages labelled = with_attributes(train, options.csv);
  d.judge = train_diagnosis_judge(trained, labelled, d.encoded.images.attributes.names, options.judge);
  warn_of_confounding(d, dependent);
  run_trials(d, trained);
  complete_pairs(d, dependent);
  d.suspects = suspects_of(d, trained);
  d.associations = measure_associations(d, trained, labelled);
  if (options.control_images > 0) {
    d.control = measure_control(trained, test, train,
                                {.images = options.control_images,
                                 .range = options.experiment.range,
                                 .regenerate = options.experiment.regenerate});
  }
  log_outcome(d);
  return d;
}

}  // namespace patronus
