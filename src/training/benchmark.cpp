#include "patronus/training/benchmark.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>

#include "patronus/core/child_process.h"
#include "patronus/core/error.h"
#include "patronus/core/gpu.h"
#include "patronus/core/progress.h"
#include "patronus/core/recorded_work.h"
#include "patronus/core/text.h"
#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/diffusion/round_trip.h"
#include "patronus/io/open_file.h"
#include "patronus/training/trainer.h"
#include "training/kernel_profile.h"
#include "training/measure.h"
#include "training/operation_profile.h"
#include "training/reference_implementation.h"

namespace patronus {
namespace {

/// Disables graphs during its lifetime.
struct WithoutGraphs {
  WithoutGraphs() { set_cuda_graphs(false); }
  ~WithoutGraphs() { set_cuda_graphs(true); }
};

constexpr int64_t kRoundTripBatch = 16;
constexpr int64_t kEncodedBatch = 64;

struct Task {
  std::string what;
  MeasuredWork ours;
  MeasuredWork baseline = {};
};

/// The tasks to measure and the models and data they use.
class Subject {
 public:
  Subject(const RunConfig& config, bool baseline)
      : config_(config),
        device_(config.runtime.apply()),
        precision_(select_precision(config.runtime.precision, device_)),
        trainer_(config, /*total_steps=*/1'000'000, device_, precision_),
        model_(make_model(config)) {
    model_.to(device_);
    use_channels_last(*model_.unet);
    model_.eval();
    if (baseline) reference_ = std::make_unique<ReferenceImplementation>(config, device_);
  }

  at::Device device() const { return device_; }
  Precision precision() const { return precision_; }

  std::vector<Task> tasks() {
    std::vector<Task> tasks{training()};
    for (const int64_t batch : {1, 16, 64}) tasks.push_back(denoising(batch));
    const bool is_conditional = config_.model.unet.condition != ConditionKind::kOff;
    if (is_conditional) tasks.push_back(encoding());
    tasks.push_back(inversion());
    tasks.push_back(decoding());
    tasks.push_back(round_trips());
    if (is_conditional) {
      tasks.push_back(manipulation(false));
      tasks.push_back(manipulation(true));
    }
    return tasks;
  }

  /// Profile of a training step without graphs, whose operations cannot be observed.
  OperationProfile profile_step() {
    const auto images = random_images(config_, config_.training.batch_size, device_);
    const auto profile = [&](Trainer& trainer) {
      return profile_operations([&] { wait_for(trainer.train_step(images).losses.total); });
    };
    if (!uses_cuda_graphs(device_)) return profile(trainer_);
    const WithoutGraphs without_graphs;
    Trainer launching(config_, /*total_steps=*/1'000'000, device_, precision_);
    return profile(launching);
  }

  /// Profile of the GPU kernels of a few training steps.
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
              for (int64_t i = 0; i < launches_per_wait(device_); ++i)
                loss = trainer_.train_step(images).losses.total;
              wait_for(loss);
              return static_cast<double>(launches_per_wait(device_) * images.size(0));
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
              for (int64_t i = 0; i < launches_per_wait(device_); ++i) x0 = denoiser(images, t).x0;
              wait_for(x0);
              return static_cast<double>(launches_per_wait(device_) * batch);
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

  Task inversion() {
    const auto images = random_images(config_, kRoundTripBatch, device_);
    return of_chains("inversion, batch " + std::to_string(kRoundTripBatch), images, 1,
                     [this, denoiser = denoiser_for(images, inversion_precision(precision_)), images] {
                       return invert_ddim(denoiser, images, trainer_.schedule(), inversion_options()).x_T;
                     });
  }

  Task decoding() {
    const auto images = random_images(config_, kRoundTripBatch, device_);
    return of_chains("decoding, batch " + std::to_string(kRoundTripBatch), images, 1,
                     [this, denoiser = denoiser_for(images, inversion_precision(precision_)),
                      x_T = at::randn_like(images)] {
                       return sample(denoiser, x_T, trainer_.schedule(),
                                     {.steps = inversion_options().steps});
                     });
  }

  Task round_trips() {
    const auto images = random_images(config_, kRoundTripBatch, device_);
    return of_chains("round trip, batch " + std::to_string(kRoundTripBatch), images, 2,
                     [this, denoiser = denoiser_for(images, inversion_precision(precision_)), images] {
                       return round_trip(denoiser, images, trainer_.schedule(), inversion_options()).image;
                     });
  }

  /// Edits a single image as the paper does, or with guidance.
  Task manipulation(bool is_guided) {
    constexpr double kStrength = 1.5;
    const c10::NoGradGuard no_grad;
    const auto image = random_images(config_, 1, device_);
    const Precision precision = inversion_precision(precision_);
    const auto activation = model_.encoder->forward(image).activation;
    auto edited = activation.clone();
    edited.select(1, 0).add_(1);
    const auto back = is_guided ? guided_denoiser(conditional_model(), activation, edited,
                                                  at::full({1}, kStrength, image.options()), precision)
                                : conditional_model()(edited, precision);
    return of_chains(is_guided ? "guided manipulation of one image" : "manipulation of one image", image, 2,
                     [this, denoiser = denoiser_for(image, precision), back, image] {
                       const InversionOptions options = inversion_options();
                       const auto x_T = invert_ddim(denoiser, image, trainer_.schedule(), options).x_T;
                       return sample(back, x_T, trainer_.schedule(), {.steps = options.steps});
                     });
  }

