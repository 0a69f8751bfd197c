#pragma once
#include "patronus/distributed/process_group.h"

namespace patronus {

/// The rows [b, ...] of all ranks as [B, ...], in the order of ranks, differentiable: the gradient of a
/// rank's rows is the sum of what all ranks' losses say of them, so that a later mean of parameter gradients
/// over ranks is that of the mean loss.
at::Tensor gather_rows(const at::Tensor& own, const ProcessGroup& group);

}  // namespace patronus
