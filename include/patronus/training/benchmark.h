#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "patronus/run/run_config.h"

namespace patronus {

struct BenchmarkOptions {
  int64_t rounds = 5;     // number of rounds, each of which measures everything once, in turn
  double seconds = 1;     // shortest duration of a measurement
  bool baseline = false;  // whether to measure the reference's way as well
};

/// Speed of one operation, in units of work per second, once per round.
struct MeasuredRate {
  std::string what;              // "training, batch 32"
  std::string unit;              // "images/s"
  std::vector<double> rates;     // of this program
  std::vector<double> baseline;  // of the reference's way in the same rounds; empty if not measured
};

/// Speed of a configuration's model with random weights and images.
struct Benchmark {
  std::string device;
  std::string precision;
  int64_t threads = 0;
  std::vector<MeasuredRate> rates;
  double training_gflop = 0;           // per image: convolutions and matrix products, forward and backward
  double convolution_gflop = 0;        // part of it for convolutions
  std::map<std::string, double> time;  // shares of a training step by kind of operation, with sum 1
  double matrix_gflops = 0;            // GFLOP/s of one large matrix product, at the UNet's precision
  int64_t matrix_side = 0;             // its rows and columns
  std::vector<double> start_seconds;   // durations of this program with --help, from start to end
  double peak_mib = 0;                 // of the process
  double peak_gpu_mib = 0;             // peak of tensors on the GPU; 0 on the CPU
};

/// Measures training; denoising of 1, 16 and 64 images; encoding; inversion, decoding and a round trip of
/// both (invert_ddim's defaults); manipulation of one image (inversion, and regeneration under edited
/// activations with guidance); and the start of this program. The baseline is fp32, contiguous and unfused,
/// and synchronises after every step for its loss; it takes T evaluations for an inversion or decoding and 2
/// T for a round trip or manipulation, whose rates are computed from that of one evaluation. Throws
/// ConfigError for fewer than one round or a duration that is not positive.
Benchmark run_benchmark(const RunConfig& config, const BenchmarkOptions& options);

}  // namespace patronus
