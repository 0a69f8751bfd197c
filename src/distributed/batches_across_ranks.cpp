#include "patronus/distributed/batches_across_ranks.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "patronus/core/progress.h"

namespace patronus {
namespace {

/// Whether this thread is inside compute_batches_across_ranks already; a nested call then computes all of its
/// rows itself.
thread_local bool sharing = false;

struct SharingGuard {
  SharingGuard() { sharing = true; }
  ~SharingGuard() { sharing = false; }
  SharingGuard(const SharingGuard&) = delete;
  SharingGuard& operator=(const SharingGuard&) = delete;
};

/// Zeros for the results of all items, with the batch's types and row shapes.
std::vector<at::Tensor> empty_results(const BatchedWork& work, const std::vector<at::Tensor>& batch) {
  std::vector<at::Tensor> all;
  for (const auto& rows : batch) {
    auto shape = rows.sizes().vec();
    shape.front() = work.count;
    all.push_back(at::zeros(shape, at::TensorOptions(rows.scalar_type())));
  }
  return all;
}

/// Results of this rank's batches at their positions, zeros elsewhere; empty if the rank has no batch. All
/// are contiguous, so that what is computed from them does not depend on the batches' memory layout.
std::vector<at::Tensor> make_own(const ProcessGroup& ranks, const BatchedWork& work,
                                 const ComputeBatch& make) {
  std::vector<at::Tensor> all;
  Progress progress(work.label, work.count, work.unit);
  const int64_t round = work.batch_size * ranks.size();
  for (int64_t first = ranks.rank() * work.batch_size; first < work.count; first += round) {
    const int64_t count = std::min(work.batch_size, work.count - first);
    const auto batch = make(first, count);
    if (all.empty()) all = empty_results(work, batch);
    TORCH_CHECK(batch.size() == all.size(), work.label, ": batches differ in what they give");
    for (size_t r = 0; r < all.size(); ++r) {
      const auto place = all[r].narrow(0, first, count);
      TORCH_CHECK(batch[r].sizes() == place.sizes() && batch[r].scalar_type() == place.scalar_type(),
                  work.label, ": ", batch[r].toString(), batch[r].sizes(), " for ", place.toString(),
                  place.sizes());
      place.copy_(batch[r]);
    }
    // Assumes that the other ranks are about as far.
    const int64_t start = first - ranks.rank() * work.batch_size;
    progress.advance(std::min(round, work.count - start));
  }
  return all;
}

/// Broadcasts the results' types and shapes from rank 0, which has the first batch; a rank may have no batch.
void agree_on_shapes(const ProcessGroup& ranks, std::vector<at::Tensor>& results) {
  constexpr int64_t kMax = 256;
  std::vector<int64_t> shapes{std::ssize(results)};
  for (const auto& result : results) {
    shapes.push_back(static_cast<int64_t>(result.scalar_type()));
    shapes.push_back(result.dim());
    shapes.insert(shapes.end(), result.sizes().begin(), result.sizes().end());
  }
  TORCH_CHECK(std::ssize(shapes) <= kMax, shapes.size(), " numbers describe the results");
  shapes.resize(kMax);
  const auto description = at::tensor(shapes);
  ranks.broadcast({description});
  if (!results.empty()) return;
  const int64_t* next = description.const_data_ptr<int64_t>();
  results.resize(static_cast<size_t>(*next++));
  for (auto& result : results) {
    const auto type = static_cast<at::ScalarType>(*next++);
    const int64_t dimensions = *next++;
    result = at::zeros({next, static_cast<size_t>(dimensions)}, at::TensorOptions(type));
    next += dimensions;
  }
}

}  // namespace

std::vector<at::Tensor> compute_batches_across_ranks(const ProcessGroup& ranks, const BatchedWork& work,
                                                     const ComputeBatch& make) {
  TORCH_CHECK(work.count > 0 && work.batch_size > 0, work.label, ": ", work.count, " ", work.unit,
              " in batches of ", work.batch_size);
  if (sharing || ranks.size() == 1) return make_own({}, work, make);
  ranks.barrier();  // some may have decoded for hours
  TORCH_CHECK(ranks.all_reduce_min(work.batch_size) == ranks.all_reduce_max(work.batch_size), work.label,
              ": the ranks' batches differ in size");
  auto results = [&] {
    const SharingGuard guard;
    return make_own(ranks, work, make);
  }();
  ranks.barrier();
  agree_on_shapes(ranks, results);
  // Each byte is nonzero on one rank only, so that the sums are exact for any type.
  for (const auto& result : results) ranks.sum(result.flatten().view(at::kByte));
  return results;
}

}  // namespace patronus
