#include "patronus/distributed/share_rows.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "patronus/core/progress.h"

namespace patronus {
namespace {

/// Whether this thread makes rows that are shared already.
thread_local bool sharing = false;

/// Sets `sharing` while it lives.
struct SharingGuard {
  SharingGuard() { sharing = true; }
  ~SharingGuard() { sharing = false; }
  SharingGuard(const SharingGuard&) = delete;
  SharingGuard& operator=(const SharingGuard&) = delete;
};

/// Batches of results, and where their rows begin.
struct Batches {
  std::vector<int64_t> first;
  std::vector<std::vector<at::Tensor>> results;
};

Batches make_own(const ProcessGroup& ranks, const BatchedWork& work, const MakeRows& make) {
  Batches own;
  Progress progress(work.label, work.count, work.unit);
  const int64_t round = work.batch_size * ranks.size();
  for (int64_t first = ranks.rank() * work.batch_size; first < work.count; first += round) {
    own.first.push_back(first);
    own.results.push_back(make(first, std::min(work.batch_size, work.count - first)));
    // The other ranks are about as far.
    const int64_t start = first - ranks.rank() * work.batch_size;
    progress.advance(std::min(round, work.count - start));
  }
  return own;
}

/// The results of all batches, in order, in the layout of gathered ones: what is computed from them must not
/// depend on the number of ranks.
std::vector<at::Tensor> concatenated(const Batches& batches) {
  std::vector<at::Tensor> all;
  for (size_t r = 0; r < batches.results.front().size(); ++r) {
    std::vector<at::Tensor> parts;
    for (const auto& results : batches.results) parts.push_back(results[r]);
    all.push_back(at::cat(parts).contiguous());
  }
  return all;
}

/// Tensors of zeros for the results of all ranks. Rank 0, which has the first batch, tells their types and
/// shapes: a rank may have no batch at all.
std::vector<at::Tensor> empty_results(const ProcessGroup& ranks, const BatchedWork& work,
                                      const Batches& own) {
  constexpr int64_t kMost = 256;
  std::vector<int64_t> shapes;
  if (ranks.is_first()) {
    shapes.push_back(static_cast<int64_t>(own.results.front().size()));
    for (const auto& result : own.results.front()) {
      shapes.push_back(static_cast<int64_t>(result.scalar_type()));
      shapes.push_back(result.dim());
      shapes.insert(shapes.end(), result.sizes().begin(), result.sizes().end());
    }
  }
  TORCH_CHECK(std::ssize(shapes) <= kMost, shapes.size(), " numbers describe the results");
  shapes.resize(kMost);
  const auto description = at::tensor(shapes);
  ranks.broadcast({description});
  const int64_t* next = description.const_data_ptr<int64_t>();
  std::vector<at::Tensor> results(static_cast<size_t>(*next++));
  for (auto& result : results) {
    const auto type = static_cast<at::ScalarType>(*next++);
    const int64_t dimensions = *next++;
    std::vector<int64_t> shape(next, next + dimensions);
    shape.front() = work.count;
    next += dimensions;
    result = at::zeros(shape, at::TensorOptions(type));
  }
  return results;
}

/// Every byte is given by one rank and 0 in all others, so that sums are exact, whatever the bytes mean.
std::vector<at::Tensor> gathered(const ProcessGroup& ranks, const BatchedWork& work, const Batches& own) {
  auto all = empty_results(ranks, work, own);
  for (size_t r = 0; r < all.size(); ++r) {
    for (size_t b = 0; b < own.first.size(); ++b) {
      const auto& rows = own.results[b][r];
      all[r].narrow(0, own.first[b], rows.size(0)).copy_(rows);
    }
    ranks.sum(all[r].flatten().view(at::kByte));
  }
  return all;
}

}  // namespace

std::vector<at::Tensor> share_rows(const ProcessGroup& ranks, const BatchedWork& work, const MakeRows& make) {
  TORCH_CHECK(work.count > 0 && work.batch_size > 0, work.label, ": ", work.count, " ", work.unit,
              " in batches of ", work.batch_size);
  if (sharing || ranks.size() == 1) return concatenated(make_own({}, work, make));
  TORCH_CHECK(ranks.smallest(work.batch_size) == ranks.largest(work.batch_size), work.label,
              ": the ranks' batches differ in size");
  const Batches own = [&] {
    const SharingGuard guard;
    return make_own(ranks, work, make);
  }();
  ranks.barrier();
  return gathered(ranks, work, own);
}

}  // namespace patronus
