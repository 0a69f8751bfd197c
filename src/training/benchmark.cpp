#include "patronus/training/benchmark.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <sys/resource.h>
#include <torch/optim/adamw.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "patronus/core/error.h"
#include "patronus/core/gpu.h"
#include "patronus/core/progress.h"
#include "patronus/core/recorded_work.h"
#include "patronus/core/text.h"
#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/diffusion/round_trip.h"
#include "patronus/run/record.h"
#include "patronus/training/trainer.h"
#include "training/kernel_profile.h"
#include "training/operation_profile.h"

namespace patronus {
namespace {

/// Turns graphs off as long as it lives.
struct WithoutGraphs {
  WithoutGraphs() { set_graphs(false); }
  ~WithoutGraphs() { set_graphs(true); }
};

using Clock = std::chrono::steady_clock;

constexpr int64_t kRoundTripBatch = 16;
constexpr int64_t kEncodedBatch = 64;

/// Something to measure: does it once, waits for its end, and gives how much was done, in units.
using Work = std::function<double()>;

struct Task {
  std::string what;
  Work ours;
  Work baseline = {};
};

/// The work done in a second, over at least so many seconds; once at least.
double rate_of(const Work& work, double seconds) {
  const auto start = Clock::now();
  double done = 0, passed = 0;
  do {
    done += work();
    passed = std::chrono::duration<double>(Clock::now() - start).count();
  } while (passed < seconds);
  return done / passed;
}

/// On a GPU the next one is launched while the last one runs, as training and sampling do; measured one by
/// one, it would stand still in between.
int64_t in_a_row(at::Device device) {
  return device.is_cuda() ? 10 : 1;
}

/// Waits until a tensor is there.
void wait_for(const at::Tensor& tensor) {
  tensor.flatten()[0].item<float>();
}

at::Tensor random_images(const RunConfig& config, int64_t count, at::Device device) {
  return at::rand({count, config.data.channels, config.data.size, config.data.size},
                  at::TensorOptions(device)) *
             2 -
         1;
}

/// Training and evaluation as the reference's code does them: fp32, contiguous, LibTorch's own operators.
class ReferenceWay {
 public:
  ReferenceWay(const RunConfig& config, at::Device device)
      : model_(make_model(config)),
        schedule_(config.diffusion, device),
        prediction_(config.diffusion.prediction),
        distinct_margin_(config.training.distinct_margin) {
    model_.to(device);
    std::vector<at::Tensor> parameters;
    for (const auto& named : model_.parameters()) parameters.push_back(named.second);
    optimizer_ = std::make_unique<torch::optim::AdamW>(parameters, torch::optim::AdamWOptions(1e-5));
  }

  double train(const at::Tensor& images) {
    model_.train();
    const TrainingBatch batch{
        images, at::randint(schedule_.timesteps(), {images.size(0)}, images.options().dtype(at::kLong)),
        at::randn_like(images)};
    // It always computes the distinct loss, with weight 0 by default.
    const Losses losses = training_losses(model_, schedule_, batch,
                                          {.prediction = prediction_, .distinct_margin = distinct_margin_});
    const auto total = losses.total + 0 * distinct_loss(model_.encoder->prototypes(), distinct_margin_);
    optimizer_->zero_grad();
    total.backward();
    optimizer_->step();
    wait_for(total);
    return static_cast<double>(images.size(0));
  }

  at::Tensor activations(const at::Tensor& images) {
    const c10::NoGradGuard no_grad;
    return model_.encoder->forward(images).activation;
  }

  double evaluate(const at::Tensor& images, const at::Tensor& t, const at::Tensor& activations) {
    const c10::NoGradGuard no_grad;
    model_.eval();
    at::Tensor output;
    for (int64_t i = 0; i < in_a_row(images.device()); ++i)
      output = model_.unet->forward(images, t, activations);
    wait_for(output);
    return static_cast<double>(in_a_row(images.device()) * images.size(0));
  }