  /// `follow` takes `images` along `chains` denoising chains. The baseline is the same number of the
  /// reference's chains, which take all timesteps.
  Task of_chains(const std::string& what, const at::Tensor& images, int64_t chains,
                 const std::function<at::Tensor()>& follow) {
    const auto timesteps = at::zeros({images.size(0)}, images.options().dtype(at::kLong));
    const auto evaluations = static_cast<double>(chains * trainer_.schedule().timesteps());
    return {what,
            [follow, count = images.size(0)] {
              wait_for(follow());
              return static_cast<double>(count);
            },
            against_denoising(images, timesteps, evaluations)};
  }

  /// Default options, with the steps limited to the number of timesteps.
  InversionOptions inversion_options() const {
    return {.steps = std::min(InversionOptions{}.steps, trainer_.schedule().timesteps())};
  }

  ConditionalDenoiser conditional_model() const {
    return conditional_denoiser(model_.unet, trainer_.schedule(), config_.diffusion.prediction);
  }

  Denoiser denoiser_for(const at::Tensor& images, Precision precision) {
    const c10::NoGradGuard no_grad;
    return conditional_model()(model_.encoder->forward(images).activation, precision);
  }

  /// The reference's network evaluations, `evaluations` of them for one unit of work.
  MeasuredWork against_denoising(const at::Tensor& images, const at::Tensor& t, double evaluations) {
    if (!reference_) return {};
    return [this, images, t, evaluations, activations = reference_->activations(images)] {
      return reference_->evaluate(images, t, activations) / evaluations;
    };
  }
  MeasuredWork against(const MeasuredWork& work) const { return reference_ ? work : MeasuredWork(); }

  RunConfig config_;
  at::Device device_;
  Precision precision_;
  Trainer trainer_;
  PatronusModel model_;  // not trained, unlike the trainer's
  std::unique_ptr<ReferenceImplementation> reference_;
};

double matrix_gflops(int64_t side, at::Device device, Precision precision, double seconds) {
  const PrecisionGuard guard(device.type(), precision);
  const auto matrix = at::rand({side, side}, at::TensorOptions(device))
                          .to(precision == Precision::kBfloat16 ? at::kBFloat16 : at::kFloat);
  const MeasuredWork work = [&] {
    wait_for(at::mm(matrix, matrix));
    return 2e-9 * std::pow(static_cast<double>(side), 3);
  };
  work();
  return rate_of(work, seconds);
}

/// Seconds that the program takes to run `--help`.
double start_seconds() {
  const OpenFile nowhere("/dev/null", O_WRONLY);
  const auto start = std::chrono::steady_clock::now();
  run_child({.argv = {this_program(), "--help"}, .output = nowhere.descriptor()});
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  return passed.count();
}

/// Shares of the total time; `rest` names the time outside of all kinds.
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

}  // namespace

Benchmark run_benchmark(const RunConfig& config, const BenchmarkOptions& options) {
  if (options.rounds < 1)
    throw ConfigError("rounds " + std::to_string(options.rounds) + ": expected at least 1");
  if (!(options.seconds > 0))
    throw ConfigError("seconds " + format_float(options.seconds) + ": expected more than 0");
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
      // Round -1 warms up.
      const double seconds = round < 0 ? 0 : options.seconds;
      const auto measure = [&](const MeasuredWork& work, std::vector<double>& rates) {
        const double rate = work ? rate_of(work, seconds) : 0;
        if (work && round >= 0) rates.push_back(rate);
      };
      measure(tasks[i].ours, benchmark.rates[i].rates);
      measure(tasks[i].baseline, benchmark.rates[i].baseline);
      if (round >= 0) progress.advance();
    }
  }
  for (int64_t round = 0; round < options.rounds; ++round) benchmark.start_seconds.push_back(start_seconds());
  const OperationProfile step = subject.profile_step();
  const auto batch = static_cast<double>(config.training.batch_size);
  benchmark.training_gflop = 1e-9 * step.flop / batch;
  benchmark.convolution_gflop = 1e-9 * step.convolution_flop / batch;
  benchmark.time = subject.device().is_cuda()
                       ? shares(subject.profile_step_kernels(), "nothing: the GPU waits")
                       : shares(step, "group norms, and outside of LibTorch's operators");
  benchmark.matrix_side = subject.device().is_cuda() ? 8192 : 1024;
  benchmark.matrix_gflops =
      matrix_gflops(benchmark.matrix_side, subject.device(), subject.precision(), options.seconds);
  benchmark.peak_mib = peak_process_mib();
  benchmark.peak_gpu_mib = peak_gpu_mib(subject.device());
  return benchmark;
}

}  // namespace patronus
