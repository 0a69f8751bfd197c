#include "patronus/distributed/gather_rows.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

namespace patronus {

at::Tensor gather_rows(const at::Tensor& own, const ProcessGroup& group) {
  if (group.size() == 1) return own;
  const auto zeros = [&](int64_t ranks) {
    auto shape = own.sizes().vec();
    shape[0] *= ranks;
    return at::zeros(shape, own.options());
  };
  // Each element is nonzero on one rank only, so that the sums are exact.
  const auto padded = at::cat({zeros(group.rank()), own, zeros(group.size() - 1 - group.rank())});
  at::Tensor others;
  {
    const c10::NoGradGuard no_grad;
    others = padded.clone();
    group.sum(others);
    group.local_rows(others).zero_();
  }
  const auto all = padded + others;
  if (!all.requires_grad()) return all;
  all.register_hook([group](const at::Tensor& gradient) {
    const auto sum = gradient.clone(at::MemoryFormat::Contiguous);
    group.sum(sum);
    return sum;
  });
  return all;
}

}  // namespace patronus
