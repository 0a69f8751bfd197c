#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "patronus/run/run_config.h"

namespace patronus {

struct BenchmarkOptions {
  int64_t rounds = 5;     // in each of which everything is measured once, in turn
  double seconds = 1;     // that a measurement takes at least
  bool baseline = false;  // also as the reference does it
};

/// How fast one thing is: its work a second, a number a round.
struct MeasuredRate {
  std::string what;              // "training, batch 32"
  std::string unit;              // "images/s"
  std::vector<double> rates;     // ours
  std::vector<double> baseline;  // the reference's way in the same round; empty where it is not measured
};

/// Speed of a configuration's model with random weights and images.
struct Benchmark {
  std::string device;
  std::string precision;
  int64_t threads = 0;
  std::vector<MeasuredRate> rates;
  double training_gflop = 0;           // an image: convolutions and matrix products, both ways
  double convolution_gflop = 0;        // of it, that of convolutions
  std::map<std::string, double> time;  // shares of a training step, by kind of operation; they add up to 1
  double matrix_gflops = 0;            // GFLOP/s of one large matrix product, in the UNet's precision
  int64_t matrix_side = 0;             // its rows and columns
  std::vector<double> start_seconds;   // from the start to the end of this program when asked for help
  double peak_mib = 0;                 // of the process
  double peak_gpu_mib = 0;             // of the tensors on the GPU, at most; 0 on the CPU
};

/// Measures training, denoising of 1, 16 and 64 images, encoding, inversion, decoding and both, a round trip
/// (invert_ddim's defaults), the manipulation of one image (there, and back under edited activations with
/// guidance), and the start of this program. The baseline is fp32, contiguous, unfused, waits for the loss of
/// every step, and takes T evaluations for an inversion or decoding and 2 T for a round trip or a
/// manipulation, whose rates follow from that of one evaluation. ConfigError for fewer than one round or a
/// time that is not positive.
Benchmark run_benchmark(const RunConfig& config, const BenchmarkOptions& options);

}  // namespace patronus