 private:
  PatronusModel model_;
  Schedule schedule_;
  PredictionKind prediction_;
  double distinct_margin_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

/// Everything that is measured, with what it works on.
class Subject {
 public:
  Subject(const RunConfig& config, bool baseline)
      : config_(config),
        device_(config.runtime.apply()),
        precision_(select_precision(config.runtime.precision, device_)),
        trainer_(config, /*total_steps=*/1'000'000, device_, precision_),
        model_(make_model(config)) {
    model_.to(device_);
    model_.use_channels_last();
    model_.eval();
    if (baseline) reference_ = std::make_unique<ReferenceWay>(config, device_);
  }

  at::Device device() const { return device_; }
  Precision precision() const { return precision_; }

  std::vector<Task> tasks() {
    std::vector<Task> tasks{training()};
    for (const int64_t batch : {1, 16, 64}) tasks.push_back(denoising(batch));
    if (config_.model.unet.condition != ConditionKind::kOff) tasks.push_back(encoding());
    tasks.push_back(round_trips());
    return tasks;
  }

  /// Of a step whose operations are launched one by one: those of a graph cannot be watched.
  OperationProfile profile_step() {
    const auto images = random_images(config_, config_.training.batch_size, device_);
    const auto profile = [&](Trainer& trainer) {
      return profile_operations([&] { wait_for(trainer.train_step(images).losses.total); });
    };
    if (!makes_graphs(device_)) return profile(trainer_);
    const WithoutGraphs without_graphs;
    Trainer launching(config_, /*total_steps=*/1'000'000, device_, precision_);
    return profile(launching);
  }

  /// Of the kernels of some steps.
  OperationProfile profile_step_kernels() {
    const auto train = training().ours;
    return profile_kernels([&] { train(); });
  }

 private:
  Task training() {
    const auto images = random_images(config_, config_.training.batch_size, device_);
    return {"training, batch " + std::to_string(images.size(0)),
            [this, images] {
              at::Tensor loss;
              for (int64_t i = 0; i < in_a_row(device_); ++i) loss = trainer_.train_step(images).losses.total;
              wait_for(loss);
              return static_cast<double>(in_a_row(device_) * images.size(0));
            },
            against([this, images] { return reference_->train(images); })};
  }

  Task denoising(int64_t batch) {
    const auto images = random_images(config_, batch, device_);
    const int64_t t = trainer_.schedule().timesteps() / 2;
    const auto timesteps = at::full({batch}, t, images.options().dtype(at::kLong));
    return {"denoising, batch " + std::to_string(batch),
            [this, denoiser = denoiser_for(images, precision_), images, t, batch] {
              at::Tensor x0;
              for (int64_t i = 0; i < in_a_row(device_); ++i) x0 = denoiser(images, t).x0;
              wait_for(x0);
              return static_cast<double>(in_a_row(device_) * batch);
            },
            against_denoising(images, timesteps, 1)};
  }

  Task encoding() {
    const auto images = random_images(config_, kEncodedBatch, device_);
    return {"encoding, batch " + std::to_string(kEncodedBatch), [this, images] {
              const c10::NoGradGuard no_grad;
              wait_for(model_.encoder->forward(images).activation);
              return static_cast<double>(kEncodedBatch);
            }};
  }

  Task round_trips() {
    const auto images = random_images(config_, kRoundTripBatch, device_);
    const InversionOptions options{.steps = std::min<int64_t>(20, trainer_.schedule().timesteps())};
    const auto timesteps = at::full({kRoundTripBatch}, 0, images.options().dtype(at::kLong));
    const double evaluations = 2 * static_cast<double>(trainer_.schedule().timesteps());
    return {"round trip, batch " + std::to_string(kRoundTripBatch),
            [this, denoiser = denoiser_for(images, inversion_precision(precision_)), images, options] {
              wait_for(round_trip(denoiser, images, trainer_.schedule(), options).image);
              return static_cast<double>(kRoundTripBatch);
            },
            against_denoising(images, timesteps, evaluations)};
  }

