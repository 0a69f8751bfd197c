#pragma once
#include "patronus/distributed/process_group.h"

namespace patronus {

/// Concatenates the rows [b, ...] of all ranks to [B, ...], in rank order. Differentiable: the gradient of a
/// rank's rows is the sum of those from all ranks' losses, so that averaging parameter gradients over ranks
/// gives the gradient of the mean loss.
at::Tensor gather_rows(const at::Tensor& own, const ProcessGroup& group);

}  // namespace patronus