  Denoiser denoiser_for(const at::Tensor& images, Precision precision) {
    const c10::NoGradGuard no_grad;
    const auto denoiser =
        conditional_denoiser(model_.unet, trainer_.schedule(), config_.diffusion.prediction);
    return denoiser(model_.encoder->forward(images).activation, precision);
  }

  /// The reference's evaluations of the network, of which a unit of work takes as many as are told.
  Work against_denoising(const at::Tensor& images, const at::Tensor& t, double evaluations) {
    if (!reference_) return {};
    return [this, images, t, evaluations, activations = reference_->activations(images)] {
      return reference_->evaluate(images, t, activations) / evaluations;
    };
  }
  Work against(const Work& work) const { return reference_ ? work : Work(); }

  RunConfig config_;
  at::Device device_;
  Precision precision_;
  Trainer trainer_;
  PatronusModel model_;  // that is not trained meanwhile
  std::unique_ptr<ReferenceWay> reference_;
};

double matrix_gflops(int64_t side, at::Device device, Precision precision, double seconds) {
  const PrecisionGuard guard(device.type(), precision);
  const auto matrix = at::rand({side, side}, at::TensorOptions(device))
                          .to(precision == Precision::kBfloat16 ? at::kBFloat16 : at::kFloat);
  const Work work = [&] {
    wait_for(at::mm(matrix, matrix));
    return 2e-9 * std::pow(static_cast<double>(side), 3);
  };
  work();
  return rate_of(work, seconds);
}

/// Shares of the time; `rest` is what nothing of the profile took.
std::map<std::string, double> shares(const OperationProfile& profile, const std::string& rest) {
  std::map<std::string, double> result;
  double known = 0;
  for (const auto& [kind, seconds] : profile.kinds) {
    result[kind] = seconds / profile.seconds;
    known += seconds;
  }
  result[rest] = 1 - known / profile.seconds;
  return result;
}

/// The median with the lowest and highest: "15.6 (15.1 to 16)".
struct Spread {
  double median, low, high;
};

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

/// "-" of none.
std::string spread_text(const std::vector<double>& values) {
  if (values.empty()) return "-";
  const Spread s = spread_of(values);
  return rate_text(s.median) + " (" + rate_text(s.low) + " to " + rate_text(s.high) + ")";
}

std::vector<double> ratios(const MeasuredRate& rate) {
  std::vector<double> result;
  for (size_t i = 0; i < rate.baseline.size(); ++i) result.push_back(rate.rates[i] / rate.baseline[i]);
  return result;
}

nlohmann::ordered_json spread_json(const std::vector<double>& values) {
  const Spread s = spread_of(values);
  return {{"median", s.median}, {"low", s.low}, {"high", s.high}, {"rounds", values}};
}

}  // namespace

double Benchmark::training_gflops() const {
  return training_gflop * spread_of(rates.front().rates).median;
}

Benchmark run_benchmark(const RunConfig& config, const BenchmarkOptions& options) {
  if (options.rounds < 1)
    throw ConfigError("rounds " + std::to_string(options.rounds) + ": expected at least 1");
  if (!(options.seconds > 0))
    throw ConfigError("seconds " + decimal(options.seconds) + ": expected more than 0");
  Subject subject(config, options.baseline);
  auto tasks = subject.tasks();
  Benchmark benchmark;
  benchmark.device = subject.device().str();
  if (const auto gpu = describe_gpu(subject.device()); !gpu.empty()) benchmark.device = gpu.front().second;
  benchmark.precision = to_string(subject.precision());
  benchmark.threads = at::get_num_threads();
  for (const auto& task : tasks) {
    benchmark.rates.push_back({.what = task.what, .unit = "images/s", .rates = {}, .baseline = {}});
  }
  Progress progress("measuring", options.rounds * std::ssize(tasks), "rates");
  for (int64_t round = -1; round < options.rounds; ++round) {
    for (size_t i = 0; i < tasks.size(); ++i) {
      // The first round warms up.
      const double seconds = round < 0 ? 0 : options.seconds;
      const auto measure = [&](const Work& work, std::vector<double>& rates) {
        const double rate = work ? rate_of(work, seconds) : 0;
        if (work && round >= 0) rates.push_back(rate);
      };
      measure(tasks[i].ours, benchmark.rates[i].rates);
      measure(tasks[i].baseline, benchmark.rates[i].baseline);
      if (round >= 0) progress.advance();
    }
  }
  const OperationProfile step = subject.profile_step();
  benchmark.training_gflop = 1e-9 * step.flop / static_cast<double>(config.training.batch_size);
  benchmark.time = subject.device().is_cuda()
                       ? shares(subject.profile_step_kernels(), "nothing: the GPU waits")
                       : shares(step, "group norms, and outside of LibTorch's operators");
  benchmark.matrix_side = subject.device().is_cuda() ? 8192 : 1024;
  benchmark.matrix_gflops =
      matrix_gflops(benchmark.matrix_side, subject.device(), subject.precision(), options.seconds);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  benchmark.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
  benchmark.peak_gpu_mib = static_cast<double>(peak_gpu_bytes(subject.device())) / (1 << 20);
  return benchmark;
}

std::string benchmark_markdown(const Benchmark& b) {
  const bool baseline = !b.rates.front().baseline.empty();
  std::string text = b.device + ", " + std::to_string(b.threads) + " threads, " + b.precision +
                     "; images/s, median (range) of " + std::to_string(b.rates.front().rates.size()) +
                     " rounds\n\n";
  std::vector<Record> rows;
  for (const auto& rate : b.rates) {
    rows.push_back({shown("what", rate.what), shown("patronus", spread_text(rate.rates))});
    if (!baseline) continue;
    rows.back().push_back(shown("the reference's way", spread_text(rate.baseline)));
    rows.back().push_back(shown("ratio", spread_text(ratios(rate))));
  }
  text += record_markdown(rows) + "\n";
  std::vector<std::pair<double, std::string>> kinds;
  for (const auto& [kind, share] : b.time) kinds.emplace_back(share, kind);
  std::sort(kinds.rbegin(), kinds.rend());
  std::vector<Record> times;
  for (const auto& [share, kind] : kinds)
    times.push_back({shown("time of a training step", kind), shown("share", fixed(100 * share, 0) + " %")});
  return text + record_markdown(times) + "\ntraining takes " + rate_text(b.training_gflop) +
         " GFLOP an image and reaches " + rate_text(b.training_gflops()) + " GFLOP/s; a matrix product of " +
         std::to_string(b.matrix_side) + " x " + std::to_string(b.matrix_side) + " reaches " +
         rate_text(b.matrix_gflops) + "; the process took " + fixed(b.peak_mib, 0) + " MiB" +
         (b.peak_gpu_mib > 0 ? ", and " + fixed(b.peak_gpu_mib, 0) + " MiB of the GPU" : "") + "\n";
}

nlohmann::ordered_json benchmark_json(const Benchmark& b) {
  nlohmann::ordered_json json{{"device", b.device}, {"precision", b.precision}, {"threads", b.threads}};
  for (const auto& rate : b.rates) {
    nlohmann::ordered_json entry{
        {"what", rate.what}, {"unit", rate.unit}, {"patronus", spread_json(rate.rates)}};
    if (!rate.baseline.empty()) {
      entry["baseline"] = spread_json(rate.baseline);
      entry["ratio"] = spread_json(ratios(rate));
    }
    json["rates"].push_back(entry);
  }
  json["training_gflop_an_image"] = b.training_gflop;
  json["training_gflops"] = b.training_gflops();
  json["matrix_gflops"] = b.matrix_gflops;
  json["matrix_side"] = b.matrix_side;
  json["time_of_a_training_step"] = b.time;
  json["peak_mib"] = b.peak_mib;
  if (b.peak_gpu_mib > 0) json["peak_gpu_mib"] = b.peak_gpu_mib;
  return json;
}

}  // namespace patronus
